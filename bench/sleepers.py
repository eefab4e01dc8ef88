"""Leads that sleep: how fast they begin, what they cost while nothing happens, and how all of them wake at one instant."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec

from bench.meter import cpu_seconds, memory_mb, settled
from bench.site import Site
from leadflow.engine.clock import iso
from leadflow.engine.events import Created
from leadflow.store.leads import Filters, count_leads

PIPELINE = "sleeper"
PROBE = 100
"""Leads that show how fast they begin here, so that the alarm can be set."""
AT_ONCE = 20
LAST = 200
"""Leads looked at: their tasks stand in line behind those of all others."""
MARGIN = 1.5
ASLEEP = 10.0
"""Seconds that the sleep is watched."""
PATIENCE = 1_800.0


class Sleep(msgspec.Struct, frozen=True):
    """What was measured."""

    leads: int
    started_per_second: float
    """Added, on the board, and their workflows fallen asleep."""
    worker_mb: float
    """How much the worker has grown, with all of them in its cache."""
    worker_cpu: float
    """Seconds of CPU a second, all asleep."""
    server_cpu: float
    storm_seconds: float
    """From the instant that all wait for until the last one is closed."""
    storm_half_seconds: float


async def sleep(site: Site, leads: int) -> Sleep:
    """Starts, watches, wakes them."""
    worker, far = site.product.worker, datetime.now(UTC) + timedelta(days=300)
    begun = time.monotonic()
    await _start(site, "probe", min(PROBE, leads), far)
    seconds = (time.monotonic() - begun) * leads / min(PROBE, leads)
    nap = timedelta(seconds=MARGIN * seconds + ASLEEP + 2)
    alarm = (datetime.now(UTC) + nap).replace(microsecond=0)  # fields know whole seconds
    before, begun = memory_mb(worker), time.monotonic()
    await _start(site, "sleeper", leads, alarm)
    started = time.monotonic() - begun
    grown = memory_mb(worker) - before
    used = cpu_seconds(worker), cpu_seconds(site.server)
    await asyncio.sleep(ASLEEP)
    asleep = cpu_seconds(worker) - used[0], cpu_seconds(site.server) - used[1]
    assert datetime.now(UTC) < alarm, "they woke before all had begun: the machine is too busy"
    half = await _until(lambda: _awake(site) >= leads / 2, alarm)
    whole = await _until(lambda: _awake(site) >= leads, alarm)
    return Sleep(
        leads=leads,
        started_per_second=round(leads / started, 1),
        worker_mb=round(grown, 1),
        worker_cpu=round(asleep[0] / ASLEEP, 3),
        server_cpu=round(asleep[1] / ASLEEP, 3),
        storm_seconds=round(whole, 1),
        storm_half_seconds=round(half, 1),
    )


async def _start(site: Site, name: str, leads: int, wake: datetime) -> None:
    """Returns when the board has all of them, and they sleep."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def add(number: int) -> str:
        async with gate:
            created = Created(id="created", fields={"name": "Иван", "wake": iso(wake)})
            known = f"{name}-{number}"
            answer = await site.gateway.add(PIPELINE, created, source="bench", external_id=known)
            return answer.lead

    there = _asleep(site)
    begun = await asyncio.gather(*(add(number) for number in range(leads)))
    await _until(lambda: _asleep(site) >= there + leads, datetime.now(UTC))
    for lead in begun[-LAST:]:
        await settled(site.product.client, lead)


def _asleep(site: Site) -> int:
    return count_leads(site.store, Filters(pipeline=PIPELINE)).get((PIPELINE, "asleep"), 0)


def _awake(site: Site) -> int:
    return count_leads(site.store, Filters(pipeline=PIPELINE)).get((PIPELINE, "awake"), 0)


async def _until(ready: Callable[[], bool], since: datetime) -> float:
    """Waits for it; how many seconds after an instant it came."""
    async with asyncio.timeout(PATIENCE):
        while not await asyncio.to_thread(ready):  # noqa: ASYNC110 -- the board tells nobody
            await asyncio.sleep(0.1)
    return (datetime.now(UTC) - since).total_seconds()
