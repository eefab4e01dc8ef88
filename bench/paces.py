"""The three ways a side is driven: calm (what a lead costs), alone (how quick an answer is), many (how much goes through)."""

from __future__ import annotations

import asyncio
import os
import time

import msgspec
import psutil

from bench.meter import Events, History, cpu_seconds, events, settled
from bench.sides import STEPS, Side, address

PAUSE = 0.6
"""Seconds from an answer to the look whether the lead has settled: looking costs the server something, too."""
STAGGER = 0.1
"""Seconds between the beginnings of calm leads."""
AT_ONCE = 40
"""Leads in parallel, for the throughput."""


class Calm(msgspec.Struct, frozen=True):
    """A round at a calm pace; CPU in seconds per lead."""

    events: list[int]
    """Of each lead."""
    bytes: list[int]
    server: float
    worker: float
    client: float
    """Of this process: in an installation the web part's or the command line's. Not in the ratio."""
    last: Events
    """Of the last lead; its steps: the creation, each decision."""


async def calm(side: Side, server: int, name: str, leads: int) -> Calm:
    """Leads side by side, each waiting until it has settled before the next decision."""
    before = _cpu(side, server)
    work = [_calmly(side, f"{name}-{number}", number * STAGGER) for number in range(leads)]
    lived = await asyncio.gather(*work)
    used = [after - start for after, start in zip(_cpu(side, server), before, strict=True)]
    last, lengths = lived[-1]
    return Calm(
        events=[histories[-1].events for _, histories in lived],
        bytes=[histories[-1].bytes for _, histories in lived],
        server=used[0] / leads,
        worker=used[1] / leads,
        client=used[2] / leads,
        last=await events(side.client, last, [each.events for each in lengths]),
    )


async def latencies(side: Side, name: str, leads: int) -> list[float]:
    """Seconds until a manager's decision is answered, with nothing else going on."""
    found = []
    for number in range(leads):
        lead = await side.begin(f"{name}-{number}")
        for step in STEPS:
            await settled(side.client, lead)
            begun = time.perf_counter()
            await side.decide(lead, step)
            found.append(time.perf_counter() - begun)
        await settled(side.client, lead)
    return found


async def throughput(side: Side, name: str, leads: int) -> float:
    """Leads a second from creation to their end, many at once, each deciding as soon as it is answered."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def live(number: int) -> None:
        async with gate:
            client = f"{name}-{number}"
            lead = await side.begin(client)
            for step in STEPS:
                if step == "consent":  # to an offer that he has read
                    await side.mailbox.arrived(address(client))
                await side.decide(lead, step)
            await side.client.get_workflow_handle(lead).result()

    begun = time.perf_counter()
    await asyncio.gather(*(live(number) for number in range(leads)))
    return leads / (time.perf_counter() - begun)


async def _calmly(side: Side, name: str, after: float) -> tuple[str, list[History]]:
    """A whole life; how long the history was after each step."""
    await asyncio.sleep(after)
    lead = await side.begin(name)
    lengths = [await _rested(side, lead)]
    for step in STEPS:
        await side.decide(lead, step)
        lengths.append(await _rested(side, lead))
    await side.client.get_workflow_handle(lead).result()
    return lead, lengths


async def _rested(side: Side, lead: str) -> History:
    await asyncio.sleep(PAUSE)
    return await settled(side.client, lead)


def _cpu(side: Side, server: int) -> tuple[float, float, float]:
    own = psutil.Process(os.getpid()).cpu_times()
    return cpu_seconds(server), cpu_seconds(side.worker), own.user + own.system
