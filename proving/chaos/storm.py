"""Does the harm that `weather` has drawn, to the parts of a `ground`, and keeps a timeline of it."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from leadflow.store.db import Store
from proving.chaos.ground import Ground
from proving.chaos.weather import Strike, What
from proving.postgres import IMMEDIATELY


class Struck(msgspec.Struct, frozen=True):
    """A line of the timeline."""

    time: float
    """Seconds of the epoch."""
    second: float
    what: What
    number: int
    lasts: float


class Storm:
    """One run's harm.

    Args:
        ground: whom it comes over.
        store: what an SQLite database is locked by.
        timeline: the file that tells of it.
    """

    def __init__(self, ground: Ground, store: Store, timeline: Path) -> None:
        self.struck: list[Struck] = []
        self._ground = ground
        self._store = store
        self._timeline = timeline
        self._ways: dict[What, Callable[[Strike], None]] = {
            "kill worker": lambda strike: ground.workers[strike.number].kill(),
            "stop worker": lambda strike: ground.workers[strike.number].terminate(),
            "kill every worker": self._workers,
            "kill temporal": self._temporal,
            "kill database": lambda strike: self._database(IMMEDIATELY, strike),
            "restart database": lambda strike: self._database(signal.SIGINT, strike),
            "lock database": self._lock,
            "kill load": lambda strike: ground.loads[strike.number].kill(),
            "misbehave": self._outside,
        }

    async def rage(self, victims: Sequence[Sequence[Strike]], began: float) -> None:
        """Until the last strike is over and every part runs again; ``began``: seconds of the epoch."""
        await asyncio.gather(*(self._victim(strikes, began) for strikes in victims))

    def clear(self) -> None:
        """The sinks behave."""
        self._ground.smtp.script()
        self._ground.http.script()

    async def _victim(self, strikes: Sequence[Strike], began: float) -> None:
        for strike in strikes:
            await asyncio.sleep(max(0.0, began + strike.at - time.time()))
            self._write(strike, began)
            await asyncio.to_thread(self._ways[strike.what], strike)

    def _write(self, strike: Strike, began: float) -> None:
        now = time.time()
        line = Struck(now, round(now - began, 2), strike.what, strike.number, strike.lasts)
        self.struck.append(line)
        with self._timeline.open("ab") as file:
            file.write(msgspec.json.encode(line) + b"\n")

    def _workers(self, _strike: Strike) -> None:
        for worker in self._ground.workers:
            worker.kill()

    def _temporal(self, strike: Strike) -> None:
        self._ground.temporal.kill()
        time.sleep(strike.lasts)
        self._ground.temporal.start()

    def _database(self, how: signal.Signals, strike: Strike) -> None:
        server = self._ground.postgres
        assert server is not None, "only a server of ours can be stopped"
        server.stop(how)
        time.sleep(strike.lasts)
        server.start()

    def _lock(self, strike: Strike) -> None:
        self._store.write(lambda _: time.sleep(strike.lasts))

    def _outside(self, strike: Strike) -> None:
        self._ground.smtp.script(*strike.smtp)
        self._ground.http.script(*strike.http)
