"""Locks that no single row stands for, held until the transaction ends.

SQLite needs none: its writer is alone. On PostgreSQL a transaction does not see what another is about to commit, so
that two can each look, find nothing against it, and both go on; these locks let the second one wait and look again.
"""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

Lock = Literal["migration", "hand_over", "publish", "seen"]
"""``hand_over``: shared by everybody who hands a message over, alone for who stops messages of many leads at once;
``seen``: for who moves the mark that only goes forward."""

_NUMBERS: dict[Lock, int] = {"migration": 1, "hand_over": 2, "publish": 3, "seen": 4}
_OURS = 7_305_809
"""First half of the lock's name: an arbitrary number that stays."""


def take(connection: Connection, lock: Lock, *, shared: bool = False) -> None:
    """Waits for the lock."""
    if connection.dialect.name != "postgresql":
        return
    function = sa.func.pg_advisory_xact_lock_shared if shared else sa.func.pg_advisory_xact_lock
    connection.execute(sa.select(function(_OURS, _NUMBERS[lock])))
