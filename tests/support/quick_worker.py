"""The product's worker, with a shorter patience, so that a test of a killed worker need not wait half a minute.

``quick_worker.py [MARK]``: with MARK it kills itself right after the ledger's commit of an accepted message, once
(the file MARK says that it has).
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from activities import policies

policies.HEARTBEAT_SECONDS = 0.3  # type: ignore[assignment]  # before anybody reads it
policies.SEND["heartbeat_timeout"] = timedelta(seconds=3)
policies.COMMIT["start_to_close_timeout"] = timedelta(seconds=3)

import worker  # noqa: E402 -- after the policies
from leadflow.store.ledger import Ledger  # noqa: E402 -- as above


def die_after_the_commit(mark: Path) -> None:
    """W7: the row says accepted, Temporal has not heard of it."""
    finish = Ledger.finish

    def finish_and_die(self: Ledger, mine: Any, state: Any, *args: Any, **said: Any) -> Any:
        entry = finish(self, mine, state, *args, **said)
        if state == "accepted" and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return entry

    Ledger.finish = finish_and_die  # type: ignore[method-assign]  # the death is injected here


if __name__ == "__main__":
    if sys.argv[1:]:
        die_after_the_commit(Path(sys.argv[1]))
    sys.exit(worker.main())
