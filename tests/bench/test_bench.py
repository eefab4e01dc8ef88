"""A tiny bench runs to its end; its figures have their shape, and it does not believe a side that did not do the work."""

from __future__ import annotations

import asyncio
import json
import math
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from typing_extensions import override

from bench import alone, paces, report, sleepers
from bench.mailbox import Mailbox
from bench.run import Done, Plan, bench, must_have_lived
from bench.sides import Baseline

PLAN = Plan(rounds=1, leads=2, alone=1, sleepers=4)
EVENTS, BYTES = 40, 11_000
"""The line that docs/performance.md holds (39, 10.9 kB), with room for a task that Temporal cuts in two, not for one activity more."""


def test_a_tiny_bench_has_every_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both sides live through the whole process (letters and deals are counted inside); what is printed is complete."""
    monkeypatch.setattr(paces, "IDLE_SECONDS", 0.2)
    monkeypatch.setattr(sleepers, "ASLEEP", 0.5)
    monkeypatch.setattr(alone, "LEADS", 20)
    said: list[str] = []
    done = asyncio.run(bench(PLAN, said.append))
    plain = json.loads(msgspec.json.encode(done))
    assert set(plain["ratios"]) == {"events", "bytes", "cpu", "throughput", "update_p50"}
    assert all(math.isfinite(each) and each > 0 for each in plain["ratios"].values())
    for side in (done.product, done.baseline):
        whole = sum((Counter(step) for step in side.steps), Counter[str]())
        assert whole.total() == pytest.approx(side.events, abs=6)  # of the last lead, of the median
        assert whole["WorkflowExecutionUpdateCompleted"] == 3
        assert whole["WorkflowExecutionCompleted"] == 1
        assert set(side.sizes) == set(whole)
    assert done.product.events <= EVENTS
    assert done.product.bytes <= BYTES
    assert 950 <= done.alone.check_lines <= 1050
    assert done.alone.scenarios == 50
    assert min(msgspec.structs.astuple(done.alone)) > 0
    assert done.sleep is not None
    assert done.sleep.leads == PLAN.sleepers
    assert done.sleep.storm_seconds >= done.sleep.storm_half_seconds > 0
    assert [line for line in said if line.startswith("round")] == [
        "round 1 of 1: product",
        "round 1 of 1: baseline",
    ]
    told(done)


def told(done: Done) -> None:
    """The tables say the same."""
    table = {first: rest for first, *rest in report.against(done)}
    assert table["history events per lead"] == [
        f"{done.product.events:g}",
        f"{done.baseline.events:g}",
        f"{done.ratios.events:.2f} ×",
    ]
    rows = {first: rest for first, *rest in report.events(done)}
    assert rows["WorkflowExecutionUpdateAccepted"][:5] == [
        "0 / 0",
        "1 / 1",
        "1 / 1",
        "1 / 1",
        "3 / 3",
    ]
    assert any("sleeping" in row[0] for row in report.others(done))


async def test_a_side_that_left_something_out_is_not_believed(tmp_path: Path) -> None:
    """One letter less, or one twice, than there were leads: no figures."""
    mailbox = Mailbox(tmp_path / "books")

    class Idle(Baseline):
        def __init__(self) -> None:
            self.mailbox = mailbox

        @override
        async def deals(self) -> int:
            return 2

    mailbox.letters.update(["a@example.org", "b@example.org"])
    await must_have_lived(Idle(), 2)
    with pytest.raises(AssertionError, match="2 deals of 3 leads"):
        await must_have_lived(Idle(), 3)
    mailbox.letters["b@example.org"] += 1
    with pytest.raises(AssertionError, match="3 letters to 2 leads"):
        await must_have_lived(Idle(), 2)
