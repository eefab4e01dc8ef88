"""Servers as processes of ours: where they may listen, how to wait for them, how to give them to another user."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
"""Where modules of ours are run from."""
START_SECONDS = 60.0
POLL_SECONDS = 0.02


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(ready: Callable[[], bool], home: Path) -> None:
    """Waits for a server that was just started.

    Raises:
        TimeoutError: it did not come; the message has the end of its log, ``home``/server.log.
    """
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if time.monotonic() > deadline:
            end_of_log = (home / "server.log").read_text(errors="replace")[-2000:]
            msg = f"no answer after {START_SECONDS:.0f} s; its log ends:\n{end_of_log}"
            raise TimeoutError(msg)
        time.sleep(POLL_SECONDS)


def unprivileged_user() -> str:
    """For servers that refuse to run as root: somebody who may nothing; "" where we are not root."""
    return "nobody" if os.geteuid() == 0 else ""


def spawn(user: str, command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
    """A child; one of another user has that user's rights only, none of our groups. ``options``: of `Popen`."""
    if user:
        options |= {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
    return subprocess.Popen(command, **options)


def give(user: str, *paths: Path) -> None:
    """Makes ``user`` the owner; "" is who we are."""
    if user:
        for path in paths:
            os.chown(path, pwd.getpwnam(user).pw_uid, -1, follow_symlinks=False)
