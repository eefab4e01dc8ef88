"""Watches the parts: starts them in order, starts again what dies, stops all when told to."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

import psutil

from commands.up.child import Child, Part, ended
from commands.up.events import write
from commands.up.home import LOGS, Run, process, read_run, write_run

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
FILE = "parts.log"
"""JSON lines: which part was started, which has stopped."""
STEADY_SECONDS = 60.0
"""Who ran this long has recovered: the next pause is the first again."""


class Supervisor:
    """The parts of one data directory. ``tell`` prints a line to the console."""

    def __init__(self, home: Path, tell: Callable[[str], None]) -> None:
        self._home = home
        self._tell = tell
        self._children: dict[str, Child] = {}
        self._watches: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()

    def heed_signals(self) -> None:
        """From now on SIGINT, SIGTERM and a closed terminal (unless `nohup` said otherwise) mean: stop, orderly."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                loop.add_signal_handler(number, self._stopping.set)

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._stopping.is_set()

    async def start(self, parts: Sequence[Part]) -> None:
        """Starts parts side by side; returns when all work, or at once when it is told to stop.

        Raises:
            Failed: one does not come up.
        """
        for part in parts:
            await self._launch(part)
        ready = [asyncio.create_task(self._children[part.name].until_ready()) for part in parts]
        told = asyncio.create_task(self._stopping.wait())
        try:
            waiting = {*ready}
            while waiting and not self.stopping:
                done, _ = await asyncio.wait({*waiting, told}, return_when=asyncio.FIRST_COMPLETED)
                for task in done & waiting:
                    task.result()
                waiting -= done
        finally:
            for task in (*ready, told):
                task.cancel()
            await asyncio.gather(*ready, told, return_exceptions=True)

    async def watch(self) -> None:
        """Keeps the parts running until it is told to stop."""
        self._watches = [asyncio.create_task(self._keep(name)) for name in self._children]
        await self._stopping.wait()

    async def stop(self) -> None:
        """Stops every part, the last started first."""
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        for name in reversed(list(self._children)):
            await self._children[name].stop()
        self._children.clear()
        write_run(self._home, Run(ports=read_run(self._home).ports))

    async def _launch(self, part: Part) -> None:
        child = await Child.start(part, self._home)
        self._children[part.name] = child
        self._note("started", "info", part=part.name, pid=child.process.pid)
        self._remember()

    def _note(self, event: str, level: Literal["info", "error"], **more: object) -> None:
        with suppress(OSError):  # a full disk is no reason to leave parts alone
            write(self._home / LOGS / FILE, event, level, **more)

    def _remember(self) -> None:
        found = {}
        for name, child in self._children.items():
            try:
                found[name] = process(child.process.pid)
            except psutil.NoSuchProcess:
                continue
        write_run(self._home, Run(ports=read_run(self._home).ports, processes=found))

    async def _keep(self, name: str) -> None:
        pause = FIRST_PAUSE
        while True:
            child = self._children[name]
            begun = time.monotonic()
            status = await child.process.wait()
            if time.monotonic() - begun > STEADY_SECONDS:
                pause = FIRST_PAUSE
            self._note("stopped", "error", part=name, status=status, pause=pause)
            self._tell(
                f"{child.part.title} has stopped ({ended(status)}); it starts again in {pause:.0f} s. "
                f"Its log: {child.log}"
            )
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            await self._launch(child.part)
