"""Servers that one test run shares, however many xdist workers it has.

The process that the user started (xdist's controller, or the only one) opens the run: a folder, told to
the workers by the environment, and a lock. Whoever needs a server first starts it, under a keeper.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import distribution
from pathlib import Path

import psutil

from tests.support import keeper

RUN_FOLDER = "LEADFLOW_TEST_RUN"
START_SECONDS = 60.0
POLL_SECONDS = 0.02
STOP_SECONDS = 3 * keeper.STOP_SECONDS


@contextlib.contextmanager
def whole_run() -> Iterator[None]:
    """The frame of a run: no server and no folder is left when it closes."""
    folder = Path(tempfile.mkdtemp(prefix="leadflow-tests-"))
    folder.chmod(0o711)  # a server of another user has its folder in here
    os.environ[RUN_FOLDER] = str(folder)
    with (folder / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            del os.environ[RUN_FOLDER]
            keepers = [int(pid.read_text()) for pid in folder.glob("*/keeper.pid")]
    for pid in keepers:
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(pid).wait(STOP_SECONDS)
    shutil.rmtree(folder, ignore_errors=True)


def shared(name: str, start: Callable[[Path], str]) -> str:
    """The address of the run's server `name`; `start(home)` starts it where nobody has yet."""
    folder = Path(os.environ[RUN_FOLDER])
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        address = folder / f"{name}.address"
        if not address.exists():
            home = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=folder))
            address.write_text(start(home))
        return address.read_text()


def keep(home: Path, command: Sequence[str], *, stop: signal.Signals, user: str = "") -> None:
    """Run `command` in `home` until the test run ends; what it says goes to `home`/server.log."""
    arguments = [str(Path(os.environ[RUN_FOLDER]) / "run.lock"), stop.name, user, *command]
    with (home / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, keeper.__file__, *arguments],
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for the tests, which still use the server then
        )
    (home / "keeper.pid").write_text(str(process.pid))
    process.returncode = 0  # it is not ours to wait for: whole_run() does


def wait_until(ready: Callable[[], bool], home: Path) -> None:
    """Wait for a server that was just started, or fail with the end of its log."""
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if time.monotonic() > deadline:
            end_of_log = (home / "server.log").read_text(errors="replace")[-2000:]
            msg = f"no answer after {START_SECONDS:.0f} s; its log ends:\n{end_of_log}"
            raise TimeoutError(msg)
        time.sleep(POLL_SECONDS)


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def program(package: str, name: str) -> Path:
    """The executable `name` that the installed wheel `package` brought along."""
    for file in distribution(package).files or ():
        if file.name == name:
            return Path(str(file.locate())).resolve()
    msg = f"{package} is installed, but without its program {name}"
    raise FileNotFoundError(msg)
