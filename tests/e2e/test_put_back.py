"""T4, the reverse: the database is put back to an earlier moment, and Temporal is not."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from leadflow.engine.events import FieldsSet
from leadflow.store.backup import write_backup
from leadflow.store.leads import history
from leadflow.store.outbox import outbox
from leadflow.store.seat import confirm
from leadflow.store.todo import find_tasks
from leadflow.text import render
from proving.sinks.process import Sink
from tests.e2e.copies import QUICK, begun, call, offered, recovery, restored, sent
from tests.support.running import ANNA, Home, home, working
from tests.support.tiny import tiny
from workflows.gateway import TemporalGateway
from workflows.reconcile import Reconciliation

pytestmark = pytest.mark.usefixtures("impatient")


def memory(one: Home, lead: str) -> dict[str, Any]:
    """What an installation knows of a lead."""
    row = one.row(lead)
    return {
        "row": (row.stage, row.owner, row.fields, row.closed),
        "timeline": [(each.version, each.event, each.kind) for each in history(one.store, lead)],
        "tasks": sorted(
            (each.key, each.title, each.assignee, each.status)
            for each in find_tasks(one.store, lead=lead, status="")
        ),
        "outbox": sorted((each.key, each.state) for each in outbox(one.store, lead=lead)),
    }


async def test_a_database_put_back_learns_what_it_forgot(
    tmp_path: Path, temporal_server: str, database_url: str, elsewhere: str
) -> None:
    """Rows, timeline, tasks and ledger are again what they were; a message that went does not go a second time.

    One lead heals by its own next commit, one when the two are reconciled; one that the database never knew is an orphan.
    """
    with Sink("smtp", tmp_path) as smtp:
        async with home(
            tmp_path, temporal_server, tiny(), database=database_url, smtp_url=smtp.url
        ) as one:
            async with working(one.settings):
                quiet, acting = [await begun(one, number) for number in range(2)]
                early = await offered(one, 2)
                await sent(one)
                now = await one.clock.now()
                file = tmp_path / "b.backup"
                await asyncio.to_thread(write_backup, one.store, file, one.vault.key, now)
                # A door stores this itself: it is in no commit of the workflow's own.
                door = TemporalGateway(one.client, one.store, one.vault, one.clock, render)
                fields = FieldsSet(id="f", actor=ANNA, fields={"price": "77"})
                for lead in (quiet, acting):
                    assert not (await door.act(lead, fields)).refusals
                    await call(one, lead)
                unknown = await begun(one, 3)
                await sent(one)
            namespace = one.settings.temporal_namespace
            async with (
                restored(
                    one, file, tmp_path / "copy", elsewhere, namespace=namespace, smtp=smtp.url
                ) as copy,
                working(copy.settings),
            ):
                assert copy.row(acting).stage == "new"
                more = FieldsSet(id="g", actor=ANNA, fields={"price": "78"})
                assert not (await copy.gateway.act(acting, more)).refusals
                await copy.until(acting, lambda row: row.fields["price"] == "78")
                known, again = memory(one, acting), memory(copy, acting)
                assert again["timeline"][: len(known["timeline"])] == known["timeline"]
                assert (again["tasks"], again["outbox"]) == (known["tasks"], known["outbox"])

                comparing = Reconciliation(recovery(copy), await copy.clock.now())
                found = await comparing.reconcile(repair=True, end_orphans=True, pace=QUICK)
                assert {(each.kind, each.lead, bool(each.done)) for each in found} == {
                    ("store_behind", quiet, True),
                    ("orphan", unknown, True),
                }
                wanted = memory(one, quiet)
                now_known = memory(copy, quiet)
                assert now_known["timeline"][: len(wanted["timeline"])] == wanted["timeline"]
                for part in ("row", "tasks", "outbox"):
                    assert now_known[part] == wanted[part]
                confirm(copy.store, await copy.clock.now(), ask=False)
                await offered(copy, 4)
                await sent(copy)
                assert await comparing.reconcile(repair=False, end_orphans=False, pace=QUICK) == []
            assert early in {row.lead for row in outbox(one.store)}
        keys = [message["key"] for message in smtp.messages()]
        assert len(keys) == len({*keys}) == 4
