"""The clock port: activities never ask the machine themselves, so that a test may skip a month."""

from __future__ import annotations

import time
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

from google.protobuf.empty_pb2 import Empty
from temporalio import activity
from temporalio.client import Client
from typing_extensions import override


class Clock(Protocol):
    """Tells the time."""

    async def now(self) -> datetime:
        """The instant, aware, UTC."""
        ...


class SystemClock(Clock):
    """The machine's clock; within an activity the Temporal server's.

    Quiet hours, lateness and the ledger must not depend on which worker happens to try, so an attempt goes by the instant
    at which the server handed it out, and by what has passed here since: a worker whose clock is wrong, or is set right in
    the middle, judges like the others.
    """

    @override
    async def now(self) -> datetime:
        if not activity.in_activity():
            return machine()
        began = _began.get()
        if began is None:
            began = _Began(activity.info().started_time, time.monotonic())
            _began.set(began)
        return began.server + timedelta(seconds=time.monotonic() - began.here)


def machine() -> datetime:
    """What this machine thinks."""
    return datetime.now(UTC)


class _Began(NamedTuple):
    """When an attempt began."""

    server: datetime
    here: float
    """On a clock that nobody sets."""


_began: ContextVar[_Began | None] = ContextVar("began", default=None)
"""Of the attempt whose task asks: each has a context of its own."""


class ServerClock(Clock):
    """The clock of Temporal's time-skipping test server, which runs ahead of the machine's."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @override
    async def now(self) -> datetime:
        answer = await self._client.test_service.get_current_time(Empty())
        return answer.time.ToDatetime(UTC)
