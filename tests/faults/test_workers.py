"""Workers die all the time (W9): what they leave is taken over, and the account stays whole."""

from __future__ import annotations

import asyncio
import itertools
import time
from pathlib import Path

from leadflow.engine.events import Signal
from proving.sinks.process import Sink
from tests.faults.life import account, acted, called, inquiry, sends
from tests.support import chaos
from tests.support.running import Home, home, until
from tests.support.tiny import tiny

LEADS = 24
STORM_SECONDS = 9.0
EVERY_SECONDS = 2.5
AT_ONCE = 6


async def live(one: Home, turn: asyncio.Semaphore, name: str) -> str:
    """A client of the gateway: an inquiry, a call, an agreement; whatever dies, it gets its answers."""
    async with turn:
        lead = await inquiry(one, name)
        await called(one, lead)
        await until(lambda: sends(one, lead), lambda rows: rows and rows[0].handed, 60)
        await acted(one, lead, Signal(id=f"{name}/y", name="agreed"))
        return lead


async def test_workers_die_one_after_the_other(
    tmp_path: Path, temporal_server: str, database_url: str
) -> None:
    """W9: of two workers one is killed every few seconds; every lead gets to its end, and the books agree."""
    with Sink("smtp", tmp_path) as smtp:
        smtp.script({"at": "accepted", "stall": 0.1})
        async with home(
            tmp_path, temporal_server, tiny(), database=database_url, smtp_url=smtp.url
        ) as one:
            with (
                chaos.worker(tmp_path, one.environment) as first,
                chaos.worker(tmp_path, one.environment, name="second") as second,
            ):
                turn = asyncio.Semaphore(AT_ONCE)
                load = [asyncio.create_task(live(one, turn, f"l{n}")) for n in range(LEADS)]
                began = time.monotonic()
                for victim in itertools.cycle((first, second)):
                    await asyncio.sleep(EVERY_SECONDS)
                    victim.kill()
                    if time.monotonic() - began > STORM_SECONDS:
                        break
                leads = await asyncio.gather(*load)
                for lead in leads:
                    await one.until(lead, lambda row: row.closed == "success")
                report = await account(one, [smtp], leads)
                assert report.complaints == (), str(report)
                assert (report.begun, report.closed) == (LEADS, LEADS)
                deaths = first.deaths + second.deaths
                assert deaths >= STORM_SECONDS / EVERY_SECONDS - 1
