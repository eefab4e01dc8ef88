"""Temporal is killed in the middle of a load; then everything is. Nothing is lost, nothing comes twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

from leadflow.engine.events import Created, TaskDone
from leadflow.errors import Unreachable
from proving.accounting import complaints, drained
from proving.sinks.process import Sink
from proving.temporal import temporal_server
from tests.support import chaos
from tests.support.running import ANNA, BORIS, Home, home, until
from tests.support.tiny import tiny

LEADS = 16
FIELDS = {"phone": "+79161234567", "name": "Иван", "price": "1"}


async def live(one: Home, number: int) -> str:
    """A client of the gateway: adds a lead and calls, with the same ids until it is answered."""
    created = Created(id="c", fields={**FIELDS, "email": f"c{number}@example.org"})
    lead = (await one.gateway.add("tiny", created, source="t", external_id=str(number))).lead
    row = await one.until(lead, lambda row: row.version > 0)
    await one.calm(lead)
    by = {"anna": ANNA, "boris": BORIS}[row.owner]
    done = TaskDone(id="t", actor=by, task="contact", outcome="reached")

    async def act() -> bool:
        try:
            return not (await one.gateway.act(lead, done)).refusals
        except Unreachable:
            return False

    await until(act, bool, seconds=60)
    return lead


async def settled(one: Home, smtp: Sink, leads: list[str]) -> None:
    """Everything goes its way to the end; then the books are compared."""
    for lead in leads:
        await one.until(lead, lambda row: row.stage == "offered")
    await until(lambda: drained(one.store), bool, seconds=60)
    for lead in leads:
        await one.calm(lead)
    assert complaints(one.store, smtp, leads) == []
    assert len(smtp.messages()) == len({message["key"] for message in smtp.messages()})


async def test_temporal_is_killed_in_mid_load(tmp_path: Path) -> None:
    """T1: `kill -9` of the server while leads come in and are worked on; clients and worker come back by themselves."""
    with Sink("smtp", tmp_path) as smtp, temporal_server(tmp_path) as temporal:
        async with home(tmp_path, temporal.address, tiny(), smtp_url=smtp.url) as one:
            with chaos.worker(tmp_path, one.environment) as worker:
                load = [asyncio.create_task(live(one, number)) for number in range(LEADS)]
                await until(smtp.count, lambda count: count >= 2, seconds=60)
                temporal.kill()
                await asyncio.to_thread(temporal.start)
                await settled(one, smtp, await asyncio.gather(*load))
                assert worker.deaths == 0


async def test_everything_is_killed_in_mid_load(tmp_path: Path) -> None:
    """The power goes: worker and server die at once, in the middle of hand-overs; started again, all goes on."""
    with Sink("smtp", tmp_path) as smtp, temporal_server(tmp_path) as temporal:
        async with home(tmp_path, temporal.address, tiny(), smtp_url=smtp.url) as one:
            smtp.script({"at": "accepted", "stall": 0.2})
            with chaos.worker(tmp_path, one.environment) as worker:
                load = [asyncio.create_task(live(one, number)) for number in range(LEADS)]
                await until(smtp.count, lambda count: count >= 2, seconds=60)
                temporal.kill()
                worker.kill()
                await asyncio.to_thread(temporal.start)
                await settled(one, smtp, await asyncio.gather(*load))
                assert worker.deaths == 1
