"""A sink's process, from a test's side."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from proving.sinks.script import Rule

ROOT = Path(__file__).parents[2]
STOP_SECONDS = 5.0
POLL_SECONDS = 0.02


class Sink:
    """Starts a sink on entering, stops it on leaving.

    ``with Sink("smtp", tmp_path) as sink:`` – then `url`, `port`, `script`, `messages`, `count`, `faults`, `wait`.
    The log outlives `kill` and `start`, as a real provider's books would.
    """

    def __init__(
        self, kind: Literal["smtp", "http", "smpp"], folder: Path, *options: str, port: int = 0
    ) -> None:
        self.kind = kind
        self.port = port
        self._options = options
        self.log = folder / f"{kind}-sink.jsonl"
        self._script = folder / f"{kind}-sink.json"
        self._process: subprocess.Popen[str] | None = None
        self.log.touch()

    @property
    def url(self) -> str:
        """``smtp://127.0.0.1:PORT?starttls=never``, ``http://127.0.0.1:PORT/`` or ``smpp://127.0.0.1:PORT``, plain."""
        ending = {"smtp": "?starttls=never", "http": "/", "smpp": ""}[self.kind]
        return f"{self.kind}://127.0.0.1:{self.port}{ending}"

    def script(self, *rules: Rule) -> None:
        """Replaces the rules; each connection from now on follows the new ones."""
        fresh = self._script.with_suffix(".new")
        fresh.write_text(json.dumps(rules))
        fresh.replace(self._script)

    def forget(self) -> None:
        """Empties its books, between tests that share it."""
        os.truncate(self.log, 0)
        self.script()

    def start(self) -> None:
        """Starts it, on the same port as before if it ran already, and waits until it listens."""
        files = ["--log", str(self.log), "--script", str(self._script)]
        command = [sys.executable, "-m", f"proving.sinks.{self.kind}", *files]
        self._process = subprocess.Popen(
            [*command, "--port", str(self.port), *self._options],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        said = self._process.stdout.readline().split()
        assert said[:1] == ["PORT"], f"the {self.kind} sink did not start"
        self.port = int(said[1])

    def stop(self) -> None:
        """Ends it; a provider that is down."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None

    def tell(self, **order: object) -> None:
        """Has it do something of its own accord (`proving.sinks.smpp`)."""
        assert self._process is not None
        assert self._process.stdin is not None
        print(json.dumps(order), file=self._process.stdin, flush=True)

    def messages(self, key: str = "") -> list[dict[str, Any]]:
        """What it accepted, in order; of one effect key, or of all."""
        return [entry for entry in self.entries("message") if not key or entry.get("key") == key]

    def count(self, key: str = "") -> int:
        """How many messages it accepted."""
        return len(self.messages(key))

    def faults(self, phase: str = "") -> list[dict[str, Any]]:
        """The rules it followed, with the facts known at that moment."""
        return [entry for entry in self.entries("fault") if not phase or entry["at"] == phase]

    def wait(self, number: int, *, key: str = "", seconds: float = 10.0) -> list[dict[str, Any]]:
        """Waits until it has accepted `number` messages, and returns them."""
        deadline = time.monotonic() + seconds
        while self.count(key) < number:
            assert time.monotonic() < deadline, f"{self.count(key)} of {number} messages came"
            time.sleep(POLL_SECONDS)
        return self.messages(key)

    def entries(self, event: str) -> list[dict[str, Any]]:
        """The lines of its log about an event, in order."""
        lines = self.log.read_text().splitlines(keepends=True)
        entries = [json.loads(line) for line in lines if line.endswith("\n")]
        return [entry for entry in entries if entry["event"] == event]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
