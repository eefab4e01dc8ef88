"""Opening hours, windows, quiet hours, what is left, and how hours are written (language.md, Meaning 6 to 10).

November 2026: Friday 20, Saturday 21, Monday 23.
"""

import pytest

from leadflow.engine.calendar import (
    Calendar,
    is_open,
    left,
    next_open,
    parse_days,
    parse_hours,
    quiet_until,
    window_next,
    working_day_opening,
)
from leadflow.engine.clock import CalendarError
from leadflow.engine.durations import format_duration, parse_duration
from tests.support.times import shown, utc

MOSCOW, BERLIN, NEW_YORK = "Europe/Moscow", "Europe/Berlin", "America/New_York"
OFFICE = Calendar(MOSCOW, opens=540, closes=1140)
"""mon-fri, 09:00-19:00."""


@pytest.mark.parametrize(
    ("at", "opens", "is_now"),
    [
        ("2026-11-20 09:00", "Fri 2026-11-20 09:00", True),
        ("2026-11-20 18:59", "Fri 2026-11-20 18:59", True),
        ("2026-11-20 19:00", "Mon 2026-11-23 09:00", False),
        ("2026-11-20 08:59", "Fri 2026-11-20 09:00", False),
        ("2026-11-21 12:00", "Mon 2026-11-23 09:00", False),
    ],
)
def test_opening_hours_include_the_opening_and_not_the_closing(
    at: str, opens: str, is_now: bool
) -> None:
    """The next opening of an open instant is itself."""
    assert shown(next_open(OFFICE, utc(at, MOSCOW)), MOSCOW) == opens
    assert is_open(OFFICE, utc(at, MOSCOW)) is is_now


def test_a_window_counts_by_the_clients_clock() -> None:
    """The same window opens when it is ten o'clock where the client is."""
    window = Calendar(MOSCOW, days=(1, 2, 3), opens=600, closes=720)
    friday = utc("2026-11-20 11:00", MOSCOW)
    for tz in (MOSCOW, "Asia/Vladivostok", NEW_YORK):
        assert shown(window_next(friday, window, tz), tz) == "Tue 2026-11-24 10:00"
    inside = utc("2026-11-24 11:00", NEW_YORK)
    assert window_next(inside, window, NEW_YORK) == inside


@pytest.mark.parametrize(
    ("at", "hours", "expected"),
    [
        ("2026-11-20 15:00", "20:00-09:00", "Fri 2026-11-20 15:00"),
        ("2026-11-20 20:00", "20:00-09:00", "Sat 2026-11-21 09:00"),
        ("2026-11-21 02:00", "20:00-09:00", "Sat 2026-11-21 09:00"),
        ("2026-11-21 09:00", "20:00-09:00", "Sat 2026-11-21 09:00"),
        ("2026-11-20 19:59", "20:00-09:00", "Fri 2026-11-20 19:59"),
        ("2026-11-20 13:30", "13:00-14:00", "Fri 2026-11-20 14:00"),
        ("2026-11-20 12:59", "13:00-14:00", "Fri 2026-11-20 12:59"),
        ("2026-11-20 23:30", "22:00-24:00", "Sat 2026-11-21 00:00"),
        ("2026-11-20 23:30", "22:00-00:00", "Sat 2026-11-21 00:00"),
        ("2026-03-28 23:00", "20:00-02:30", "Sun 2026-03-29 03:00"),  # the end is skipped
        ("2026-10-24 23:00", "20:00-09:00", "Sun 2026-10-25 09:00"),
    ],
)
def test_quiet_hours_lead_to_their_end(at: str, hours: str, expected: str) -> None:
    """Outside nothing moves; inside, over midnight and DST, their end by the client's clock."""
    quiet = parse_hours(hours, wraps=True)
    assert shown(quiet_until(utc(at, BERLIN), quiet, BERLIN), BERLIN) == expected


def test_quiet_hours_end_with_the_first_of_a_doubled_time() -> None:
    """20:00-02:30 ends at the first 02:30 of the night of the change, and the second 02:10 is outside."""
    quiet = parse_hours("20:00-02:30", wraps=True)
    assert quiet_until(utc("2026-10-25 01:00", BERLIN), quiet, BERLIN) == utc(
        "2026-10-25 02:30", BERLIN
    )
    again = utc("2026-10-25 02:10", BERLIN, second=True)
    assert quiet_until(again, quiet, BERLIN) == again


def test_a_date_is_its_opening_hour() -> None:
    """Also of a closed day; nine in the morning without a calendar."""
    assert (
        shown(working_day_opening("2026-11-25", Calendar(MOSCOW, opens=600), MOSCOW), MOSCOW)
        == "Wed 2026-11-25 10:00"
    )
    assert (
        shown(working_day_opening("2026-11-22", OFFICE, MOSCOW), MOSCOW) == "Sun 2026-11-22 09:00"
    )
    assert (
        shown(working_day_opening("2026-11-25", None, NEW_YORK), NEW_YORK) == "Wed 2026-11-25 09:00"
    )


@pytest.mark.parametrize(
    ("now", "due", "unit", "expected"),
    [
        ("2026-11-20 15:00", "2026-11-23 15:00", "1 working day", "1 working day"),
        (
            "2026-11-20 15:00",
            "2026-11-25 11:00",
            "5 working days",
            "2 working days 6 working hours",
        ),
        ("2026-11-20 15:00", "2026-11-25 11:00", "9 working hours", "26 working hours"),
        (
            "2026-11-20 15:00",
            "2026-11-25 11:00",
            "1 working week",
            "2 working days 6 working hours",
        ),
        ("2026-11-21 15:00", "2026-11-24 09:00", "1 working day", "1 working day"),
        ("2026-11-20 15:00", "2026-11-25 11:00", "1 week", "4 days 20 hours"),
        ("2026-11-20 15:00", "2026-11-25 11:00", "P1M", "4 days 20 hours"),
        ("2026-11-20 15:00", "2026-11-25 15:00", "1 week", "5 days"),
        ("2026-11-20 15:00", "2026-11-21 11:00", "1 hour", "20 hours"),
        ("2026-11-20 15:00", "2026-11-20 15:00", "1 hour", "0 days"),
        ("2026-11-20 15:00", "2026-11-19 15:00", "1 working day", "0 working days"),
        ("2026-11-21 12:00", "2026-11-22 12:00", "1 working hour", "0 working days"),
        ("2026-11-20 15:00", "2026-11-23 09:00", "1 working day", "4 working hours"),  # an opening
        ("2026-11-20 15:00", "2026-11-23 07:00", "1 working hour", "4 working hours"),
        ("2026-11-20 07:00", "2026-11-20 21:00", "1 working hour", "10 working hours"),
        ("2026-11-20 15:00", "2026-11-20 15:00:01.5", "1 hour", "2 seconds"),
    ],
)
def test_what_is_left_is_whole_days_then_the_rest(
    now: str, due: str, unit: str, expected: str
) -> None:
    """In the unit of the deadline; hours stay hours; the past leaves nothing; parts of a second are rounded up."""
    rest = left(utc(now, MOSCOW), utc(due, MOSCOW), parse_duration(unit), OFFICE, MOSCOW)
    assert format_duration(rest) == expected


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", (0, 1, 2, 3, 4)),
        ("mon", (0,)),
        ("mon, wed, sat-sun", (0, 2, 5, 6)),
        ("sat-mon", (0, 5, 6)),
        ("mon-sun", (0, 1, 2, 3, 4, 5, 6)),
        ("fri,mon - tue,mon", (0, 1, 4)),
    ],
)
def test_days_are_names_and_ranges(text: str, days: tuple[int, ...]) -> None:
    """In the order of the week, each once; a range may pass Sunday."""
    assert parse_days(text) == days


@pytest.mark.parametrize(
    "text", ["", "monday", "mon-", "-fri", "mon-fri-sat", "mon,", "Mon", "1-5", "пн-пт"]
)
def test_other_days_are_refused(text: str) -> None:
    """The message shows how to write them."""
    with pytest.raises(CalendarError, match="write 'mon-fri' or 'mon, wed, sat'"):
        parse_days(text)


@pytest.mark.parametrize(
    ("text", "wraps", "hours"),
    [
        ("09:00-18:00", False, (540, 1080)),
        ("9:00 - 18:30", False, (540, 1110)),
        ("00:00-24:00", False, (0, 1440)),
        ("20:00-09:00", True, (1200, 540)),
        ("20:00-00:00", True, (1200, 0)),
        ("13:00-14:00", True, (780, 840)),
    ],
)
def test_hours_are_minutes_of_the_day(text: str, wraps: bool, hours: tuple[int, int]) -> None:
    """Quiet hours may pass midnight, working hours lie within the day."""
    assert parse_hours(text, wraps=wraps) == hours


@pytest.mark.parametrize(
    ("text", "wraps", "words"),
    [
        ("", False, "write one like"),
        ("9-18", False, "write one like"),
        ("09:00", False, "write one like"),
        ("09:00–18:00", False, "write one like"),
        ("18:00-09:00", False, "ends before it begins"),
        ("24:00-09:00", True, "ends before it begins"),
        ("09:00-09:00", False, "whole day or none"),
        ("20:00-20:00", True, "whole day or none"),
        ("00:00-24:00", True, "whole day or none"),
    ],
)
def test_other_hours_are_refused(text: str, wraps: bool, words: str) -> None:
    """The message says what is wrong: no hours, the wrong way round, or silence for ever."""
    with pytest.raises(CalendarError, match=words):
        parse_hours(text, wraps=wraps)
