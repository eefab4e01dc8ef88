"""When clocks let a message go (language.md, Meaning 8 and 9)."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given, strategies as st

from leadflow.engine.calendar import Calendar, is_open, quiet_until
from leadflow.engine.effects import SendMessage
from leadflow.engine.permit import first_allowed, next_allowed
from leadflow.engine.pipeline import (
    Action,
    Pipeline,
    Program,
    Send,
    Stage,
    Step,
    Text,
)
from tests.support.times import utc

MONDAY = utc("2026-11-23 00:00", "Europe/Moscow")
NIGHT = (20 * 60, 9 * 60)
WINDOW = Calendar(timezone="Europe/Moscow", days=(0, 1, 2, 3, 4), opens=10 * 60, closes=18 * 60)
ZONES = ["Europe/Moscow", "Asia/Vladivostok", "America/New_York"]

ACTION = Action(ref="a/sequence/0/do", node="m", do=Send(channel="sms", body=Text(source="Hi")))
SEQUENCE = Program(
    ref="a/sequence",
    kind="sequence",
    steps=(Step(ref="a/sequence/0", node="m", action=ACTION),),
    window=WINDOW,
)
PIPELINE = Pipeline(
    id="p", title="P", fields={}, stages={"a": Stage(id="a", title="A", programs=(SEQUENCE,))}
)


def message(*, manual: bool = False, window: bool = True) -> SendMessage:
    """A step's SMS, planned."""
    return SendMessage(
        key="k", ref=ACTION.ref, channel="sms", to="+79161234567", body=Text(source="Hi"),
        quiet_hours=NIGHT, window=window, timezone="Europe/Moscow", manual=manual,
    )  # fmt: skip


@given(hours=st.integers(0, 24 * 14), timezone=st.sampled_from(ZONES))
def test_what_is_allowed_is_in_the_window_and_not_quiet(hours: int, timezone: str) -> None:
    """By the client's clock, never earlier than asked, and allowed once it is there."""
    at = MONDAY + timedelta(hours=hours)
    go = first_allowed(at, NIGHT, WINDOW, timezone)
    here = Calendar(timezone, WINDOW.days, WINDOW.opens, WINDOW.closes)
    assert go >= at
    assert is_open(here, go)
    assert quiet_until(go, NIGHT, timezone) == go
    assert first_allowed(go, NIGHT, WINDOW, timezone) == go


def test_without_quiet_hours_and_window_it_goes_at_once() -> None:
    """Nothing puts it off."""
    assert first_allowed(MONDAY, None, None, "Europe/Moscow") == MONDAY


def test_a_window_inside_quiet_hours_never_opens() -> None:
    """The search ends all the same, after the night it began in."""
    evening = Calendar("Europe/Moscow", tuple(range(7)), 21 * 60, 23 * 60)
    assert first_allowed(MONDAY, NIGHT, evening, "Europe/Moscow") > MONDAY


def test_a_steps_message_waits_for_its_window() -> None:
    """Nine o'clock is not quiet any more, the window opens at ten."""
    nine, ten = (utc(f"2026-11-23 {hour}:00", "Europe/Moscow") for hour in ("09", "10"))
    assert _go(message(), nine) == ten
    assert _go(message(window=False), nine) == nine


def test_a_managers_own_goes_at_night() -> None:
    """Meaning 9: it passes quiet hours and window."""
    assert _go(message(manual=True), MONDAY) == MONDAY


def _go(effect: SendMessage, at: datetime) -> datetime:
    return next_allowed(effect, PIPELINE, at)
