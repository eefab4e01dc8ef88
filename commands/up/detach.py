"""`up --detach` and `down`: the same `up`, in the background."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psutil

from commands import exits
from commands.console import note, say
from commands.up.home import LOGS, Ports, holder, is_held
from commands.up.leftovers import end, leftovers
from leadflow.errors import Unreachable
from leadflow.programs import module

READY = "ready\n"
DOWN_SECONDS = 100.0
_POLL_SECONDS = 0.05


def detach(home: Path, asked: Ports) -> int:
    """Starts `up` in the background and waits until it is ready; what it says goes on into its log.

    Args:
        home: the data directory.
        asked: ports asked for by options.

    Returns:
        Its exit status, where it ended instead of getting ready.
    """
    (home / LOGS).mkdir(mode=0o700, parents=True, exist_ok=True)
    log = home / LOGS / "up.log"
    receiver, sender = os.pipe()
    with log.open("wb") as file:
        process = subprocess.Popen(  # noqa: S603 -- ourselves
            module("cli", "up", "--ready-fd", str(sender), *_options(asked)),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            pass_fds=[sender],
            start_new_session=True,
        )
    os.close(sender)
    with os.fdopen(receiver) as pipe:
        ready = pipe.read() == READY
    for line in log.read_text("utf-8", "replace").splitlines():
        (say if ready else note)(line)
    if ready:
        process.returncode = exits.OK  # it goes on without us
        say("It runs in the background: `leadflow down` stops it.")
        return exits.OK
    return process.wait()


def _options(asked: Ports) -> list[str]:
    given = {"--port": asked.web, "--temporal-port": asked.temporal}
    return [word for name, port in given.items() if port for word in (name, str(port))]


def tell_ready(descriptor: int) -> None:
    """Lets whoever waits in `detach` go."""
    with os.fdopen(descriptor, "w") as pipe, suppress(BrokenPipeError):
        pipe.write(READY)


def down(home: Path) -> bool:
    """Ends what runs in a data directory, and waits until all of it is gone.

    Returns:
        Whether anything ran.

    Raises:
        Unreachable: it belongs to another user.
    """
    running = is_held(home)
    if running:
        try:
            os.kill(holder(home), signal.SIGTERM)
        except PermissionError as error:
            message = f"leadflow in {home} was started by another user"
            raise Unreachable(message, "stop it as that user") from error
        except ProcessLookupError:
            pass
        _wait_released(home)
    left = leftovers(home)
    end(left.values())
    return running or bool(left)


def _wait_released(home: Path) -> None:
    deadline = time.monotonic() + DOWN_SECONDS
    while is_held(home):
        if time.monotonic() > deadline:
            with suppress(psutil.NoSuchProcess):
                end([psutil.Process(holder(home))])
            return
        time.sleep(_POLL_SECONDS)
