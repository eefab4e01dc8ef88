"""Store and Temporal differ: each difference is named, mended, and gone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from leadflow.engine.decide import begin, decide
from leadflow.engine.events import AnyEvent, Created, FieldsSet, Moved, Signal
from leadflow.errors import Unreachable
from leadflow.ports import Commit, Committed
from leadflow.store.commit import commit
from leadflow.store.intake import add_lead, told
from leadflow.store.leads import history
from leadflow.store.outbox import hold, outbox, release_hold
from leadflow.store.published import newest
from leadflow.store.tables import effects
from leadflow.text import render
from proving.sinks.process import Sink
from tests.e2e.copies import QUICK, begun, call, offered, recovery, sent
from tests.support.hasty import HastyWorkflow
from tests.support.running import ANNA, Home, home, until, working
from tests.support.tiny import TINY, tiny
from workflows import names, steps
from workflows.gateway import TemporalGateway
from workflows.lead import LeadWorkflow
from workflows.looking import look
from workflows.payloads import data_converter
from workflows.reconcile import Difference, Reconciliation
from workflows.shapes import Start

pytestmark = pytest.mark.usefixtures("impatient")
MADE = tiny(TINY.replace("reopen: new}", "reopen: new, always: true}"))


@pytest.fixture
async def one(tmp_path: Path, temporal_server: str, database_url: str) -> AsyncIterator[Home]:
    """An installation at work, whose mail arrives."""
    with Sink("smtp", tmp_path) as smtp:
        async with (
            home(
                tmp_path, temporal_server, MADE, database=database_url, smtp_url=smtp.url
            ) as installed,
            working(installed.settings),
        ):
            yield installed


async def found(
    one: Home, *, repair: bool = False, end_orphans: bool = False, restart_stuck: bool = False
) -> list[Difference]:
    comparing = Reconciliation(recovery(one), await one.clock.now() + timedelta(minutes=1))
    return await comparing.reconcile(
        repair=repair, end_orphans=end_orphans, restart_stuck=restart_stuck, pace=QUICK
    )


async def mended(one: Home, kind: str) -> None:
    """Named without being touched, then mended, then gone."""
    for _ in range(2):
        assert [(each.kind, each.done) for each in await found(one)] == [(kind, "")]
    after = await found(one, repair=True)
    assert [(each.kind, bool(each.done)) for each in after] == [(kind, True)], after
    assert await found(one) == []


async def stored(one: Home, lead: str, event: AnyEvent) -> None:
    """The store has an event that the workflow has not: what an operator's reset leaves."""
    handle = one.client.get_workflow_handle_for(LeadWorkflow.run, lead)

    async def at_rest() -> bool:
        """Nothing is under way, and nothing waits for the next commit."""
        pending = (await look(one.client, lead)).pending
        if (await handle.describe()).raw_description.pending_activities:
            return False
        if pending:
            await handle.signal(LeadWorkflow.mend, ())
        return not pending

    await until(at_rest, bool)
    now = await one.clock.now()
    decision = decide(MADE.pipeline, await one.card(lead), event, now)
    batch = Commit(decision.state, (steps.happened(event, decision, now),))
    commit(one.store, one.vault, batch, render, now)


async def restarted(one: Home, lead: str) -> None:
    """Another run of the lead, which knows nothing of messages under way."""
    await one.client.get_workflow_handle(lead).terminate()
    start = await recovery(one).delivery.start_from_store(lead)
    await one.client.start_workflow(LeadWorkflow.run, start, id=lead, task_queue=names.LEADS_QUEUE)


async def test_where_both_agree_nothing_is_said(one: Home) -> None:
    """Open leads, one with its message sent, a closed one: no difference."""
    await begun(one, 1)
    await offered(one, 2)
    closed = await offered(one, 3)
    await sent(one)
    await one.gateway.act(closed, Signal(id="s", actor=ANNA, name="agreed"))
    await one.client.get_workflow_handle(closed).result()
    assert await found(one) == []


async def test_a_lead_without_a_workflow(one: Home) -> None:
    """Ended by hand at Temporal: begun again from the store, and it goes on where it stood."""
    lead = await begun(one, 1)
    await one.client.get_workflow_handle(lead).terminate()
    await mended(one, "no_workflow")
    await call(one, lead)
    await sent(one)


async def test_a_lead_that_never_began(one: Home) -> None:
    """Temporal was told of it and lost it before the first commit: it is told again (promise P1)."""
    created, now = Created(id="x"), await one.clock.now()
    added = add_lead(one.store, one.vault, "tiny", created, now=now)
    told(one.store, added.lead, ["x"])
    await mended(one, "not_begun")
    await one.until(added.lead, lambda row: row.stage == "new")


async def test_a_lead_ended_before_its_beginning_was_stored(
    tmp_path: Path, temporal_server: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand at Temporal, while the database was away: its inquiry is still there, and it begins again."""
    async with home(tmp_path, temporal_server, MADE, database=database_url) as one:
        with monkeypatch.context() as away:
            away.setattr("worker.commit", database_away)
            async with working(one.settings):
                plain = TemporalGateway(one.client, one.store, one.vault, one.clock)
                added = await plain.add("tiny", Created(id="x"), source="", external_id="")
                await one.client.get_workflow_handle(added.lead).terminate()
        async with working(one.settings):
            await mended(one, "not_begun")
            await one.until(added.lead, lambda row: row.stage == "new")


async def test_the_store_has_come_further(one: Home) -> None:
    """The workflow goes on from what the store holds."""
    lead = await begun(one, 1)
    await stored(one, lead, FieldsSet(id="f", actor=ANNA, fields={"price": "77"}))
    await mended(one, "store_ahead")
    assert (await one.card(lead)).fields["price"] == "77"


async def test_closed_in_the_store_only(one: Home) -> None:
    """The store says that the lead is closed, its workflow goes on: the run ends."""
    lead = await begun(one, 1)
    await stored(one, lead, Moved(id="m", actor=ANNA, stage="lost"))
    await mended(one, "closed")
    await one.client.get_workflow_handle(lead).result()


async def test_a_message_that_no_workflow_sends(one: Home) -> None:
    """Planned, and no activity tries it: the workflow has it again, and it arrives once."""
    hold(one.store, "all", "olga", await one.clock.now())
    lead = await offered(one, 1)
    await until(lambda: [row.reason for row in outbox(one.store)], lambda now: now == ["held: all"])
    await restarted(one, lead)
    await mended(one, "message")
    release_hold(one.store, "all")
    await sent(one)


async def test_a_message_whose_end_only_temporal_knows(one: Home) -> None:
    """Planned again after the database was put back: the lead's history says it went, and it does not go twice."""
    lead = await offered(one, 1)
    await sent(one)
    planned = effects.update().values(state="planned", finished=None)
    one.store.write(lambda c: c.execute(planned))
    await restarted(one, lead)
    await mended(one, "message")
    (row,) = outbox(one.store)
    assert (row.state, row.reply) == ("accepted", row.reply)
    history = await one.client.get_workflow_handle(lead).fetch_history()
    activities = [event.activity_task_scheduled_event_attributes for event in history.events]
    assert "send" not in {each.activity_type.name for each in activities}


async def test_an_orphan(one: Home) -> None:
    """A workflow for a lead that the store does not know is named, and ended only when that is asked for."""
    plain = await Client.connect(
        one.settings.temporal_address,
        namespace=one.settings.temporal_namespace,
        data_converter=data_converter(None),
    )
    published = newest(one.store, "tiny")
    start = Start(published.packed, begin(published.pipeline, "lead-unknown"))
    queue = names.LEADS_QUEUE
    await plain.start_workflow(LeadWorkflow.run, start, id="lead-unknown", task_queue=queue)
    await until(lambda: found(one), bool)
    (orphan,) = await found(one, repair=True)
    assert (orphan.kind, orphan.lead, orphan.done) == ("orphan", "lead-unknown", "")
    (orphan,) = await found(one, end_orphans=True)
    assert orphan.done == "ended"
    await until(lambda: found(one), lambda left: not left)


async def test_a_run_that_no_build_can_go_on_with(
    tmp_path: Path, temporal_server: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Named, and touched only when that is asked for: then it begins again where the store has it, and hears what it missed.

    What somebody was answered and the store has not been told is in its history alone: it is decided again.
    """
    monkeypatch.setattr("workflows.reconcile.ANSWER", timedelta(seconds=2))
    async with home(tmp_path, temporal_server, MADE, database=database_url) as one:
        with monkeypatch.context() as other_build:
            other_build.setattr("workflows.workers.LeadWorkflow", HastyWorkflow)
            lead = await unheard(one, other_build)
        async with working(one.settings):
            await one.gateway.tell(lead, Signal(id="news", name="replied"))
            await until(lambda: told_apart(one), [("stuck", "")].__eq__)
            assert await told_apart(one, repair=True) == [("stuck", "")]
            after = await told_apart(one, restart_stuck=True)
            assert after == [("stuck", "begun again from the store")]
            await decided(one, lead, "news")


async def test_a_run_ended_before_its_decisions_were_stored(
    tmp_path: Path, temporal_server: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand, or by a `reconcile` that was itself killed then, and once more by hand: the next run begins with them."""
    async with home(tmp_path, temporal_server, MADE, database=database_url) as one:
        with monkeypatch.context() as away:
            lead = await unheard(one, away)
            for again in True, False:
                await one.client.get_workflow_handle(lead).terminate()
                if again:  # no worker is there: this run decides nothing
                    await recovery(one).delivery.restart(lead, await kept(one, lead))
        async with working(one.settings):
            await mended(one, "no_workflow")
            await decided(one, lead)


async def unheard(one: Home, away: pytest.MonkeyPatch) -> str:
    """A lead that was decided about twice, and a worker that died before the store heard of it."""
    async with working(one.settings):
        lead = await begun(one, 1)
        away.setattr("worker.commit", database_away)
        plain = TemporalGateway(one.client, one.store, one.vault, one.clock)
        for each, name in ("early", "Иван"), ("late", "Пётр"):  # while the first is stored
            edit = FieldsSet(id=each, actor=ANNA, fields={"name": name})
            assert not (await plain.act(lead, edit)).refusals
    return lead


async def kept(one: Home, lead: str) -> list[AnyEvent]:
    """What its history alone knows."""
    return await recovery(one).histories.decisions(lead)


async def decided(one: Home, lead: str, *more: str) -> None:
    """The store knows both decisions in the end, each once, and the lead goes on."""
    assert await found(one) == []
    edit = FieldsSet(id="edit", actor=ANNA, fields={"price": "7"})
    assert not (await one.gateway.act(lead, edit)).refusals
    wanted = sorted(["early", "late", "edit", *more])
    events = await until(lambda: told_of(one, lead), lambda events: set(wanted) <= set(events))
    assert sorted(events[-len(wanted) :]) == wanted
    assert (await one.card(lead)).fields["name"] == {"first": "Пётр"}


async def told_of(one: Home, lead: str) -> list[str]:
    return [moment.event for moment in history(one.store, lead)]


def database_away(*_: object) -> Committed:
    """A commit that nobody answers."""
    message = "the database does not answer"
    raise Unreachable(message)


async def told_apart(one: Home, **options: bool) -> list[tuple[str, str]]:
    return [(each.kind, each.done) for each in await found(one, **options)]
