"""Adding and subtracting by hand-computed tables (language.md, Meaning 6); the laws: test_calendar_laws.py.

November 2026: Friday 20, Saturday 21, Monday 23, Wednesday 25.
"""

from datetime import UTC, datetime, timedelta

import pytest

from leadflow.engine.calendar import (
    Calendar,
    add,
    is_open,
    next_open,
    subtract,
    working_day_opening,
)
from leadflow.engine.clock import CalendarError
from leadflow.engine.durations import Duration, parse_duration
from tests.support.times import shown, utc

MOSCOW, BERLIN, NEW_YORK, LORD_HOWE = (
    "Europe/Moscow", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
)  # fmt: skip
OFFICE = Calendar(MOSCOW, opens=540, closes=1140)
"""mon-fri, 09:00-19:00."""
HOLIDAY = Calendar(MOSCOW, opens=540, closes=1140, closed=("2026-11-23",), open=("2026-11-21",))
"""The Monday is free, the Saturday worked instead."""
ROUND_THE_CLOCK = Calendar(BERLIN, days=tuple(range(7)), opens=0, closes=1440)
HOUR = timedelta(hours=1)
WEEKDAYS = Calendar(BERLIN, opens=0, closes=1440)


def moved(start: str, duration: str, cal: Calendar, *, back: bool = False) -> str:
    move = subtract if back else add
    return shown(
        move(utc(start, cal.timezone), parse_duration(duration), cal, cal.timezone), cal.timezone
    )


@pytest.mark.parametrize(
    ("start", "duration", "expected"),
    [
        ("2026-11-20 15:00", "2 working hours", "Fri 2026-11-20 17:00"),
        ("2026-11-20 17:00", "2 working hours", "Fri 2026-11-20 19:00"),  # ends at closing
        ("2026-11-20 19:00", "2 working hours", "Mon 2026-11-23 11:00"),  # starts at closing
        ("2026-11-20 18:00", "2 working hours", "Mon 2026-11-23 10:00"),
        ("2026-11-20 08:00", "1 working minute", "Fri 2026-11-20 09:01"),
        ("2026-11-21 12:00", "15 working minutes", "Mon 2026-11-23 09:15"),
        ("2026-11-20 15:00", "25 working hours", "Wed 2026-11-25 10:00"),
        ("2026-11-20 15:00", "1 working day", "Mon 2026-11-23 15:00"),
        ("2026-11-21 12:00", "1 working day", "Tue 2026-11-24 09:00"),  # Monday's opening first
        ("2026-11-20 19:00", "1 working day", "Tue 2026-11-24 09:00"),
        ("2026-11-20 08:00", "1 working day", "Mon 2026-11-23 09:00"),
        ("2026-11-20 09:00", "1 working day", "Mon 2026-11-23 09:00"),
        ("2026-11-20 15:00", "5 working days", "Fri 2026-11-27 15:00"),
        ("2026-11-20 15:00", "1 working week", "Fri 2026-11-27 15:00"),
        ("2026-11-20 15:00", "1 working week 1 working day", "Mon 2026-11-30 15:00"),
        ("2026-11-20 18:00", "1 working day 2 working hours", "Tue 2026-11-24 10:00"),
        ("2026-11-21 12:00", "0 working days", "Mon 2026-11-23 09:00"),
        ("2026-11-20 12:00", "0 working days", "Fri 2026-11-20 12:00"),
        ("2026-11-20 15:00", "1 day", "Sat 2026-11-21 15:00"),
        ("2026-11-20 15:00", "2 weeks", "Fri 2026-12-04 15:00"),
        ("2026-11-20 22:00", "3 hours", "Sat 2026-11-21 01:00"),
        ("2027-01-31 10:00", "P1M", "Sun 2027-02-28 10:00"),
        ("2026-11-30 10:00", "P1M1D", "Thu 2026-12-31 10:00"),
        ("2027-12-31 10:00", "P2M", "Tue 2028-02-29 10:00"),
    ],
)
def test_adding(start: str, duration: str, expected: str) -> None:
    """Hours elapse in opening hours, days keep the clock on working days, plain units know no calendar."""
    assert moved(start, duration, OFFICE) == expected


@pytest.mark.parametrize(
    ("start", "duration", "expected"),
    [
        ("2026-11-23 11:00", "2 working hours", "Mon 2026-11-23 09:00"),  # ends at opening
        ("2026-11-23 09:00", "2 working hours", "Fri 2026-11-20 17:00"),  # starts at opening
        ("2026-11-23 10:00", "2 working hours", "Fri 2026-11-20 18:00"),
        ("2026-11-22 12:00", "2 working hours", "Fri 2026-11-20 17:00"),
        ("2026-11-20 21:00", "2 working hours", "Fri 2026-11-20 17:00"),
        ("2026-11-20 19:00", "1 working minute", "Fri 2026-11-20 18:59"),
        ("2026-11-23 15:00", "1 working day", "Fri 2026-11-20 15:00"),
        ("2026-11-27 09:00", "3 working days", "Tue 2026-11-24 09:00"),  # before a date
        ("2026-11-20 19:00", "1 working day", "Thu 2026-11-19 19:00"),
        ("2026-11-22 09:00", "1 working day", "Thu 2026-11-19 19:00"),  # Friday's closing first
        ("2026-11-23 15:00", "1 working week", "Mon 2026-11-16 15:00"),
        ("2026-11-24 10:00", "1 working day 2 working hours", "Fri 2026-11-20 18:00"),
        ("2026-11-22 12:00", "0 working days", "Fri 2026-11-20 19:00"),
        ("2026-11-23 12:00", "3 days", "Fri 2026-11-20 12:00"),
        ("2026-11-23 12:00", "36 hours", "Sun 2026-11-22 00:00"),
        ("2027-03-31 10:00", "P1M", "Sun 2027-02-28 10:00"),
        ("2027-01-15 10:00", "P2M", "Sun 2026-11-15 10:00"),
    ],
)
def test_before_counts_back_alike(start: str, duration: str, expected: str) -> None:
    """The mirror image: outside go to the last closing; what ends at opening ends there, hours never start from it."""
    assert moved(start, duration, OFFICE, back=True) == expected


@pytest.mark.parametrize(
    ("start", "duration", "back", "expected"),
    [
        ("2026-11-20 15:00", "1 working day", False, "Sat 2026-11-21 15:00"),
        ("2026-11-20 15:00", "2 working days", False, "Tue 2026-11-24 15:00"),
        ("2026-11-20 18:00", "12 working hours", False, "Tue 2026-11-24 10:00"),
        ("2026-11-23 12:00", "1 working hour", False, "Tue 2026-11-24 10:00"),
        ("2026-11-24 09:00", "1 working day", True, "Sat 2026-11-21 09:00"),
    ],
)
def test_holidays_and_worked_weekends(start: str, duration: str, back: bool, expected: str) -> None:
    """A closed date does not count, an open one does, whatever its weekday."""
    assert moved(start, duration, HOLIDAY, back=back) == expected


def test_an_open_date_wins_over_a_closed_one() -> None:
    """A date that is both closed and open is worked."""
    both = Calendar(MOSCOW, closed=("2026-11-23",), open=("2026-11-23",))
    assert is_open(both, utc("2026-11-23 12:00", MOSCOW))


@pytest.mark.parametrize(
    ("start", "duration", "expected"),
    [
        ("2026-11-20 23:00", "2 working hours", "Mon 2026-11-23 01:00"),
        ("2026-11-20 22:00", "2 working hours", "Sat 2026-11-21 00:00"),  # closing is midnight
        ("2026-11-19 23:00", "2 working hours", "Fri 2026-11-20 01:00"),  # no break at midnight
        ("2026-11-20 00:00", "1 working day", "Mon 2026-11-23 00:00"),
    ],
)
def test_a_day_may_close_at_midnight(start: str, duration: str, expected: str) -> None:
    """With 00:00-24:00 the hours of neighbouring working days run on."""
    assert moved(start, duration, WEEKDAYS) == expected


def test_counting_back_from_a_free_midnight_starts_at_the_closing() -> None:
    """Saturday 00:00 is Friday's closing, so a working day before it is Thursday's, Friday 00:00."""
    assert moved("2026-11-21 00:00", "1 working day", WEEKDAYS, back=True) == "Fri 2026-11-20 00:00"
    assert moved("2026-11-22 05:00", "1 working day", WEEKDAYS, back=True) == "Fri 2026-11-20 00:00"


@pytest.mark.parametrize(
    ("tz", "start", "duration", "expected"),
    [
        (BERLIN, "2026-03-28 02:30", "1 day", "Sun 2026-03-29 03:00"),  # skipped
        (BERLIN, "2026-03-28 15:00", "1 day", "Sun 2026-03-29 15:00"),  # 23 hours
        (BERLIN, "2026-03-28 15:00", "24 hours", "Sun 2026-03-29 16:00"),
        (BERLIN, "2026-10-24 15:00", "24 hours", "Sun 2026-10-25 14:00"),
        (NEW_YORK, "2026-03-07 02:10", "1 day", "Sun 2026-03-08 03:00"),
        (NEW_YORK, "2026-10-31 15:00", "1 day", "Sun 2026-11-01 15:00"),
        (LORD_HOWE, "2026-10-03 02:15", "1 day", "Sun 2026-10-04 02:30"),  # half an hour
        (LORD_HOWE, "2026-10-03 12:00", "24 hours", "Sun 2026-10-04 12:30"),
        (LORD_HOWE, "2026-04-04 12:00", "24 hours", "Sun 2026-04-05 11:30"),
        (MOSCOW, "2026-03-28 02:30", "1 day", "Sun 2026-03-29 02:30"),
    ],
)
def test_days_keep_the_clock_over_dst_and_hours_elapse(
    tz: str, start: str, duration: str, expected: str
) -> None:
    """A day is a day of the wall clock, an hour is sixty minutes, in every zone."""
    assert shown(add(utc(start, tz), parse_duration(duration), None, tz), tz) == expected


def test_of_a_doubled_clock_time_a_day_finds_the_first() -> None:
    """Saturday 02:30 and a day is the first Sunday 02:30; no days at all leave the second one alone."""
    at = add(utc("2026-10-24 02:30", BERLIN), Duration(days=1), None, BERLIN)
    assert at == utc("2026-10-25 02:30", BERLIN)
    second = utc("2026-10-25 02:30", BERLIN, second=True)
    assert add(second, Duration(), None, BERLIN) == second
    assert add(second, Duration(days=1), None, BERLIN) == utc("2026-10-26 02:30", BERLIN)


@pytest.mark.parametrize(
    ("start", "duration", "expected"),
    [
        ("2026-03-28 12:00", "24 working hours", "Sun 2026-03-29 13:00"),
        ("2026-10-24 12:00", "24 working hours", "Sun 2026-10-25 11:00"),
        ("2026-03-28 02:30", "1 working day", "Sun 2026-03-29 03:00"),
        ("2026-10-24 02:30", "1 working day", "Sun 2026-10-25 02:30"),
    ],
)
def test_working_hours_elapse_over_dst(start: str, duration: str, expected: str) -> None:
    """Round the clock, working hours are hours and working days are days."""
    assert moved(start, duration, ROUND_THE_CLOCK) == expected


def test_a_clock_turned_back_over_midnight_neither_adds_nor_takes_hours() -> None:
    """St. John's went from 00:01 back to 23:01 of the day before: an hour of work is an hour there too."""
    always = Calendar("America/St_Johns", days=tuple(range(7)), opens=0, closes=1440)
    for again in (False, True):
        at = utc("2006-10-28 23:30", always.timezone, second=again)
        assert add(at, Duration(seconds=3600, working=True), always, always.timezone) == at + HOUR
        assert is_open(always, at)


def test_hours_that_dst_skips_are_not_worked() -> None:
    """02:00-03:00 does not exist on the night of the change: that day is closed, counting goes past it."""
    night = Calendar(BERLIN, days=tuple(range(7)), opens=120, closes=180)
    assert (
        shown(next_open(night, utc("2026-03-29 00:00", BERLIN)), BERLIN) == "Mon 2026-03-30 02:00"
    )
    assert moved("2026-03-28 02:30", "1 working day", night) == "Mon 2026-03-30 02:30"
    assert moved("2026-03-28 02:30", "1 working hour", night) == "Mon 2026-03-30 02:30"


def test_an_opening_that_dst_moves_stays_the_opening() -> None:
    """From the moved opening (03:00 for 02:30) a working day leads to the usual one, and to one from either side."""
    early = Calendar(BERLIN, days=tuple(range(7)), opens=150, closes=720)
    assert moved("2026-03-29 03:00", "1 working day", early) == "Mon 2026-03-30 02:30"
    assert moved("2026-03-28 02:30", "1 working day", early) == "Sun 2026-03-29 03:00"


def test_a_doubled_clock_inside_opening_hours_stays_inside() -> None:
    """Opened at the first 02:15, the clock shows 02:05 again: the next day counts from its opening."""
    early = Calendar(BERLIN, days=tuple(range(7)), opens=135, closes=240)
    again = utc("2026-10-25 02:05", BERLIN, second=True)
    assert is_open(early, again)
    day = add(again, Duration(days=1, working=True), early, BERLIN)
    assert shown(day, BERLIN) == "Mon 2026-10-26 02:15"


NEVER = Calendar(MOSCOW, days=())
FAR = datetime(9999, 12, 31, 23, tzinfo=UTC)


@pytest.mark.parametrize("function", [add, subtract])
def test_a_calendar_that_never_opens_is_an_error_and_no_endless_search(function: object) -> None:
    """The search ends after four years of closed days."""
    assert callable(function)
    with pytest.raises(CalendarError, match="no working time within four years of 2026-11-20"):
        function(utc("2026-11-20 12:00", MOSCOW), Duration(seconds=60, working=True), NEVER, MOSCOW)


def test_working_time_needs_a_calendar() -> None:
    """A pipeline without calendar has no working units."""
    with pytest.raises(CalendarError, match="the pipeline has none"):
        add(utc("2026-11-20 12:00", MOSCOW), Duration(days=1, working=True), None, MOSCOW)


def test_a_date_out_of_reach_is_a_calendar_error() -> None:
    """The year 10000, a 31 November and a minute of work a week for years end in the same kind of error."""
    with pytest.raises(CalendarError, match="cannot be computed"):
        add(FAR, Duration(days=1), None, MOSCOW)
    with pytest.raises(CalendarError, match="cannot be computed"):
        working_day_opening("2026-11-31", OFFICE, MOSCOW)
    minute = Calendar(MOSCOW, opens=540, closes=541)
    with pytest.raises(CalendarError, match="50 years"):
        add(utc("2026-11-20 12:00", MOSCOW), parse_duration("5000 working hours"), minute, MOSCOW)
