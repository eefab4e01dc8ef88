"""The data directory: where its files are, who holds it, what ran in it last."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import msgspec
import psutil

from leadflow.errors import Misconfigured

LOCK = "up.lock"
RUN = "run.json"
LOGS = "logs"
_TRIES, _PAUSE_SECONDS = 5, 0.05


class Ports(msgspec.Struct, frozen=True):
    """Where the parts listen, all on loopback. 0: not chosen yet."""

    web: int = 0
    temporal: int = 0
    temporal_ui: int = 0
    mail: int = 0
    """The catcher's SMTP."""
    caught: int = 0
    """The catcher's page and its gateways."""


class Process(msgspec.Struct, frozen=True):
    """A process that was started; with its start time it is found again even where ids are used anew."""

    pid: int
    started: float
    """Seconds since the epoch, as psutil tells it."""

    def alive(self) -> psutil.Process | None:
        """The process itself, while it lives."""
        try:
            found = psutil.Process(self.pid)
            same = found.create_time() == self.started
            return found if same and found.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


def process(pid: int) -> Process:
    """A living process of ours.

    Raises:
        psutil.NoSuchProcess: it has ended already.
    """
    return Process(pid, psutil.Process(pid).create_time())


class Run(msgspec.Struct, frozen=True):
    """What ``run.json`` keeps: ports stay the same from start to start, leftovers of a killed run are found."""

    ports: Ports = Ports()
    processes: dict[str, Process] = {}
    """By the part's name."""


_RUN = msgspec.json.Decoder(Run)


def read_run(home: Path) -> Run:
    """What ran here last; nothing yet, where nothing ever ran."""
    try:
        return _RUN.decode((home / RUN).read_bytes())
    except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError):
        return Run()


def write_run(home: Path, run: Run) -> None:
    """Whole or not at all."""
    draft = home / f".{RUN}"
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=2) + b"\n")
    draft.replace(home / RUN)


@contextmanager
def held(home: Path) -> Iterator[None]:
    """Holds the data directory while it runs; a lock left by a killed process is none.

    Raises:
        Misconfigured: another leadflow holds it, or the directory cannot be made.
    """
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        (home / LOGS).mkdir(mode=0o700, exist_ok=True)
        lock = (home / LOCK).open("a+")
    except OSError as error:
        message = f"the data directory {home} cannot be used: {error.strerror}"
        raise Misconfigured(message, "name another in LEADFLOW_HOME") from error
    with lock:
        if not _locked(lock):
            message = f"leadflow runs in {home} already (process {holder(home)})"
            hint = "`leadflow down` stops it; LEADFLOW_HOME names another data directory"
            raise Misconfigured(message, hint)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _locked(lock: IO[str]) -> bool:
    """Whether the lock could be had; who only asks for it (`is_held`) lets it go at once."""
    for _ in range(_TRIES):
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(_PAUSE_SECONDS)
    return False


def is_held(home: Path) -> bool:
    """Whether a leadflow runs in this data directory."""
    try:
        lock = (home / LOCK).open("r")
    except OSError:
        return False
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def holder(home: Path) -> int:
    """Process id of who holds it, or did last; 0: nobody ever."""
    with suppress(OSError, ValueError):
        return int((home / LOCK).read_text())
    return 0
