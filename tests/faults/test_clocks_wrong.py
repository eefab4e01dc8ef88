"""Clocks that are wrong (C1–C3): a worker's own clock decides nothing; night and lateness go by the server's."""

from __future__ import annotations

from dataclasses import replace as replaced
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities import clock
from activities.clock import SystemClock
from proving.sinks.process import Sink
from tests.faults.life import account, offered, sends
from tests.support import chaos
from tests.support.running import home, until
from tests.support.tiny import TINY, tiny

HOUR = 3600
NOON = datetime(2026, 11, 23, 9, tzinfo=UTC)


def awake_now(off: int) -> str:
    """It is day by the true clock, and night by one that is so wrong."""
    night = datetime.now(UTC) + timedelta(seconds=off)
    hours = f"{night - timedelta(hours=1):%H:%M}-{night + timedelta(hours=1):%H:%M}"
    calendar = 'calendar: {timezone: Etc/UTC, days: mon-sun, hours: "00:00-23:59"}'
    return f'{calendar}\nquiet_hours: "{hours}"\nmax_late: 30 minutes\nfields:'


@pytest.mark.parametrize("off", [-9 * HOUR, 81 * HOUR])
async def test_a_workers_clock_is_wrong(tmp_path: Path, temporal_server: str, off: int) -> None:
    """C1: hours or days off, timers fire as they should, and a letter of the day goes: neither held for the night nor late."""
    text = TINY.replace("fields:", awake_now(off)).replace(
        "    on_enter:\n      - send_email: offer",
        "    sequence: {steps: [{after: 2 seconds, send_email: offer}]}",
    )
    with Sink("smtp", tmp_path) as smtp:
        async with home(tmp_path, temporal_server, tiny(text), smtp_url=smtp.url) as one:
            with chaos.worker(tmp_path, {**one.environment, "CLOCK_OFF": str(off)}):
                lead = await offered(one, "c")
                began = datetime.now(UTC)
                await until(smtp.count, bool)
                assert datetime.now(UTC) - began > timedelta(seconds=1)
                report = await account(one, [smtp], [lead])
                assert (report.complaints, report.ledger) == ((), {"accepted": 1})
                (row,) = sends(one, lead)
                assert row.handed is not None
                assert abs(row.handed - datetime.now(UTC)) < timedelta(minutes=5)


async def test_an_attempt_goes_by_the_servers_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """C1: from when the server handed it out; the machine's clock jumps by a day in the middle, and it does not notice."""
    monkeypatch.setattr(clock, "machine", lambda: NOON + timedelta(days=1))
    environment = ActivityEnvironment()
    environment.info = replaced(environment.info, started_time=NOON)

    async def attempt() -> tuple[datetime, datetime]:
        return await SystemClock().now(), await SystemClock().now()

    first, second = await environment.run(attempt)
    assert NOON <= first <= second < NOON + timedelta(minutes=1)
    assert await SystemClock().now() == NOON + timedelta(days=1)


async def test_each_attempt_begins_anew() -> None:
    """C1: what one attempt knows of the time is not another's."""
    seen: list[Any] = []
    for days in (0, 3):
        environment = ActivityEnvironment()
        environment.info = replaced(environment.info, started_time=NOON + timedelta(days=days))
        seen.append(await environment.run(SystemClock().now))
    assert seen[1] - seen[0] > timedelta(days=2)
