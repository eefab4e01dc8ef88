"""What is measured: CPU and memory of processes, histories by size and by kind of event."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

import msgspec
import psutil
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

LOOK_SECONDS = 0.1
PATIENCE = 300.0
"""Seconds after which a lead that does not come to rest is an error."""


def cpu_seconds(pid: int) -> float:
    """User and system time of a process with all its children, those that have ended included."""
    whole = psutil.Process(pid)
    own = whole.cpu_times()
    total = own.user + own.system + own.children_user + own.children_system
    for child in whole.children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return float(total)


def memory_mb(pid: int) -> float:
    """Resident memory of a process alone, in megabytes."""
    return float(psutil.Process(pid).memory_info().rss / 1e6)


class History(msgspec.Struct, frozen=True):
    """How long the history of a lead's run is."""

    events: int
    bytes: int


async def settled(client: Client, workflow: str) -> History:
    """Waits until nothing is under way in a run but timers: no activity, no workflow task.

    Raises:
        TimeoutError: it never comes to rest.
    """
    handle = client.get_workflow_handle(workflow)
    async with asyncio.timeout(PATIENCE):
        while True:
            raw = (await handle.describe()).raw_description
            if not raw.pending_activities and not raw.HasField("pending_workflow_task"):
                info = raw.workflow_execution_info
                return History(info.history_length, info.history_size_bytes)
            await asyncio.sleep(LOOK_SECONDS)


class Events(msgspec.Struct, frozen=True):
    """What a history is made of."""

    steps: list[dict[str, int]]
    """Type → how many, of each step."""
    sizes: dict[str, int]
    """Type → bytes, of all."""


async def events(client: Client, workflow: str, lengths: Sequence[int]) -> Events:
    """A run's events; ``lengths``: of its history after each step."""
    history = await client.get_workflow_handle(workflow).fetch_history()
    names = [_name(event.event_type) for event in history.events]
    sizes: Counter[str] = Counter()
    for name, event in zip(names, history.events, strict=True):
        sizes[name] += event.ByteSize()
    starts = [0, *lengths[:-1]]
    steps = [dict(Counter(names[a:b])) for a, b in zip(starts, lengths, strict=True)]
    return Events(steps, dict(sizes.most_common()))


def _name(number: EventType.ValueType) -> str:
    words = EventType.Name(number).removeprefix("EVENT_TYPE_").split("_")
    return "".join(word.capitalize() for word in words)
