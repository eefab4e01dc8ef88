"""A whole installation as `leadflow up` runs it, in a folder of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import psutil

from commands.up.home import Ports, Run, read_run, write_run
from proving.processes import free_port
from tests.cli.program import LEADFLOW, Done, is_setting, run
from tests.cli.samples import project

T = TypeVar("T")
START_SECONDS = 90.0
SECONDS = 40.0
POLL_SECONDS = 0.1


class Installation:
    """A folder with ``specs``, ``leadflow.yaml`` and, once started, ``.leadflow``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / ".leadflow"
        self.log = folder / "console.log"

    def prepare(self) -> None:
        """Writes the files; ports that nobody else in this test run takes."""
        project(self.folder)
        self.home.mkdir()
        write_run(self.home, Run(Ports(*(free_port() for _ in Ports.__struct_fields__))))

    def __call__(self, *arguments: str, **env: str) -> Done:
        """A verb in a process of its own."""
        return run(*arguments, cwd=self.folder, seconds=START_SECONDS, **env)

    def ok(self, *arguments: str) -> str:
        """A verb that must succeed; what it printed."""
        done = self(*arguments)
        assert done.status == 0, done
        return done.out

    @contextlib.contextmanager
    def up(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """`leadflow up` in the foreground, ready; killed at the end if it still runs."""
        environ = {name: value for name, value in os.environ.items() if not is_setting(name)}
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                [LEADFLOW, "up", *arguments],
                cwd=self.folder,
                env=environ,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        try:
            wait(lambda: b"leadflow is up" in self.log.read_bytes() or process.poll() is not None)
            assert process.poll() is None, self.log.read_text()
            yield process
        finally:
            if process.poll() is None:
                kill_all(process.pid)
            process.wait()

    @property
    def ports(self) -> Ports:
        return read_run(self.home).ports

    def get(self, port: int, path: str) -> str:
        """A page of one of its servers."""
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            text: str = answer.read().decode()
            return text

    def caught(self, to: str = "") -> list[dict[str, Any]]:
        """What the catcher got, the newest first."""
        found: list[dict[str, Any]] = json.loads(
            self.get(self.ports.caught, f"/api/messages?to={to}")
        )
        return found


def kill_all(pid: int) -> list[psutil.Process]:
    """`kill -9` of a process and of everything it has started, the children of its children too."""
    root = psutil.Process(pid)
    family = [root, *root.children(recursive=True)]
    for each in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            each.send_signal(signal.SIGKILL)
    psutil.wait_procs([each for each in family if each.pid != pid], SECONDS)
    return family


def wait(found: Callable[[], T], seconds: float = START_SECONDS) -> T:
    """What a question is answered with as soon as the answer is something."""
    end = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(POLL_SECONDS)
    return answer
