"""A worker whose ledger guards nothing, as a careless product would have it: the accounting must complain of its work.

A claim never says "you must not", a hand-over is never refused, and whatever the row says the message is made and sent.
"""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection, Row

from leadflow.rules.last_look import HandOver
from leadflow.store.entries import Entry, change
from leadflow.store.ledger import Ledger
from tests.support import quick_worker


def claim(self: Ledger, key: str, worker: str, now: datetime) -> Entry:
    """Takes the row, unless it is accepted already."""

    def work(row: Row[Any], connection: Connection) -> Row[Any]:
        if row.state == "accepted":
            return row
        return change(connection, row, state="claimed", worker=worker, claimed=now)

    return self._step(key, work)


def hand_over(self: Ledger, mine: Entry, now: datetime, next_allowed: datetime) -> HandOver:
    """Writes down that it goes, and asks nothing."""

    def work(row: Row[Any], connection: Connection) -> Row[Any]:
        return change(connection, row, state="handing_over", handed=now)

    self._step(mine.key, work)
    return HandOver("go")


if __name__ == "__main__":
    Ledger.claim = claim  # type: ignore[method-assign]  # the guard is taken away
    Ledger.hand_over = hand_over  # type: ignore[method-assign]  # as above
    sys.exit(quick_worker.main())
