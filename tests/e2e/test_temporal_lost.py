"""T4: Temporal's data is gone, the database is there. Leads go on from it; what had arrived does not arrive again."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from leadflow.engine.events import Created, Signal
from leadflow.store.intake import add_lead, told
from leadflow.store.outbox import find_alerts, outbox
from leadflow.store.seat import confirm, look
from proving.sinks.process import Sink
from tests.e2e.copies import ACTORS, QUICK, all_held, begun, call, offered, recovery, sent, states
from tests.support.running import Home, home, installed, until, working
from tests.support.temporal import own_namespace
from tests.support.tiny import TINY, tiny
from workflows.reconcile import Reconciliation

pytestmark = pytest.mark.usefixtures("impatient")
CONVERTING = TINY.replace("final: success}", "final: success, convert: [{create: [contact]}]}")


@contextlib.asynccontextmanager
async def lost(one: Home) -> AsyncIterator[Home]:
    """The same installation in front of an empty namespace, and at work."""
    old = one.settings
    async with (
        own_namespace(old.temporal_address) as namespace,
        installed(
            old.home,
            old.temporal_address,
            namespace,
            database_url=old.database_url,
            smtp_url=old.smtp_url,
        ) as again,
        working(again.settings),
    ):
        yield again


async def test_leads_go_on_without_their_histories(
    tmp_path: Path, temporal_server: str, database_url: str
) -> None:
    """Open leads, one just acknowledged, one with its offer on the way, one with it sent: each goes on as it stood.

    An alert says what to do until it is done. A conversion works afterwards, so that nothing that a commit had answered
    is missing.
    """
    with Sink("smtp", tmp_path) as smtp:
        made = tiny(CONVERTING)
        async with home(
            tmp_path, temporal_server, made, database=database_url, smtp_url=smtp.url
        ) as one:
            async with working(one.settings):
                early, gone = await begun(one, 1), await offered(one, 2)
                await sent(one)
                smtp.stop()
                under_way = await offered(one, 3)
            smtp.start()
            now = await one.clock.now()
            new = add_lead(one.store, one.vault, "tiny", Created(id="x"), now=now).lead
            told(one.store, new, ["x"])  # Temporal had heard of it
            async with lost(one) as again:
                copy = await until(lambda: look(again.store), bool)
                assert copy is not None
                assert copy.cause == "elsewhere"
                (alert,) = find_alerts(again.store)
                assert "3 open leads" in alert.text
                found = await recovery(again).recover(now, dry=False, pace=QUICK)
                assert (found.begun, found.untold, found.messages) == (3, 1, 1)
                assert find_alerts(again.store) == []
                await again.until(new, lambda row: row.stage == "new")
                await call(again, early)
                await all_held(again)
                assert smtp.count() == 1
                confirm(again.store, await again.clock.now(), ask=False)
                await sent(again)
                for lead in (gone, under_way, early):
                    await agreed(again, lead)
                comparing = Reconciliation(recovery(again), await again.clock.now())
                assert await comparing.reconcile(repair=False, end_orphans=False, pace=QUICK) == []
        keys = [message["key"] for message in smtp.messages()]
        assert sorted(keys) == sorted(row.hash for row in outbox(one.store))
        assert len(keys) == 3


async def agreed(one: Home, lead: str) -> None:
    """Sold: converted, closed, its run at its end."""
    by = ACTORS[one.row(lead).owner]
    assert not (
        await one.gateway.act(lead, Signal(id=f"s/{lead}", actor=by, name="agreed"))
    ).refusals
    await one.until(lead, lambda row: row.closed == "success")
    await one.client.get_workflow_handle(lead).result()


async def test_nobody_can_be_sure_stays_a_question(
    tmp_path: Path, temporal_server: str, database_url: str
) -> None:
    """A message that was ambiguous before is ambiguous after, with one task; settled, it ends."""
    with Sink("smtp", tmp_path) as smtp:
        smtp.script({"at": "accepted", "drop": True, "times": 1})
        async with home(
            tmp_path, temporal_server, tiny(), database=database_url, smtp_url=smtp.url
        ) as one:
            async with working(one.settings):
                lead = await offered(one, 1)
                await until(lambda: [*states(one).values()], lambda now: now == ["ambiguous"])
                await until(lambda: one.card(lead), lambda card: "settle" in card.tasks)
                await one.calm(lead)
            async with lost(one) as again:
                await recovery(again).recover(await again.clock.now(), dry=False, pace=QUICK)
                confirm(again.store, await again.clock.now(), ask=False)
                card = await again.card(lead)
                assert [task.id for task in card.tasks.values() if task.settles] == ["settle"]
                assert states(again) == states(one)
        assert smtp.count() == 1
