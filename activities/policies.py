"""Timeouts and retries of every activity, in one table. Histories record them, the replayer does not compare them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, TypedDict

from temporalio.common import RetryPolicy

COMMIT_ACTIVITY: Final = "commit"
SEND_ACTIVITY: Final = "send"
MARK_ACTIVITY: Final = "mark"
"""Names that histories keep: never rename."""

HEARTBEAT_SECONDS = 4
"""Between two heartbeats of a send; the server waits five times as long before it takes the worker for dead."""


class Policy(TypedDict):
    """Keyword arguments of ``workflow.execute_activity``."""

    start_to_close_timeout: timedelta
    heartbeat_timeout: timedelta | None
    retry_policy: RetryPolicy


COMMIT = Policy(
    # A worker killed in the middle is noticed after that long. An attempt that only waits for a lock goes on in its
    # thread meanwhile and does no harm: the same commit changes nothing the second time.
    start_to_close_timeout=timedelta(seconds=10),
    heartbeat_timeout=None,
    retry_policy=RetryPolicy(
        initial_interval=timedelta(milliseconds=200),
        backoff_coefficient=2,
        maximum_interval=timedelta(seconds=30),
    ),
)
"""Our own database: retried for ever, because nothing may be decided that is not stored."""

SEND = Policy(
    # RFC 5321 §4.5.3.2: ten minutes may pass between the dot and the 250.
    start_to_close_timeout=timedelta(minutes=15),
    heartbeat_timeout=timedelta(seconds=5 * HEARTBEAT_SECONDS),
    retry_policy=RetryPolicy(
        initial_interval=timedelta(seconds=2),
        backoff_coefficient=2,
        maximum_interval=timedelta(minutes=1),
    ),
)
"""What leaves the house: each attempt asks the ledger first, so that retrying is harmless; ``not_after`` ends it.

The pauses are for attempts that die; one that ends says itself when the next is worth while (`activities.ended.Later`).
"""

MARK = timedelta(seconds=5)
"""For what does nothing."""
