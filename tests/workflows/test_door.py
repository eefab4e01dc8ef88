"""A door stores what it is answered: a lead costs less, and a door that dies in between loses nothing (decision 0011)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from leadflow.engine.events import Created, FieldsSet, Signal, TaskDone
from leadflow.errors import Unreachable
from leadflow.ports import Commit, Committed
from leadflow.store.intents import left_behind
from leadflow.store.leads import history
from leadflow.store.outbox import outbox
from leadflow.store.todo import find_tasks
from leadflow.text import render
from proving.temporal import temporal_server
from tests.support.running import ANNA, Home, home, until
from tests.support.tiny import tiny
from workflows.delivery import Delivery
from workflows.door import Door
from workflows.gateway import TemporalGateway
from workflows.looking import look

FIELDS = {"phone": "+79161234567", "name": "Иван", "email": "c@example.org", "price": "1"}
REACHED = TaskDone(id="t", actor=ANNA, task="contact", outcome="reached")


async def begun(one: Home) -> str:
    created = Created(id="c", fields=FIELDS)  # type: ignore[arg-type]  # raw values
    lead = (await one.gateway.add("tiny", created, source="t", external_id="")).lead
    await until(lambda: one.card(lead), lambda card: card.owner)
    return lead


async def kinds(one: Home, lead: str) -> list[str]:
    """The activities that the lead's run has asked for."""
    events = one.client.get_workflow_handle(lead).fetch_history_events()
    scheduled = [event.activity_task_scheduled_event_attributes async for event in events]
    return [one.activity_type.name for one in scheduled if one.activity_type.name]


@pytest.fixture
def dying(monkeypatch: pytest.MonkeyPatch) -> None:
    """Doors die after they were answered, before they have stored it."""

    async def die(self: Door, batch: Commit) -> Committed:
        raise Unreachable("the door has died", "")

    monkeypatch.setattr(Door, "store", die)
    monkeypatch.setattr("workflows.delivery.DEAD_AFTER", timedelta(0))


async def test_a_new_lead_is_decided_before_temporal_hears_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P1, and more: nobody answers, and the lead stands on the board with its owner and its task all the same."""
    monkeypatch.setattr("workflows.gateway.SHORT_PATIENCE", 3.0)
    with temporal_server(tmp_path) as temporal:
        async with home(tmp_path, temporal.address, tiny()) as one:
            temporal.kill()
            created = Created(id="c", fields=FIELDS)  # type: ignore[arg-type]  # raw values
            answer = await one.gateway.add("tiny", created, source="t", external_id="1")
            assert answer.waiting
            assert (one.row(answer.lead).stage, one.row(answer.lead).owner) == ("new", "anna")
            assert [task.assignee for task in find_tasks(one.store)] == ["anna"]


async def test_what_its_door_stores_costs_the_run_no_commit(one: Home) -> None:
    """Beginning, edit and a step with a mail: stored when they are answered, and the run has asked for the mail alone."""
    lead = await begun(one)
    edit = FieldsSet(id="edit", actor=ANNA, fields={"price": "100"})
    for event in (edit, REACHED):
        answer = await one.gateway.act(lead, event)
        assert one.row(lead).version >= answer.version
    await until(lambda: [row.state for row in outbox(one.store)], lambda all_: all_ == ["accepted"])
    assert await kinds(one, lead) == ["send"]
    assert [moment.event for moment in history(one.store, lead)][::2] == ["c", "edit"]
    assert left_behind(one.store, datetime.now(UTC) + timedelta(seconds=60)) == []


async def test_a_door_that_dies_before_it_has_stored_is_helped(one: Home, dying: None) -> None:
    """The decision is durable, the board does not know it: the relay finds the intent, the run stores it, the mail goes."""
    lead = await begun_without_door(one)
    await one.gateway.act(lead, REACHED)
    row = await one.until(lead, lambda row: row.stage == "offered")
    assert row.version >= 2
    await until(lambda: [row.state for row in outbox(one.store)], lambda all_: all_ == ["accepted"])
    assert sorted(await kinds(one, lead)) == ["commit", "commit", "send"]
    await until(
        lambda: left_behind(one.store, datetime.now(UTC) + timedelta(seconds=60)),
        lambda left: not left,
    )


async def test_what_a_dead_door_left_goes_with_the_next_step(one: Home, dying: None) -> None:
    """Nobody looks for it: the next decision's batch begins with it, whoever stores that."""
    lead = await begun_without_door(one)
    answers = [
        await one.gateway.act(lead, FieldsSet(id=f"e{n}", actor=ANNA, fields={"price": str(n)}))
        for n in range(3)
    ]
    assert [answer.refusals for answer in answers] == [(), (), ()]
    assert (await look(one.client, lead)).pending[-3:] == ("e0", "e1", "e2")
    plain = TemporalGateway(one.client, one.store, one.vault, one.clock)
    last = await plain.act(lead, FieldsSet(id="last", actor=ANNA, fields={"price": "9"}))
    await one.until(lead, lambda row: row.version >= last.version)
    told = [moment.event for moment in history(one.store, lead)]
    assert told[-4:] == ["e0", "e1", "e2", "last"]


async def test_an_intent_that_was_never_heard_is_let_go(
    one: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A door died before it asked: the workflow knows nothing of it, and after a while nobody looks any more."""
    lead = await begun(one)
    door = Door(one.store, one.vault, render, one.clock)
    await door.intend(lead, FieldsSet(id="never", actor=ANNA))
    late = datetime.now(UTC) + timedelta(seconds=3600)
    delivery = Delivery(one.client, one.store, one.vault)
    await delivery.heal(datetime.now(UTC) + timedelta(seconds=30))
    assert [intent.event for intent in left_behind(one.store, late)] == ["never"]
    await delivery.heal(late)
    assert left_behind(one.store, late) == []


async def test_two_doors_at_once_lose_nothing(one: Home) -> None:
    """Twenty edits through two doors, and facts between them: each is stored once, in the order of the run."""
    lead = await begun(one)
    other = TemporalGateway(one.client, one.store, one.vault, one.clock, render)
    edits = [FieldsSet(id=f"e{n}", actor=ANNA, fields={"price": str(n)}) for n in range(20)]
    facts = [Signal(id=f"f{n}", name="replied") for n in range(3)]
    doors = (one.gateway, other)
    await asyncio.gather(
        *(doors[n % 2].act(lead, edit) for n, edit in enumerate(edits)),
        *(one.gateway.tell(lead, fact) for fact in facts),
    )
    card = await one.card(lead)
    await one.until(lead, lambda row: row.version == card.version)
    moments = history(one.store, lead)
    assert [moment.version for moment in moments] == list(range(1, card.version + 1))
    told = [moment.event for moment in moments]
    assert sorted(set(told)) == sorted(told)
    assert {event.id for event in (*edits, *facts)} <= set(told)
    assert one.row(lead).fields["price"] == card.fields["price"]


async def begun_without_door(one: Home) -> str:
    """A lead that its own workflow has stored."""
    plain = TemporalGateway(one.client, one.store, one.vault, one.clock)
    created = Created(id="c", fields=FIELDS)  # type: ignore[arg-type]  # raw values
    lead = (await plain.add("tiny", created, source="t", external_id="")).lead
    await one.until(lead, lambda row: row.version > 0)
    await one.calm(lead)
    return lead
