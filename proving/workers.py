"""Workers to be killed: one that dies is started again, until its time is over."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from proving.processes import ROOT

LOOK_SECONDS = 0.05
BROUGHT_ABOUT = {0, -signal.SIGKILL, -signal.SIGTERM, 4}
"""How a process ends that is killed, told to stop (before it listens, too), or cannot reach what was killed (4)."""
END_SECONDS = 40.0
"""A worker takes its time: messages under way are finished first."""


class Worker:
    """A worker's process, looked after: a dead one is replaced until `end`.

    Args:
        folder: for its log and for ``NAME.pid``, where sinks find whom to kill.
        command: what starts it.
        environment: its whole environment.
        name: of this worker among others.
        for_ever: False: one that ends with status 0 has done its work (`done`).
    """

    def __init__(
        self,
        folder: Path,
        command: Sequence[str],
        environment: Mapping[str, str],
        name: str = "worker",
        *,
        for_ever: bool = True,
    ) -> None:
        self.name = name
        self.pid_file = folder / f"{name}.pid"
        self.log = folder / f"{name}.log"
        self.statuses: list[int] = []
        """How it has ended so far, each time before it was started again."""
        self._file = self.log.open("ab")
        self._command = command
        self._for_ever = for_ever
        self._environment = {**environment, "PYTHONPATH": str(ROOT)}
        self._process = self._start()
        self._ending = threading.Event()
        self._keeper = threading.Thread(target=self._keep)
        self._keeper.start()

    @property
    def pid(self) -> int:
        """The process that runs now."""
        return self._process.pid

    @property
    def deaths(self) -> int:
        """How often it was started again."""
        return len(self.statuses)

    @property
    def crashes(self) -> list[int]:
        """The statuses of those ends that nobody has brought about."""
        return [status for status in self.statuses if status not in BROUGHT_ABOUT]

    def kill(self) -> None:
        """`kill -9`."""
        self._process.kill()

    def terminate(self) -> None:
        """SIGTERM: it finishes what is under way, ends, and is started again."""
        self._process.terminate()

    def end(self) -> int:
        """Asks it to stop, the way a system does; its exit status.

        Raises:
            TimeoutExpired: it did not; now it is killed.
        """
        self._let_go()
        self._process.terminate()
        try:
            return self._process.wait(END_SECONDS)
        finally:
            self.kill_for_good()

    def done(self, seconds: float) -> bool:
        """Waits so long for it to end with status 0 by itself; whether it has."""
        self._keeper.join(seconds)
        return not self._keeper.is_alive()

    def kill_for_good(self) -> None:
        """`kill -9`, and nobody starts it again; may be done twice."""
        self._let_go()
        self._process.kill()
        self._process.wait()
        self._file.close()

    def _let_go(self) -> None:
        self._ending.set()
        self._keeper.join()

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            env=self._environment,
            stdout=self._file,
            stderr=self._file,
            start_new_session=True,  # Ctrl-C is for who runs the proof, not for each process of it
        )
        self.pid_file.write_text(str(process.pid))
        return process

    def _keep(self) -> None:
        while not self._ending.wait(LOOK_SECONDS):
            if (status := self._process.poll()) is None:
                continue
            if status == 0 and not self._for_ever:
                return
            self.statuses.append(status)
            self._process = self._start()
