"""Instants, zones and clock times (language.md, Meaning 6)."""

import zoneinfo
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from leadflow.engine.clock import (
    CalendarError,
    instant,
    iso,
    midnight,
    parse_clock,
    parse_iso,
    wall,
    zone,
)
from tests.support.times import shown

ZONES = ("Europe/Moscow", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut")
INSTANTS = st.integers(0, 40 * 366 * 86_400_000_000).map(
    lambda microseconds: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)


@pytest.mark.parametrize(
    ("tz", "day", "minutes", "expected"),
    [
        ("Europe/Moscow", "2026-03-29", 150, "2026-03-28T23:30:00Z"),  # no DST since 2011
        ("Europe/Berlin", "2026-03-28", 150, "2026-03-28T01:30:00Z"),
        ("Europe/Berlin", "2026-03-29", 119, "2026-03-29T00:59:00Z"),
        ("Europe/Berlin", "2026-03-29", 120, "2026-03-29T01:00:00Z"),  # skipped: 03:00, not 03:30
        ("Europe/Berlin", "2026-03-29", 150, "2026-03-29T01:00:00Z"),
        ("Europe/Berlin", "2026-03-29", 179, "2026-03-29T01:00:00Z"),
        ("Europe/Berlin", "2026-03-29", 180, "2026-03-29T01:00:00Z"),
        ("Europe/Berlin", "2026-10-25", 150, "2026-10-25T00:30:00Z"),  # doubled: the first
        ("Europe/Berlin", "2026-10-25", 180, "2026-10-25T02:00:00Z"),
        ("America/New_York", "2026-03-08", 150, "2026-03-08T07:00:00Z"),
        ("America/New_York", "2026-11-01", 90, "2026-11-01T05:30:00Z"),
        ("Australia/Lord_Howe", "2026-10-04", 135, "2026-10-03T15:30:00Z"),  # 02:00 to 02:30
        ("Australia/Lord_Howe", "2026-04-05", 105, "2026-04-04T14:45:00Z"),  # 01:30 to 02:00 twice
        ("Asia/Beirut", "2026-03-29", 0, "2026-03-28T22:00:00Z"),  # the day begins at 01:00
        ("Pacific/Apia", "2011-12-30", 720, "2011-12-30T10:00:00Z"),  # a whole day skipped
    ],
)
def test_a_skipped_clock_time_is_the_next_a_doubled_one_the_first(
    tz: str, day: str, minutes: int, expected: str
) -> None:
    """Each clock time of a day is one instant, worked out by hand from the zone's rules."""
    ordinal = datetime.fromisoformat(day).toordinal()
    at = instant(midnight(ordinal, zone(tz)) + timedelta(minutes=minutes), zone(tz))
    assert iso(at) == expected


@given(INSTANTS, st.sampled_from(ZONES))
def test_the_wall_clock_leads_back_to_its_instant(at: datetime, tz: str) -> None:
    """Reading the clock and going back gives the instant, or an hour less at most where it was doubled."""
    back = instant(wall(at, zone(tz)) + timedelta(), zone(tz))
    assert back == at or (back < at and shown(back, tz) == shown(at, tz))


def test_zones_come_from_the_pinned_data_alone() -> None:
    """The machine's own time zone files are never consulted."""
    assert zoneinfo.TZPATH == ()
    assert zone("Europe/Moscow") is zone("Europe/Moscow")


@pytest.mark.parametrize(
    "name", ["", "Moscow", "Europe", "../etc/passwd", "Europe/\0", "tzdata.zi"]
)
def test_an_unknown_zone_is_refused_with_an_example(name: str) -> None:
    """What is no IANA name is a CalendarError that shows one."""
    with pytest.raises(CalendarError, match="write one like 'Europe/Moscow'"):
        zone(name)


@given(st.text())
def test_any_text_is_a_zone_or_a_calendar_error(name: str) -> None:
    """Whatever a form sends as a zone, nothing but CalendarError comes back."""
    try:
        assert zone(name).key == name
    except CalendarError as error:
        assert name in str(error)  # noqa: PT017 - either way is right


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("00:00", 0), ("9:05", 545), ("09:05", 545), ("23:59", 1439), ("24:00", 1440)],
)
def test_a_clock_time_is_minutes_of_the_day(text: str, minutes: int) -> None:
    """Hours with or without a leading zero; the end of the day is 24:00."""
    assert parse_clock(text) == minutes


@pytest.mark.parametrize("text", ["", "9", "24:01", "25:00", "10:60", "10:5", " 10:00", "١٠:٠٠"])
def test_what_is_no_clock_time_is_none(text: str) -> None:
    """Anything else is not guessed at."""
    assert parse_clock(text) is None


@given(INSTANTS)
def test_instants_survive_as_text(at: datetime) -> None:
    """Writing and reading an instant gives it back, microseconds included."""
    assert parse_iso(iso(at)) == at


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-25T11:00:00Z", "2026-11-25T11:00:00Z"),
        ("2026-11-25T14:00:00+03:00", "2026-11-25T11:00:00Z"),
        ("2026-11-25T11:00:00.500000Z", "2026-11-25T11:00:00.500000Z"),
    ],
)
def test_any_iso_text_with_a_zone_is_an_instant(text: str, expected: str) -> None:
    """The zone is turned into UTC; microseconds are written only where there are any."""
    assert iso(parse_iso(text)) == expected
    assert parse_iso(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text", ["", "2026-11-25", "2026-11-25T11:00", "soon", "0001-01-01T00:00+14:00"]
)
def test_a_text_without_zone_or_date_is_no_instant(text: str) -> None:
    """A local time is never taken for UTC by chance; the error shows how to write one."""
    with pytest.raises(CalendarError, match="write one like '2026-11-25T11:00:00Z'"):
        parse_iso(text)
