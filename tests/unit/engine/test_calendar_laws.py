"""The laws of working time, for any calendar (language.md, Meaning 6 to 10); tables: test_calendar.py."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import assume, given, strategies as st

from leadflow.engine.calendar import Calendar, add, is_open, left, next_open, quiet_until, subtract
from leadflow.engine.clock import CalendarError
from leadflow.engine.durations import Duration

ZONES = ("Europe/Moscow", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut")
DATES = st.dates(date(2026, 2, 1), date(2026, 12, 31))
INSTANTS = st.integers(0, 333 * 86_400).map(
    lambda seconds: datetime(2026, 2, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@st.composite
def calendars(draw: st.DrawFn, *, at_day: bool = False, step: int = 1) -> Calendar:
    """Any opening hours; ``at_day``: after four in the morning, where no zone changes its clock."""
    first = draw(st.integers(240 // step if at_day else 0, 1380 // step))
    last = draw(st.integers(first + 1, 1440 // step))
    dates = st.lists(DATES.map(date.isoformat), max_size=5, unique=True).map(tuple)
    return Calendar(
        timezone=draw(st.sampled_from(ZONES)),
        days=tuple(sorted(draw(st.sets(st.integers(0, 6), min_size=1)))),
        opens=first * step,
        closes=last * step,
        closed=draw(dates),
        open=draw(dates),
    )


HOURS = st.integers(1, 200_000).map(lambda seconds: Duration(seconds=seconds, working=True))
DAYS = st.integers(1, 30).map(lambda days: Duration(days=days, working=True))
WORKING = st.builds(
    Duration, days=st.integers(0, 10), seconds=st.integers(0, 200_000), working=st.just(True),
    weeks=st.integers(0, 2),
)  # fmt: skip
PLAIN_DAYS = st.integers(1, 30).map(lambda days: Duration(days=days))
PLAIN = st.builds(Duration, days=st.integers(0, 30), seconds=st.integers(0, 200_000))

Move = Callable[[datetime, Duration, Calendar | None, str], datetime]
MOVES: st.SearchStrategy[Move] = st.sampled_from([add, subtract])


@given(INSTANTS, WORKING, calendars())
def test_working_units_end_in_opening_hours(at: datetime, d: Duration, cal: Calendar) -> None:
    """Forward the end is inside or a closing, backward inside or at an edge; and on the right side of the start."""
    after, before = add(at, d, cal, cal.timezone), subtract(at, d, cal, cal.timezone)
    assert before <= at <= after
    for end in (after, before):
        assert is_open(cal, end) or is_open(cal, end - timedelta(microseconds=1))


def oracle(cal: Calendar, at: datetime) -> bool:
    """Whether the wall clock shows opening hours: said once more, without spans."""
    local = at.astimezone(ZoneInfo(cal.timezone))
    day = local.date().isoformat()
    worked = day in cal.open or (local.weekday() in cal.days and day not in cal.closed)
    return worked and cal.opens <= local.hour * 60 + local.minute < cal.closes


@given(INSTANTS, calendars(at_day=True))
def test_open_is_what_the_wall_clock_says(at: datetime, cal: Calendar) -> None:
    """Weekday, date and time of day decide, wherever the zone's clock is not being changed."""
    assert is_open(cal, at) is oracle(cal, at)


@given(INSTANTS, st.integers(1, 12), calendars(at_day=True, step=60))
def test_working_hours_are_counted_one_by_one(at: datetime, hours: int, cal: Calendar) -> None:
    """From a full hour, the end comes right after the last of so many hours that the wall clock calls open."""
    assume(cal.timezone != "Australia/Lord_Howe")  # its hours begin at half past
    hour = timedelta(hours=1)
    end = at = at.replace(minute=0, second=0)
    count = hours
    while count:
        count -= oracle(cal, end)
        end += hour
    assert add(at, Duration(seconds=hours * 3600, working=True), cal, cal.timezone) == end


@given(INSTANTS, INSTANTS, st.one_of(HOURS, DAYS, PLAIN_DAYS), calendars(at_day=True), MOVES)
def test_who_starts_later_ends_no_earlier(
    one: datetime, other: datetime, d: Duration, cal: Calendar, move: Move
) -> None:
    """Adding and subtracting keep the order of instants, but for days from a clock time that comes twice."""
    early, late = sorted((one, other))
    tz = cal.timezone
    assume(not any(at.astimezone(ZoneInfo(tz)).fold for at in (early, late)))
    assert move(early, d, cal, tz) <= move(late, d, cal, tz)


@given(INSTANTS, WORKING, calendars(at_day=True))
def test_before_undoes_after(at: datetime, d: Duration, cal: Calendar) -> None:
    """From working time, so long after and as long before is where one was."""
    at = next_open(cal, at)
    assert subtract(add(at, d, cal, cal.timezone), d, cal, cal.timezone) == at


@given(INSTANTS, WORKING, WORKING, calendars(at_day=True))
def test_what_is_left_leads_to_the_deadline(
    at: datetime, until: Duration, unit: Duration, cal: Calendar
) -> None:
    """Added at once it gives the same deadline; an opening may become the closing before it."""
    now = next_open(cal, at)
    due = add(now, until, cal, cal.timezone)
    again = add(now, left(now, due, unit, cal, cal.timezone), cal, cal.timezone)
    assert again == due or (again < due and next_open(cal, again) == due)


@given(INSTANTS, st.integers(0, 10**7), PLAIN, st.sampled_from(ZONES))
def test_what_is_left_in_plain_units_leads_to_the_deadline(
    now: datetime, seconds: int, unit: Duration, tz: str
) -> None:
    """Whole days keep the clock and the rest elapses, so that the sum is exact in any zone."""
    due = now + timedelta(seconds=seconds)
    rest = left(now, due, unit, None, tz)
    assert add(now, rest, None, tz) == due
    assert rest.days == 0 or unit.days


@given(INSTANTS, st.integers(0, 1439), st.integers(1, 1439), st.sampled_from(ZONES))
def test_quiet_hours_end_within_a_day_and_once(
    at: datetime, start: int, length: int, tz: str
) -> None:
    """The answer is outside the quiet hours, not before ``at`` and at most a day (and a DST hour) later."""
    hours = (start, (start + length) % 1440)
    end = quiet_until(at, hours, tz)
    assert at <= end <= at + timedelta(hours=25)
    assert quiet_until(end, hours, tz) == end


ANY_INSTANT = st.datetimes(timezones=st.just(UTC))
ANY_DURATION = st.builds(
    Duration, months=st.integers(0, 1200), days=st.integers(0, 3660), seconds=st.integers(0, 10**8),
    working=st.booleans(), weeks=st.integers(0, 500),
)  # fmt: skip


@given(
    ANY_INSTANT, ANY_DURATION, st.none() | calendars(), st.text() | st.sampled_from(ZONES), MOVES
)
def test_no_sum_raises_anything_but_calendar_error(
    at: datetime,
    d: Duration,
    cal: Calendar | None,
    tz: str,
    move: Move,
) -> None:
    """Any instant, duration, calendar and zone name: an instant in UTC, or a CalendarError with words in it."""
    try:
        assert move(at, d, cal, tz).tzinfo is UTC
    except CalendarError as error:
        assert str(error)  # noqa: PT017 - either way is right


@given(calendars())
def test_a_calendar_survives_as_json(cal: Calendar) -> None:
    """A calendar travels in a lead's workflow: what is read back is equal and has the same hash."""
    again = msgspec.json.decode(msgspec.json.encode(cal), type=Calendar)
    assert again == cal
    assert hash(again) == hash(cal)
