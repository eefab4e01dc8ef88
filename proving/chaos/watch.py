"""Looks on while a run lasts: how much memory its processes take, how far the leads are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import psutil

from leadflow.errors import Unreachable
from leadflow.store.db import Store
from leadflow.store.leads import Filters, count_leads
from proving.chaos.ground import Ground

EVERY_SECONDS = 3.0
ROUNDS_PER_WORD = 10
MEGABYTE = 1 << 20


class Watch:
    """``tell`` hears twice a minute how things stand."""

    def __init__(self, ground: Ground, store: Store, tell: Callable[[str], None]) -> None:
        self.peaks: dict[str, int] = {}
        """Kind of process → the most memory that one of it, with its children, took; megabytes."""
        self._ground = ground
        self._store = store
        self._tell = tell

    async def run(self) -> None:
        """Until it is cancelled."""
        rounds = 0
        while True:
            await asyncio.to_thread(self._weigh)
            if rounds % ROUNDS_PER_WORD == ROUNDS_PER_WORD - 1:
                self._tell(await asyncio.to_thread(self._progress))
            rounds += 1
            await asyncio.sleep(EVERY_SECONDS)

    def _progress(self) -> str:
        try:
            everything = sum(count_leads(self._store).values())
            closed = sum(count_leads(self._store, Filters(closed="closed")).values())
        except Unreachable:
            return "the database is away"
        ended = sum(worker.deaths for worker in self._ground.workers)
        return f"{everything} leads, {closed} closed; workers have ended {ended} times"

    def _weigh(self) -> None:
        kinds = {
            "worker": [worker.pid for worker in self._ground.workers],
            "load": [load.pid for load in self._ground.loads],
            "temporal": [self._ground.temporal.pid],
        }
        for kind, pids in kinds.items():
            most = max((_family(pid) for pid in pids), default=0)
            self.peaks[kind] = max(self.peaks.get(kind, 0), most // MEGABYTE)


def _family(pid: int) -> int:
    """Bytes of a process and its children; 0 of a dead one."""
    try:
        process = psutil.Process(pid)
        return int(sum(each.memory_info().rss for each in (process, *process.children())))
    except psutil.NoSuchProcess:
        return 0
