"""Servers that one test run shares, however many xdist workers it has.

The process that the user started (xdist's controller, or the only one) opens the run: a folder, told to
the workers by the environment, and a lock. Whoever needs a server first starts it, under a keeper.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil

from tests.support import keeper

RUN_FOLDER = "LEADFLOW_TEST_RUN"
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
