"""The same decision asked for twice, in other words: it counts once, and what the history keeps is what was decided on.

Decision 0019: a server that was killed has forgotten which updates are under way, and takes a retry's content for theirs.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import pytest

from leadflow.engine.decision import Decision
from leadflow.engine.events import Created, FieldsSet, Signal, TaskDone
from leadflow.store.leads import history
from proving.replays import replay_all
from proving.temporal import temporal_server as own_server
from tests.support.running import ANNA, Home, home, until, working
from tests.support.tiny import tiny
from workflows.gateway import TemporalGateway
from workflows.lead import LeadWorkflow
from workflows.shapes import Told

FIELDS = {"phone": "+79161234567", "name": "Иван", "price": "1"}
EDIT = FieldsSet(id="edit", actor=ANNA, fields={"price": "100"})


async def begun(one: Home) -> str:
    created = Created(id="c", fields=FIELDS)  # type: ignore[arg-type]  # raw values
    lead = (await one.gateway.add("tiny", created, source="t", external_id="")).lead
    await until(lambda: one.card(lead), lambda card: card.owner)
    await one.calm(lead)
    return lead


def without_door(one: Home) -> TemporalGateway:
    """A gateway that leaves all storing to the run, as the command line's."""
    return TemporalGateway(one.client, one.store, one.vault, one.clock)


async def test_in_other_words_it_counts_once(tmp_path: Path, temporal_server: str) -> None:
    """By another door, of another person by now: every answer is the first one's, and the timeline has it once."""
    async with home(tmp_path, temporal_server, tiny()) as one, working(one.settings):
        lead = await begun(one)
        other = FieldsSet(id="edit", actor=ANNA, fields={"price": "200"})
        answers = [
            await one.gateway.act(lead, EDIT),
            await without_door(one).act(lead, EDIT),
            await one.gateway.act(lead, other),
            await one.gateway.act(lead, EDIT),
        ]
        assert {(answer.version, answer.refusals) for answer in answers} == {
            (answers[0].version, ())
        }
        assert (await one.card(lead)).fields["price"] == "100"
        assert [moment.event for moment in history(one.store, lead)].count("edit") == 1
        assert (await replay_all(one.client, one.vault)).complaints == ()


async def test_after_the_lead_was_closed_by_it(tmp_path: Path, temporal_server: str) -> None:
    """Whoever has not heard the answer asks again: it was done, and is no refusal now."""
    async with home(tmp_path, temporal_server, tiny()) as one, working(one.settings):
        lead = await begun(one)
        reached = {"email": "c@example.org"}
        done = TaskDone(id="t", actor=ANNA, task="contact", outcome="reached", fields=reached)  # type: ignore[arg-type]  # raw values
        assert (await one.gateway.act(lead, done)).refusals == ()
        junk = Signal(id="s", actor=ANNA, name="refused")
        first = await one.gateway.act(lead, junk)
        await one.client.get_workflow_handle(lead).result()
        again = await one.gateway.act(lead, junk)
        late = await one.gateway.act(lead, Signal(id="x", actor=ANNA, name="refused"))
        assert (first.closed, first.refusals) == ("failure", ())
        assert (again.version, again.closed, again.refusals) == (first.version, "failure", ())
        assert late.refusals


async def test_after_the_server_was_killed_with_the_decision_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker has decided, the server dies before it hears of it; back again, it hears of a retry first, by another door.

    Whichever of them the history keeps: what was decided on is what it keeps, and it replays.
    """
    decide = LeadWorkflow._decide
    with own_server(tmp_path) as temporal:

        def killing(self: LeadWorkflow, event: Told, now: datetime | None = None) -> Decision:
            if event.id == "edit":
                monkeypatch.undo()
                temporal.kill()
            return decide(self, event, now)

        async with home(tmp_path, temporal.address, tiny()) as one:
            async with working(one.settings):
                lead = await begun(one)
            # heard already: it has no effect but a workflow task that is on the disk
            known = Signal(id="c", name="replied")
            await one.client.get_workflow_handle(lead).signal(LeadWorkflow.tell, known)
            first = asyncio.create_task(without_door(one).act(lead, EDIT))
            await asyncio.wait([first], timeout=1)  # the same task has to see to this
            monkeypatch.setattr(LeadWorkflow, "_decide", killing)
            async with working(one.settings):
                await until(lambda: LeadWorkflow._decide, lambda now: now is decide)
                first.cancel()
                await asyncio.wait([first])
                await asyncio.sleep(3)  # the outage: the worker tries again more and more seldom
                await asyncio.to_thread(temporal.start)
                answer = await one.gateway.act(lead, EDIT)
                assert answer.refusals == ()
                await one.until(lead, lambda row: row.version >= answer.version)
                assert (await replay_all(one.client, one.vault)).complaints == ()
