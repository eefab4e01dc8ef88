"""The three ways a side is driven: calm (what a lead costs), alone (how quick an answer is), many (how much goes through)."""

from __future__ import annotations

import asyncio
import os
import time

import msgspec
import psutil

from bench.meter import LOOK_SECONDS, Events, cpu_seconds, events, settled
from bench.sides import STEPS, Side, Step, address

PAUSE = 0.8
"""Seconds in which a lead settles after each decision."""
STAGGER = 0.25
"""Seconds between the beginnings of calm leads."""
IDLE_SECONDS = 3.0
AT_ONCE = 40
"""Leads in parallel, for the throughput."""


class Calm(msgspec.Struct, frozen=True):
    """A round at a calm pace; CPU in seconds per lead."""

    events: list[int]
    """Of each lead."""
    bytes: list[int]
    rushed: int
    """Steps of the last lead that had not settled in time: this machine was too busy for a calm pace."""
    server: float
    """Without what it uses while nothing happens."""
    worker: float
    client: float
    """Of this process: in an installation the web part's or the command line's. Not in the ratio."""
    last: Events
    """Of the last lead; its steps: the creation, each decision."""


async def idle(server: int) -> float:
    """Seconds of CPU a second that the Temporal server uses while nothing happens."""
    before = cpu_seconds(server)
    await asyncio.sleep(IDLE_SECONDS)
    return (cpu_seconds(server) - before) / IDLE_SECONDS


async def calm(side: Side, server: int, resting: float, name: str, leads: int) -> Calm:
    """Leads side by side, each settling before the next decision. ``resting``: what `idle` found."""
    before, begun = _cpu(side, server), time.perf_counter()
    # Looking whether a lead has settled costs the server as much as some steps do: only the last one is looked at.
    others = [_calmly(side, f"{name}-{number}", number * STAGGER) for number in range(leads - 1)]
    last = _watched(side, f"{name}-last", leads * STAGGER)
    lived, (watched, lengths, rushed) = await asyncio.gather(asyncio.gather(*others), last)
    used = [after - start for after, start in zip(_cpu(side, server), before, strict=True)]
    seconds = time.perf_counter() - begun
    histories = [await settled(side.client, lead) for lead in (*lived, watched)]
    return Calm(
        events=[each.events for each in histories],
        bytes=[each.bytes for each in histories],
        rushed=rushed,
        server=(used[0] - resting * seconds) / leads,
        worker=used[1] / leads,
        client=used[2] / leads,
        last=await events(side.client, watched, lengths),
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
                await _decide(side, client, lead, step)
            await side.client.get_workflow_handle(lead).result()

    begun = time.perf_counter()
    await asyncio.gather(*(live(number) for number in range(leads)))
    return leads / (time.perf_counter() - begun)


async def _calmly(side: Side, name: str, after: float) -> str:
    """A whole life."""
    await asyncio.sleep(after)
    lead = await side.begin(name)
    for step in STEPS:
        await asyncio.sleep(PAUSE)
        await _decide(side, name, lead, step)
    await side.client.get_workflow_handle(lead).result()
    return lead


async def _watched(side: Side, name: str, after: float) -> tuple[str, list[int], int]:
    """The same; how long the history was after each step, and how many steps had not settled in time."""
    await asyncio.sleep(after)
    lead, lengths, rushed = await side.begin(name), [], 0
    for step in (*STEPS, None):
        await asyncio.sleep(PAUSE)
        looked = time.perf_counter()
        lengths.append((await settled(side.client, lead)).events)
        rushed += time.perf_counter() - looked > LOOK_SECONDS
        if step:
            await _decide(side, name, lead, step)
    return lead, lengths, rushed


async def _decide(side: Side, client: str, lead: str, step: Step) -> None:
    """As things go: consent comes from somebody who has read the offer."""
    if step == "consent":
        await side.mailbox.arrived(address(client))
    await side.decide(lead, step)


def _cpu(side: Side, server: int) -> tuple[float, float, float]:
    own = psutil.Process(os.getpid()).cpu_times()
    return cpu_seconds(server), cpu_seconds(side.worker), own.user + own.system
