"""How parity tells what is different: which thing, when, and what in it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from proving.parity import LONGEST, Asked, compared

NOON = datetime(2026, 11, 23, 9, tzinfo=UTC)


def asked(kind: str, what: Any) -> Asked:
    return Asked(kind, NOON, what)


@pytest.mark.parametrize(
    ("then", "now", "told"),
    [
        ([asked("end", [1])], [asked("end", [1])], []),
        (
            [asked("timer", "2026-11-24")],
            [asked("timer", "2026-11-25")],
            ["timer 1 at 2026-11-23 09:00:00: it was 2026-11-24, now is 2026-11-25"],
        ),
        (
            [asked("answer", {"a": [{"b": 1}]})],
            [asked("answer", {"a": [{"b": 2}]})],
            ["answer 1 at 2026-11-23 09:00:00: a[0].b was 1, now is 2"],
        ),
        (
            [asked("activity", {"a": 1})],
            [asked("activity", {"b": 1})],
            [
                "activity 1 at 2026-11-23 09:00:00: a was 1, now is nothing",
                "activity 1 at 2026-11-23 09:00:00: b was nothing, now is 1",
            ],
        ),
        (
            [asked("timer", "x"), asked("end", [])],
            [asked("end", []), asked("end", [])],
            [
                "timer 1 at 2026-11-23 09:00:00: fewer than recorded",
                "end 2 at 2026-11-23 09:00:00: more than recorded",
            ],
        ),
    ],
)
def test_differences_in_words(then: list[Asked], now: list[Asked], told: list[str]) -> None:
    """Kind by kind, each by its place in the history and the way to the value."""
    assert list(compared(then, now)) == told


def test_long_values_are_cut() -> None:
    """A state is long; its difference is a line."""
    (line,) = compared([asked("end", ["x" * 1000])], [asked("end", ["y"])])
    assert len(line) < LONGEST + 100
    assert "…" in line
