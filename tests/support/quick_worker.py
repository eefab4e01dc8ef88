"""The product's worker, with a shorter patience, so that a test of a killed worker need not wait half a minute.

``CLOCK_OFF``, seconds, in its environment: this machine's clock is so wrong.

``quick_worker.py [FOLDER]``: where FOLDER has a file named after one of the points below, the worker takes the file away
and kills itself there:

``commit``: the store has a commit, Temporal has not heard ·
``claimed``: the row is claimed · ``handed``: the hand-over is committed, no byte has left · ``answered``: the other side
has said yes, the row does not know · ``ledger``: the row says accepted, Temporal has not heard.

Unversioned, which starts two seconds sooner (`workflows.versions`).
"""

from __future__ import annotations

import functools
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio.common import RetryPolicy

from activities import policies
from leadflow.channels import http

assert "pytest" not in sys.modules, "it changes the whole process: run it, do not import it"
policies.HEARTBEAT_SECONDS = 0.2  # type: ignore[assignment]  # before anybody reads it
policies.SEND["heartbeat_timeout"] = timedelta(seconds=2)
policies.SEND["retry_policy"] = RetryPolicy(
    initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=1)
)
policies.COMMIT["start_to_close_timeout"] = timedelta(seconds=2)

http.DEFAULT_TIMEOUTS = http.HttpTimeouts(answer=2.0)

import worker  # noqa: E402 -- after the policies
from activities import clock, ended, gate, send  # noqa: E402 -- as above
from leadflow.store.ledger import Ledger  # noqa: E402 -- as above

gate.PROBE_EVERY = send.LATER = ended.LONGEST = timedelta(seconds=1)
ended.FIRST = timedelta(milliseconds=200)

Work = Callable[..., Any]


class Points:
    """Wraps functions, so that they die where the folder says."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def before(self, name: str, work: Work, when: Work = lambda *_, **__: True) -> Work:
        """Before the work; ``when``: asked with its arguments."""

        @functools.wraps(work)
        def dying(*args: Any, **named: Any) -> Any:
            self._meet(name, due=when(*args, **named))
            return work(*args, **named)

        return dying

    def after(self, name: str, work: Work, when: Work = lambda _: True) -> Work:
        """After it; ``when``: asked with its answer."""

        @functools.wraps(work)
        def dying(*args: Any, **named: Any) -> Any:
            answer = work(*args, **named)
            self._meet(name, due=when(answer))
            return answer

        return dying

    def _meet(self, name: str, *, due: bool) -> None:
        file = self._folder / name
        if due and file.exists():
            file.unlink()
            os.kill(os.getpid(), signal.SIGKILL)


def die_at(points: Points) -> None:
    """Puts them in."""
    worker.commit = points.after("commit", worker.commit)  # type: ignore[attr-defined]  # it is the activity's
    claim = points.after("claimed", Ledger.claim, lambda row: row.state == "claimed")
    hand_over = points.after("handed", Ledger.hand_over, lambda said: said.verdict == "go")
    finish = points.before("answered", Ledger.finish, lambda *said, **_: said[2] == "accepted")
    finish = points.after("ledger", finish, lambda row: row.state == "accepted")
    Ledger.claim, Ledger.hand_over, Ledger.finish = claim, hand_over, finish  # type: ignore[method-assign]  # as above


def main() -> int:
    """The worker's exit status."""
    off = timedelta(seconds=float(os.environ.get("CLOCK_OFF", "0")))
    clock.machine = lambda: datetime.now(UTC) + off
    worker.build_id = lambda: ""  # type: ignore[attr-defined]  # imported there
    if sys.argv[1:]:
        die_at(Points(Path(sys.argv[1])))
    return worker.main()


if __name__ == "__main__":
    sys.exit(main())
