"""An operator resets a run: it knows less than the store, until it has asked it; nothing new is lost, nothing is doubled."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.enums.v1 import ResetReapplyExcludeType

from leadflow.engine.events import Created, FieldsSet, Signal, TaskDone
from leadflow.store.leads import history
from leadflow.store.outbox import outbox
from leadflow.text import render
from tests.support.running import ANNA, Home, home, reset, until, working
from tests.support.tiny import tiny
from workflows.gateway import TemporalGateway
from workflows.looking import look

FORGETTING = [
    ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL,
    ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE,
]
KNOWN: dict[str, Any] = {
    "phone": "+7 916 123-45-67",
    "name": "Иван",
    "price": "100",
    "email": "a@example.org",
}
CREATED = Created(id="c", fields=KNOWN)
REACHED = TaskDone(id="t", actor=ANNA, task="contact", outcome="reached")


async def offered(one: Home) -> str:
    """A lead to whom an offer has been sent."""
    lead = (await one.gateway.add("tiny", CREATED, source="test", external_id="")).lead
    await one.until(lead, lambda row: bool(row.owner))
    assert not (await one.gateway.act(lead, REACHED)).refusals
    await one.until(lead, lambda row: row.stage == "offered")
    return lead


@pytest.mark.parametrize("decided", [False, True])
async def test_after_a_reset_the_store_is_ahead(one: Home, decided: bool) -> None:
    """The run goes on from what the store knows, and loses nothing new, told or decided."""
    lead = await offered(one)
    await one.gateway.tell(lead, Signal(id="old", name="replied"))
    await one.calm(lead)
    planned = [row.key for row in outbox(one.store, lead=lead)]
    await reset(one, lead)
    if decided:
        await one.gateway.act(lead, FieldsSet(id="news", actor=ANNA, fields={"price": "7"}))
    else:
        await one.gateway.tell(lead, Signal(id="news", name="replied"))
    await one.until(lead, lambda _: "news" in [each.event for each in history(one.store, lead)])
    await one.calm(lead)
    told = [each.event for each in history(one.store, lead)]
    assert [told.count(each) for each in ("t", "old", "news")] == [1, 1, 1]
    assert (await one.card(lead)).stage == one.row(lead).stage == "offered"
    assert [row.key for row in outbox(one.store, lead=lead)] == planned
    assert len(planned) == 1


@pytest.mark.parametrize("stores", [True, False], ids=["storing-door", "plain-door"])
async def test_what_the_store_would_refuse_is_not_acknowledged(
    tmp_path: Path, temporal_server: str, answering: threading.Event, stores: bool
) -> None:
    """The run believes that the call is still to be made: its yes counts only once the store agrees, which says no."""
    async with home(tmp_path, temporal_server, tiny()) as one, working(one.settings):
        lead = await offered(one)
        await one.calm(lead)
        answering.clear()
        await reset(one, lead, FORGETTING)
        door = TemporalGateway(
            one.client, one.store, one.vault, one.clock, render if stores else None
        )
        again = TaskDone(id="again", actor=ANNA, task="contact", outcome="reached")
        deciding = asyncio.create_task(door.act(lead, again))

        async def heard() -> bool:
            return "again" in (await look(one.client, lead)).pending

        await until(heard, bool)
        answering.set()
        answer = await deciding
        assert [refusal.id for refusal in answer.refusals] == ["not_now"]
        agreed = Signal(id="agreed", actor=ANNA, name="agreed")
        assert not (await door.act(lead, agreed)).refusals
        await one.until(lead, lambda row: bool(row.closed))
        told = [each.event for each in history(one.store, lead)]
        assert [told.count(each) for each in ("t", "again", "agreed")] == [1, 0, 1]
