"""The doors of a running lead: what is refused costs nothing, what is repeated counts once, facts are never lost."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from leadflow.engine.events import Created, FieldsSet, Signal, TaskDone
from leadflow.errors import NotFound
from leadflow.store.leads import history
from tests.support.running import ANNA, OLGA, Home, home, until, working
from tests.support.tiny import tiny
from workflows import names, words
from workflows.gateway import TemporalGateway


@pytest.fixture
async def one(tmp_path: Path, temporal_server: str) -> AsyncIterator[Home]:
    """An installation with a worker; its mail goes nowhere."""
    async with (
        home(tmp_path, temporal_server, tiny(), smtp_url="smtp://127.0.0.1:9") as installed,
        working(installed.settings),
    ):
        yield installed


async def begun(one: Home, **fields: object) -> str:
    """A lead whose first commit is on the board."""
    created = Created(id="c", fields={"phone": "+7 916 123-45-67", **fields})  # type: ignore[dict-item]  # raw values
    lead = (await one.gateway.add("tiny", created, source="test", external_id="")).lead
    await one.until(lead, lambda row: row.version > 0)
    await one.calm(lead)
    return lead


async def test_a_refusal_names_everything_and_leaves_no_trace(one: Home) -> None:
    """S18: both missing fields are named at once; neither history nor state has changed."""
    lead = await begun(one)
    before, card = await one.calm(lead), await one.card(lead)
    done = TaskDone(id="t", actor=ANNA, task="contact", outcome="reached")
    answer = await one.gateway.act(lead, done)
    assert {(each.id, each.field) for each in answer.refusals} == {
        ("price", "price"),
        ("email", "email"),
    }
    assert await one.calm(lead) == before
    assert await one.card(lead) == card


async def test_bad_values_are_refused_per_field(one: Home) -> None:
    """A value of the wrong type, an unknown field and near misses: each has its own reason, nothing is written."""
    lead = await begun(one)
    fields = {"price": "дорого", "email": "nobody", "prise": "10"}
    answer = await one.gateway.act(lead, FieldsSet(id="f", actor=ANNA, fields=fields))  # type: ignore[arg-type]  # raw
    reasons = {each.field: each.message for each in answer.refusals}
    assert {each.id for each in answer.refusals} == {"bad_value"}
    assert reasons.keys() == {"price", "email", "prise"}
    assert "did you mean 'price'" in reasons["prise"]
    assert "price" not in one.row(lead).fields


async def test_a_new_lead_leaves_out_what_it_cannot_read(one: Home) -> None:
    """Meaning 3: a lead is never refused; the bad value is left out and its timeline says so."""
    created = Created(id="c", fields={"phone": "12345", "name": "Иван Петров"})
    lead = (await one.gateway.add("tiny", created, source="test", external_id="")).lead
    row = await one.until(lead, lambda row: row.version > 0)
    assert set(row.fields) == {"name"}
    first = history(one.store, lead)[0]
    assert "phone" in str(first.notes[0].detail["left_out"])


async def test_the_same_inquiry_is_the_same_lead(one: Home) -> None:
    """P8: a second `add` with the external id gives the first lead back, whatever else it says."""
    first = await one.gateway.add("tiny", Created(id="a"), source="form", external_id="77")
    again = await one.gateway.add("tiny", Created(id="b"), source="form", external_id="77")
    other = await one.gateway.add("tiny", Created(id="c"), source="api", external_id="77")
    assert (again.lead, again.repeated) == (first.lead, True)
    assert other.lead != first.lead


async def test_an_event_counts_once(one: Home) -> None:
    """A second click answers what the first one answered; a redelivered fact changes nothing."""
    lead = await begun(one)
    edit = FieldsSet(id="edit", actor=ANNA, fields={"price": "100"})
    answers = [await one.gateway.act(lead, edit) for _ in range(3)]
    assert len({each.version for each in answers}) == 1
    for _ in range(3):
        await one.gateway.tell(lead, Signal(id="mail-1", name="replied"))
    await one.gateway.act(lead, FieldsSet(id="last", actor=ANNA, fields={"price": "200"}))
    await one.until(lead, lambda row: row.fields.get("price") == "200")
    told = [each.event for each in history(one.store, lead)]
    assert (told.count("edit"), told.count("mail-1")) == (1, 1)


async def test_many_at_once_are_all_heard(one: Home) -> None:
    """Thirty managers at one card (ten updates may be under way at a time): each edit is applied, none twice."""
    lead = await begun(one)
    edits = [FieldsSet(id=f"e{n}", actor=ANNA, fields={"price": str(n)}) for n in range(30)]
    answers = await asyncio.gather(*(one.gateway.act(lead, edit) for edit in edits))
    assert len({each.version for each in answers}) == 30
    await one.until(lead, lambda row: row.version >= max(each.version for each in answers))
    told = [each.event for each in history(one.store, lead)]
    assert sorted(each for each in told if each.startswith("e")) == sorted(e.id for e in edits)


async def test_what_stops_messages_is_answered_after_its_commit(one: Home) -> None:
    """Stop means stop: while the store cannot write, an edit is answered all the same; the end of a visit is not."""
    lead = await begun(one, price="100", email="a@example.org")
    gateway = TemporalGateway(
        one.client, one.store, one.vault, one.clock
    )  # its runs store what they decide
    locked = sqlite3.connect(one.settings.home / "leadflow.db", isolation_level=None)
    with contextlib.closing(locked):
        locked.execute("BEGIN IMMEDIATE")
        edit = await gateway.act(lead, FieldsSet(id="f", actor=ANNA, fields={"price": "1"}))
        assert (edit.refusals, edit.waiting) == ((), False)
        done = TaskDone(id="t", actor=ANNA, task="contact", outcome="reached")
        moving = asyncio.create_task(gateway.act(lead, done))
        await until(lambda: one.card(lead), lambda card: card.stage == "offered")
        assert not moving.done()
        assert one.row(lead).stage == "new"
        locked.execute("ROLLBACK")
    assert (await moving).stage == "offered"
    assert one.row(lead).stage == "offered"


async def test_temporal_shows_ids_and_words(one: Home) -> None:
    """Search attributes say which pipeline in which version; the current details in words where the lead stands."""
    lead = await begun(one)
    handle = one.client.get_workflow_handle(lead)
    shown = (await handle.describe()).typed_search_attributes
    version = one.row(lead).hash[: words.HASH_DIGITS]
    ours = {pair.key.name: pair.value for pair in shown if pair.key.name.startswith("Lead")}
    assert ours == {names.PIPELINE.name: "tiny", names.VERSION.name: version}
    details = await handle.query("__temporal_workflow_metadata")
    assert "Новая" in str(details)
    assert "contact" in {wait.subject for wait in (await one.gateway.why(lead)).waits}


async def test_an_unknown_lead_is_not_found(one: Home) -> None:
    """A number or id that is nobody's is said to be so."""
    with pytest.raises(NotFound, match="there is no lead 999"):
        await one.gateway.act("999", FieldsSet(id="f", actor=OLGA))
