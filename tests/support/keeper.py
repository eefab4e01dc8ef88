"""Keep a server running for as long as a test run lives; a script: `keeper.py LOCK SIGNAL USER COMMAND…`.

The test run holds a lock on the file LOCK. The kernel lets go of it when that process ends, be it by
itself, by Ctrl-C or by `kill -9`: then the lock can be had here, the server is stopped, and the run's
folder, where LOCK is, goes.
"""

import fcntl
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from proving.processes import spawn

STOP_SECONDS = 10.0


def keep(lock: Path, stop: signal.Signals, user: str, command: Sequence[str]) -> None:
    """Start `command` as `user` ("" is who we are), wait for the end of the run, stop it by `stop`."""
    with lock.open() as held_by_the_run, spawn(user, command) as server:
        fcntl.flock(held_by_the_run, fcntl.LOCK_SH)
        server.send_signal(stop)
        try:
            server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
    shutil.rmtree(lock.parent, ignore_errors=True)


if __name__ == "__main__":
    keep(Path(sys.argv[1]), signal.Signals[sys.argv[2]], sys.argv[3], sys.argv[4:])
