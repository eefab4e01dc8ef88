"""The figures of a bench, and what they say: medians of the rounds, product ÷ baseline."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median

import msgspec

from bench.paces import Calm


class Round(msgspec.Struct, frozen=True):
    """What one round measured of one side."""

    calm: Calm
    updates: list[float]
    """Seconds until each decision was answered, at low load."""
    throughput: float
    """Leads a second."""


class Figures(msgspec.Struct, frozen=True):
    """One side, medians of its rounds; CPU in milliseconds per lead."""

    events: float
    bytes: float
    cpu_ms: float
    """Server and worker."""
    server_ms: float
    worker_ms: float
    client_ms: float
    """Of the process that asks; on top of `cpu_ms`."""
    rushed: int
    """Steps that a round saw unsettled: with many of them the pace was not calm, the machine too busy."""
    throughput: float
    update_p50_ms: float
    update_p95_ms: float
    steps: list[dict[str, int]]
    """Events by type, of a lead's creation and of each decision."""
    sizes: dict[str, int]
    """Bytes by type."""


class Ratios(msgspec.Struct, frozen=True):
    """Product ÷ baseline; less is better in all but ``throughput``."""

    events: float
    bytes: float
    cpu: float
    throughput: float
    update_p50: float


def figures(rounds: list[Round]) -> Figures:
    """The medians."""
    calm = [one.calm for one in rounds]
    updates = sorted(seconds for one in rounds for seconds in one.updates)
    return Figures(
        events=median(events for one in calm for events in one.events),
        bytes=median(size for one in calm for size in one.bytes),
        cpu_ms=_ms(_cpu(one) for one in rounds),
        server_ms=_ms(one.server for one in calm),
        worker_ms=_ms(one.worker for one in calm),
        client_ms=_ms(one.client for one in calm),
        rushed=sum(one.rushed for one in calm),
        throughput=round(median(one.throughput for one in rounds), 2),
        update_p50_ms=_ms(updates),
        update_p95_ms=round(1_000 * updates[int(len(updates) * 0.95)], 2),
        steps=calm[-1].last.steps,
        sizes=calm[-1].last.sizes,
    )


def ratios(product: list[Round], baseline: list[Round]) -> Ratios:
    """To be held against the lines in docs/performance.md.

    What depends on how busy the machine is at the moment is compared within each round; then the median is taken.
    """
    ours, theirs = figures(product), figures(baseline)
    turns = list(zip(product, baseline, strict=True))
    return Ratios(
        events=round(ours.events / theirs.events, 3),
        bytes=round(ours.bytes / theirs.bytes, 3),
        cpu=round(median(_cpu(one) / _cpu(other) for one, other in turns), 3),
        throughput=round(median(one.throughput / other.throughput for one, other in turns), 3),
        update_p50=round(median(_update(one) / _update(other) for one, other in turns), 3),
    )


def _cpu(one: Round) -> float:
    return one.calm.server + one.calm.worker


def _update(one: Round) -> float:
    return median(one.updates)


def _ms(seconds: Iterable[float]) -> float:
    return round(1_000 * median(seconds), 2)
