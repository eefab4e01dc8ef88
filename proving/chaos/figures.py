"""What a run has shown, in numbers."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from math import ceil

import msgspec

from leadflow.store.books import Books
from proving.chaos.journal import Line
from proving.chaos.storm import Struck
from proving.sinks.process import Sink

DEADLY = frozenset(
    {"kill worker", "kill every worker", "stop worker", "kill temporal", "kill database"}
    | {"restart database", "lock database"}
)


class Spread(msgspec.Struct, frozen=True):
    """Of some seconds: how many values, the middle one, the one that 95 in 100 do not pass, the greatest."""

    count: int
    p50: float
    p95: float
    most: float


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """All of them; seconds, megabytes."""

    struck: dict[str, int]
    """What was done how often; ``killed by a sink``: in the middle of a message."""
    recovery: dict[str, Spread]
    """By what was done: until the next hand-over or the end of one, by any worker."""
    answers: Spread
    """How long decisions took, with every retry."""
    waits: Spread
    """From a message's plan to its hand-over, refusals by the other side included."""
    leads_per_minute: float
    events_per_second: float
    messages_per_second: float
    memory: dict[str, int]


def figures(
    books: Books,
    lines: Sequence[Line],
    struck: Sequence[Struck],
    sinks: Sequence[Sink],
    seconds: float,
    memory: dict[str, int],
) -> Figures:
    """Of a run of ``seconds`` of load."""
    killed = [fault["time"] for sink in sinks for fault in sink.faults() if "kill" in fault]
    blows: dict[str, list[float]] = {"killed by a sink": killed}
    for each in struck:
        blows.setdefault(each.what, []).append(each.time)
    life = sorted(
        moment.timestamp()
        for send in books.sends
        for moment in (send.handed, send.finished)
        if moment is not None
    )
    recovery = {
        what: spread([after for time in times if (after := _next(life, time)) is not None])
        for what, times in blows.items()
        if what in DEADLY or what == "killed by a sink"
    }
    handed = [(send.handed - send.planned).total_seconds() for send in books.sends if send.handed]
    return Figures(
        struck={what: len(times) for what, times in sorted(blows.items())},
        recovery={what: found for what, found in sorted(recovery.items()) if found.count},
        answers=spread([line.took for line in lines if line.what in {"acted", "refused"}]),
        waits=spread(handed),
        leads_per_minute=round(60 * len(books.leads) / seconds, 1),
        events_per_second=round(len(books.events) / seconds, 1),
        messages_per_second=round(sum(sink.count() for sink in sinks) / seconds, 1),
        memory=memory,
    )


def spread(values: Sequence[float]) -> Spread:
    """All zero of none."""
    ordered = sorted(values)
    if not ordered:
        return Spread(0, 0, 0, 0)

    def at(share: float) -> float:
        return round(ordered[ceil(share * len(ordered)) - 1], 2)

    return Spread(len(ordered), at(0.5), at(0.95), at(1))


def answers(lines: Sequence[Line]) -> dict[str, int]:
    """Kind of answer → how many."""
    return dict(Counter(line.what for line in lines))


def _next(moments: Sequence[float], time: float) -> float | None:
    """Seconds from a time to the first moment after it; None: nothing came any more."""
    place = bisect_right(moments, time)
    return moments[place] - time if place < len(moments) else None
