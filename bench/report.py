"""A bench as people read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from bench.figures import Figures
from bench.run import Done

Row = tuple[str, ...]
STEPS = ("create", "qualified", "consent", "convert")
LINES = {
    "events": "history events per lead",
    "bytes": "history bytes per lead",
    "cpu": "CPU per lead, server and worker, ms",
    "throughput": "leads per second, many at once",
    "update_p50": "update answered, median, ms",
}


def against(done: Done) -> Iterator[Row]:
    """What is measured, product, baseline, ratio."""
    values = {"cpu": "cpu_ms", "update_p50": "update_p50_ms"}
    for name, words in LINES.items():
        ours, theirs = (getattr(side, values.get(name, name)) for side in _sides(done))
        yield words, f"{ours:g}", f"{theirs:g}", f"{getattr(done.ratios, name):.2f} ×"
    for name, words in {
        "server_ms": "  of it the Temporal server",
        "worker_ms": "  of it the worker",
        "client_ms": "  and the client, not in the ratio",
        "update_p95_ms": "update answered, 95 of 100, ms",
        "rushed": "steps that had no time to settle",
    }.items():
        ours, theirs = (getattr(side, name) for side in _sides(done))
        yield words, f"{ours:g}", f"{theirs:g}", f"{ours / theirs:.2f} ×" if theirs else "–"


def events(done: Done) -> Iterator[Row]:
    """Events of a lead by type: product and baseline, for each step and in all; and their bytes."""
    ours, theirs = _sides(done)
    mine, other = ([*side.steps, _sum(side.steps)] for side in (ours, theirs))
    for kind in sorted(mine[-1] | other[-1], key=lambda kind: -mine[-1].get(kind, 0)):
        counts = (f"{a.get(kind, 0)} / {b.get(kind, 0)}" for a, b in zip(mine, other, strict=True))
        yield kind, *counts, f"{ours.sizes.get(kind, 0)} / {theirs.sizes.get(kind, 0)}"
    sums = (f"{sum(a.values())} / {sum(b.values())}" for a, b in zip(mine, other, strict=True))
    yield "all", *sums, f"{sum(ours.sizes.values())} / {sum(theirs.sizes.values())}"


def others(done: Done) -> Iterator[Row]:
    """What only the product has."""
    one = done.alone
    yield "engine, steps per second in virtual time", f"{one.steps_per_second:,.0f}"
    yield f"check of {one.check_lines} lines, s", f"{one.check_seconds:g}"
    yield f"{one.scenarios} scenarios, s", f"{one.scenario_seconds:g}"
    if done.sleep is not None:
        for name, value in msgspec.structs.asdict(done.sleep).items():
            yield f"sleeping: {name.replace('_', ' ')}", f"{value:g}"


def _sides(done: Done) -> tuple[Figures, Figures]:
    return done.product, done.baseline


def _sum(steps: list[dict[str, int]]) -> dict[str, int]:
    return sum((Counter(step) for step in steps), Counter[str]())
