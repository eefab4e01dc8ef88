"""One part as a process of its own: started, asked whether it is ready, stopped."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from commands.up.home import LOGS

STOP_SECONDS = 30.0
"""After a polite request (a worker lets what it hands over finish); then it is killed, which loses nothing."""
READY_SECONDS = 60.0
_POLL_SECONDS = 0.1
_LONGEST_LOG = 5_000_000
"""Bytes; a longer log is set aside when its part starts, and the one set aside before it goes."""
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an installation: how to start it, and how to see that it works."""

    name: str
    title: str
    command: Sequence[str]
    ready: Callable[[str], Awaitable[bool]]
    """Whether it works, given what it has said since it was started."""
    env: Mapping[str, str] = field(default_factory=dict)


class Failed(Exception):
    """A part that ended before it was ready, or was not ready in time. ``log``: the end of what it said."""

    def __init__(self, part: Part, log: str, status: int | None) -> None:
        super().__init__(part.name)
        self.part = part
        self.log = log
        self.status = status


class Child:
    """A running part."""

    def __init__(
        self, part: Part, process: asyncio.subprocess.Process, log: Path, begun: int
    ) -> None:
        self.part = part
        self.process = process
        self.log = log
        self._begun = begun
        """Where its words begin in the log."""

    @classmethod
    async def start(cls, part: Part, home: Path) -> Child:
        """Starts it; its words go to a file of its own."""
        log = home / LOGS / f"{part.name}.log"
        with _opened(log) as file:
            begun = file.tell()
            process = await asyncio.create_subprocess_exec(
                *part.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                env={**os.environ, **part.env},
                start_new_session=True,  # Ctrl-C is for us: we stop the parts in their order
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        return cls(part, process, log, begun)

    async def until_ready(self) -> None:
        """Returns when it works.

        Raises:
            Failed: it ended instead, or took too long.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(READY_SECONDS):
                while self.process.returncode is None:
                    if await self.part.ready(self.said()):
                        return
                    await asyncio.sleep(_POLL_SECONDS)
        raise Failed(self.part, self.said(), self.process.returncode)

    async def stop(self) -> None:
        """Asks it to end, waits, and insists; everything it has started ends with it."""
        if self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGTERM)
            with suppress(TimeoutError):
                async with asyncio.timeout(STOP_SECONDS):
                    await self.process.wait()
        with suppress(ProcessLookupError, PermissionError):  # it leads a group of its own
            os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()

    def said(self) -> str:
        """What it has said since it was started."""
        with self.log.open("rb") as file:
            file.seek(self._begun)
            return file.read().decode("utf-8", "replace").strip()


def ended(status: int) -> str:
    """How a process has ended, for people."""
    return f"killed by signal {-status}" if status < 0 else f"exit status {status}"


def _opened(log: Path) -> IO[bytes]:
    with suppress(FileNotFoundError):
        if log.stat().st_size > _LONGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
    return log.open("ab")


def _die_with_parent() -> None:
    """Runs in the child before it becomes the program: when we are killed, the kernel kills it too."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
