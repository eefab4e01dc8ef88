"""The clock port: activities never ask the machine themselves, so that a test may skip a month."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from google.protobuf.empty_pb2 import Empty
from temporalio.client import Client
from typing_extensions import override


class Clock(Protocol):
    """Tells the time."""

    async def now(self) -> datetime:
        """The instant, aware, UTC."""
        ...


class SystemClock(Clock):
    """The machine's clock."""

    @override
    async def now(self) -> datetime:
        return datetime.now(UTC)


class ServerClock(Clock):
    """The clock of Temporal's time-skipping test server, which runs ahead of the machine's."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @override
    async def now(self) -> datetime:
        answer = await self._client.test_service.get_current_time(Empty())
        return answer.time.ToDatetime(UTC)
