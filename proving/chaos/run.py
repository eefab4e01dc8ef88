"""A whole run: load and harm for so long, then calm, until all has drained or the patience for it is over; then the books."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from activities.beside import beside
from leadflow.errors import Unreachable
from leadflow.store.db import open_store
from proving.chaos.ground import Plan, ground
from proving.chaos.judge import DRAIN_SECONDS, Judge, Outcome
from proving.chaos.storm import Storm
from proving.chaos.watch import Watch
from proving.chaos.weather import Database, Strike, forecast
from proving.complaints import Complaint
from proving.workers import Worker

READY = "this build is the current one"
"""What a worker says when leads can begin with it."""
READY_SECONDS = 60.0
LOOK_SECONDS = 0.1


async def run(folder: Path, plan: Plan, tell: Callable[[str], None]) -> Outcome:
    """Runs in an empty folder.

    Args:
        folder: for everything that the run leaves behind.
        plan: what is to be done.
        tell: hears how it goes.

    Raises:
        Misconfigured: a database that cannot be used, no PostgreSQL to start.
        TimeoutError: a server did not start.
        Unreachable: a worker did not.
    """
    with (
        ground(folder, plan) as one,
        contextlib.closing(open_store(one.settings.database_url)) as store,
    ):
        one.start_workers()
        await _ready(one.workers)
        tell(f"it begins; its folder: {folder}")
        storm = Storm(one, store, folder / "timeline.jsonl")
        watch = Watch(one, store, tell)
        began = time.time()
        one.start_loads(began)
        async with beside(watch.run()):
            await storm.rage(_weather(plan), began)
            await asyncio.sleep(max(0.0, began + plan.seconds - time.time()))
            storm.clear()
            calm = time.time()
            tell("people go home, nothing is killed any more; what is under way comes to its end")
            for load in one.loads:
                await asyncio.to_thread(load.done, READY_SECONDS)
            judge = await Judge.of(one, store)
            if not await judge.wait():
                tell(f"not all has come to its end in {DRAIN_SECONDS:.0f} s")
        drained_in = round(time.time() - calm, 1)
        tell("the books are compared")
        ends = [
            *_bad_ends(await _ended(one.workers)),
            *deaths_by_themselves((*one.workers, *one.loads)),
        ]
        return await judge.outcome(storm.struck, watch.peaks, drained_in, ends)


def _weather(plan: Plan) -> list[list[Strike]]:
    database: Database = "their postgres" if plan.database else "sqlite"
    return forecast(
        plan.seed,
        plan.seconds,
        workers=plan.workers,
        loads=plan.loads,
        database="own postgres" if plan.postgres else database,
    )


async def _ready(workers: Sequence[Worker]) -> None:
    """Waits for all of them.

    Raises:
        Unreachable: one does not come up.
    """
    end = time.time() + READY_SECONDS
    for worker in workers:
        while READY not in (said := worker.log.read_text()):
            if time.time() > end:
                message = f"a worker of the run does not start; it says last:\n{said[-2000:]}"
                raise Unreachable(message, "see `leadflow doctor`")
            await asyncio.sleep(LOOK_SECONDS)


async def _ended(processes: Sequence[Worker]) -> list[int]:
    """Asks them to stop, all at once; their exit statuses."""

    def end(process: Worker) -> int:
        try:
            return process.end()
        except subprocess.TimeoutExpired:
            return -1

    return await asyncio.gather(*(asyncio.to_thread(end, each) for each in processes))


def _bad_ends(statuses: Sequence[int]) -> Iterator[Complaint]:
    for number, status in enumerate(statuses):
        if status:
            said = f"asked to stop when all was calm, it ended with status {status}"
            yield Complaint("unexplained", f"worker {number}", said)


def deaths_by_themselves(processes: Sequence[Worker]) -> Iterator[Complaint]:
    """That it was started again and nothing was lost excuses none."""
    for process in processes:
        for status in process.crashes:
            said = f"nobody killed it, and it ended with status {status}; its log: {process.log}"
            yield Complaint("unexplained", process.name, said)
