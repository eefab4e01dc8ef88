"""What no event brings about: the relay's sweep finds it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from leadflow.engine.events import Created, Signal, TaskDone
from leadflow.errors import NotFound
from leadflow.store.ledger import Ledger
from leadflow.store.outbox import outbox
from leadflow.store.todo import find_tasks
from tests.support.running import ANNA, Home, home, until, working
from tests.support.tiny import TINY, tiny
from workflows.delivery import Delivery

FIELDS = {"phone": "+79161234567", "name": "Иван", "email": "c@example.org", "price": "1"}
SHORT_MEMORY = TINY.replace("reopen: new}", "reopen: new, erase_after: PT2S}")


@pytest.fixture
async def one(tmp_path: Path, temporal_server: str) -> AsyncIterator[Home]:
    """An installation that forgets lost leads after two seconds; its mail goes nowhere."""
    made = tiny(SHORT_MEMORY)
    async with home(tmp_path, temporal_server, made, smtp_url="smtp://127.0.0.1:9") as installed:
        yield installed


async def offered(one: Home) -> str:
    created = Created(id="c", fields=FIELDS)  # type: ignore[arg-type]  # raw values
    lead = (await one.gateway.add("tiny", created, source="t", external_id="")).lead
    await one.until(lead, lambda row: row.version > 0)
    await one.calm(lead)
    await one.gateway.act(lead, TaskDone(id="t", actor=ANNA, task="contact", outcome="reached"))
    return lead


async def test_a_late_truth_reaches_the_lead(one: Home) -> None:
    """An attempt taken for dead comes back with the 250, while a manager is asked: the task goes, nobody need answer."""
    async with working(one.settings):
        lead = await offered(one)
        ledger, now = Ledger(one.store, one.vault), await one.clock.now()
        (row,) = outbox(one.store)
        entry = ledger.claim(row.key, "slow", now)
        ledger.hand_over(entry, now, now)
        await until(
            lambda: [each for each in find_tasks(one.store, lead=lead) if each.settles], bool
        )
        ledger.finish(entry, "accepted", now, reply="250 after all")
        await Delivery(one.client, one.store, one.vault).sweep(now)
        await until(
            lambda: [each for each in find_tasks(one.store, lead=lead) if each.settles],
            lambda found: not found,
        )
        assert (await one.card(lead)).sends == {}


async def test_a_closed_lead_is_erased_in_time_and_then_its_key(one: Home) -> None:
    """`erase_after` falls due when the run has long ended: it begins again, erases, ends; later its key is destroyed."""
    delivery = Delivery(one.client, one.store, one.vault)
    async with working(one.settings):
        lead = await offered(one)
        await one.gateway.act(lead, Signal(id="no", actor=ANNA, name="refused"))
        await one.client.get_workflow_handle(lead).result()

        async def swept() -> object:
            await delivery.sweep(await one.clock.now())
            return one.row(lead).fields

        await until(swept, lambda fields: not fields)
        await one.calm(lead)
        assert one.row(lead).title == ""
        assert one.vault.seal(lead, b"still there")
        await delivery.sweep(await one.clock.now() + timedelta(hours=2))
        with pytest.raises(NotFound, match="has no key"):
            one.vault.seal(lead, b"gone")
