"""The long life of a lead: renewed, reopened, parked, reset, asleep while Temporal is away; nothing is dropped."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from leadflow.engine import decide as engine
from leadflow.engine.events import Created, FieldsSet, Released, Reopened, Signal, TaskDone
from leadflow.errors import EngineError
from leadflow.store.intake import add_lead, waiting
from leadflow.store.leads import history
from leadflow.store.published import version
from tests.support.running import ANNA, OLGA, Home
from tests.support.tiny import tiny
from workflows import names
from workflows.lead import LeadWorkflow
from workflows.shapes import Start


async def begun(one: Home, **fields: Any) -> str:
    created = Created(id="c", fields={"phone": "+7 916 123-45-67", "name": "Иван", **fields})
    lead = (await one.gateway.add("tiny", created, source="test", external_id="")).lead
    await one.until(lead, lambda row: row.version > 0)
    await one.calm(lead)
    return lead


async def test_renewed_again_and_again_nothing_is_dropped(one: Home) -> None:
    """Continue-as-new every few events, under a load of decisions and facts at once: all are heard, none twice."""
    created = Created(id="c", fields={"phone": {"number": "+79161234567"}})
    now = await one.clock.now()
    added = add_lead(one.store, one.vault, "tiny", created, now=now)
    (kept,) = waiting(one.store, one.vault, added.lead)
    packed = version(one.store, kept.pipeline, kept.hash).packed
    start = Start(packed, engine.begin(tiny().pipeline, added.lead), kept.events, {}, renew_at=25)
    handle = await one.client.start_workflow(
        LeadWorkflow.run, start, id=added.lead, task_queue=names.LEADS_QUEUE
    )
    await one.until(added.lead, lambda row: row.version > 0)

    async def manager(name: str) -> None:
        for n in range(12):
            edit = FieldsSet(id=f"{name}-{n}", actor=ANNA, fields={"price": str(n)})
            assert not (await one.gateway.act(added.lead, edit)).refusals

    async def world(name: str) -> None:
        for n in range(12):
            await one.gateway.tell(added.lead, Signal(id=f"{name}-{n}", name="replied"))

    await asyncio.gather(manager("a"), manager("b"), world("x"), world("y"))
    await one.calm(added.lead)
    told = [each.event for each in history(one.store, added.lead)]
    expected = {f"{name}-{n}" for name in "abxy" for n in range(12)}
    assert expected <= set(told)
    assert len(told) == len(set(told))
    runs = [run async for run in one.client.list_workflows(f"WorkflowId = '{added.lead}'")]
    described = await handle.describe()
    assert described.raw_description.workflow_execution_info.first_run_id != described.run_id
    assert len(runs) >= 1


async def test_a_closed_lead_is_answered_and_reopened(one: Home) -> None:
    """A decision on a closed lead is refused from the store; its supervisor reopens it under the same id."""
    lead = await begun(one, price="100", email="a@example.org")
    await one.gateway.act(lead, TaskDone(id="t", actor=ANNA, task="contact", outcome="reached"))
    closed = await one.gateway.act(lead, Signal(id="no", actor=ANNA, name="refused"))
    assert (closed.stage, closed.closed) == ("lost", "failure")
    await one.client.get_workflow_handle(lead).result()
    refused = await one.gateway.act(lead, Signal(id="yes", actor=ANNA, name="agreed"))
    assert [each.id for each in refused.refusals] == ["closed"]
    assert (await one.card(lead)).closed == "failure"
    reopened = await one.gateway.act(lead, Reopened(id="again", actor=OLGA))
    assert (reopened.refusals, reopened.stage, reopened.closed) == ((), "new", "")
    assert one.row(lead).closed == ""
    assert (await one.card(lead)).visit > 2


async def test_a_late_answer_reopens(one: Home) -> None:
    """The client's `replied` about a closed lead begins it again; told twice, it counts once."""
    lead = await begun(one, price="100", email="a@example.org")
    await one.gateway.act(lead, TaskDone(id="t", actor=ANNA, task="contact", outcome="reached"))
    await one.gateway.act(lead, Signal(id="no", actor=ANNA, name="refused"))
    await one.client.get_workflow_handle(lead).result()
    for _ in range(2):
        await one.gateway.tell(lead, Signal(id="mail-9", name="replied"))
    row = await one.until(lead, lambda row: row.stage == "new")
    assert row.closed == ""
    assert [each.event for each in history(one.store, lead)].count("mail-9") == 1


async def test_an_engine_error_parks_the_lead(one: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken engine harms one lead and loses nothing: decisions are refused, facts kept, and applied on release."""
    real, broken = engine.decide, True

    def decide(pipeline: Any, state: Any, event: Any, now: Any) -> Any:
        if broken and getattr(event, "id", "") == "boom":
            message = "fifty exits in one event"
            raise EngineError(message)
        return real(pipeline, state, event, now)

    monkeypatch.setattr("leadflow.engine.decide.decide", decide)
    monkeypatch.setattr("workflows.lead.decide", decide)
    lead = await begun(one)
    await one.gateway.tell(lead, Signal(id="boom", name="replied"))
    row = await one.until(lead, lambda row: bool(row.quarantined))
    assert "fifty exits" in row.quarantined
    await one.gateway.tell(lead, Signal(id="later", name="replied"))
    edit = FieldsSet(id="edit", actor=ANNA, fields={"price": "5"})
    assert [each.id for each in (await one.gateway.act(lead, edit)).refusals] == ["not_now"]
    await one.calm(lead)
    assert [each.id for each in (await one.card(lead)).held] == ["boom", "later"]

    still = await one.gateway.act(lead, Released(id="r1", actor=OLGA))
    assert [each.id for each in still.refusals] == ["not_now"]
    broken = False
    assert not (await one.gateway.act(lead, Released(id="r2", actor=OLGA))).refusals
    card = await one.card(lead)
    assert (card.quarantined, card.held) == ("", ())
    assert not (await one.gateway.act(lead, edit)).refusals


async def test_a_decision_that_breaks_the_engine_is_not_taken(
    one: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who meets an engine error hears of it; the lead is parked as it was."""
    real = engine.decide

    def decide(pipeline: Any, state: Any, event: Any, now: Any) -> Any:
        if getattr(event, "id", "") == "boom" and not state.quarantined:
            raise ZeroDivisionError
        return real(pipeline, state, event, now)

    monkeypatch.setattr("leadflow.engine.decide.decide", decide)
    monkeypatch.setattr("workflows.lead.decide", decide)
    lead = await begun(one)
    answer = await one.gateway.act(lead, FieldsSet(id="boom", actor=ANNA, fields={"price": "5"}))
    assert "ZeroDivisionError" in answer.refusals[0].message
    card = await one.card(lead)
    assert ("price" in card.fields, card.held, bool(card.quarantined)) == (False, (), True)
