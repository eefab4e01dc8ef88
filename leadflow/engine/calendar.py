"""Working time and calendar days: instants a duration away, quiet hours, windows (language.md, Meaning 6 to 10).

All instants are aware UTC; times of day are minutes. Holidays are frozen into the calendar when a pipeline is compiled.
"""  # noqa: A005 - the language's word for it; imports are absolute

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta
from functools import lru_cache

import msgspec

from leadflow.engine.clock import CalendarError, instant, midnight, parse_clock, total, wall, zone
from leadflow.engine.durations import Duration
from leadflow.engine.opening import Opening

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MORNING = 9 * 60
"""The hour of a date where no calendar names one: midnight would wake people."""

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


class Calendar(msgspec.Struct, frozen=True, omit_defaults=True, cache_hash=True):
    """Working hours: equal on every open day, within the day. Also a sequence's ``window`` (its zone is the client's)."""

    timezone: str
    days: tuple[int, ...] = (0, 1, 2, 3, 4)
    """Open weekdays, Monday is 0."""
    opens: int = MORNING
    """Minutes of the day."""
    closes: int = 18 * 60
    """Minutes of the day, after ``opens``, at most 1440."""
    closed: tuple[str, ...] = ()
    """ISO dates closed though their weekday is open: holidays are merged in when compiling."""
    open: tuple[str, ...] = ()
    """ISO dates open whatever else says they are closed."""


@lru_cache(maxsize=512)
def _opening(cal: Calendar, timezone: str) -> Opening:
    return Opening(zone(timezone), cal.days, (cal.opens, cal.closes), cal.closed, cal.open)


@total
def next_open(cal: Calendar, at: datetime) -> datetime:
    """``at`` in working time, else the next opening."""
    return _opening(cal, cal.timezone).enter(at, 1)[1]


def is_open(cal: Calendar, at: datetime) -> bool:
    """Whether ``at`` is in working time; the closing itself is not."""
    return next_open(cal, at) == at


@total
def window_next(at: datetime, window: Calendar, timezone: str) -> datetime:
    """``at`` inside the window, else its next opening, by the clock of ``timezone``, the client's (Meaning 8, 9)."""
    return _opening(window, timezone).enter(at, 1)[1]


@total
def quiet_until(at: datetime, hours: tuple[int, int], timezone: str) -> datetime:
    """``at`` outside the quiet hours, else their end, by the clock of ``timezone``, the client's (Meaning 8).

    ``hours``: minutes of the day, from and to; they may wrap midnight. The end itself is not quiet.
    """
    today = wall(at, zone(timezone)).toordinal()
    for day in (today - 1, today):
        begin, until = _quiet(day, hours, timezone)
        if begin <= at < until:
            return until
    return at


@lru_cache(maxsize=4096)
def _quiet(day: int, hours: tuple[int, int], timezone: str) -> tuple[datetime, datetime]:
    """The quiet hours that begin on a day."""
    start, end = (timedelta(minutes=minutes) for minutes in hours)
    tz = zone(timezone)
    begin = midnight(day, tz)
    until = begin + (end if start < end else end + _DAY)
    return instant(begin + start, tz), instant(until, tz)


@total
def working_day_opening(date_iso: str, cal: Calendar | None, timezone: str) -> datetime:
    """A date as an instant: that day's opening hour, be the day open or not (Meaning 7); 09:00 without a calendar."""
    opens = timedelta(minutes=cal.opens if cal else MORNING)
    tz = zone(timezone)
    return instant(midnight(date.fromisoformat(date_iso).toordinal(), tz) + opens, tz)


@total
def add(at: datetime, d: Duration, cal: Calendar | None, timezone: str) -> datetime:
    """The instant ``d`` after ``at`` (Meaning 6). ``cal`` counts working units, ``timezone`` keeps the clock of plain days.

    Raises:
        CalendarError: working units without a calendar, no working time for years, or a date out of reach.
    """
    if d.working:
        opening = _working(cal)
        span, at = opening.enter(at, 1)
        if days := d.days + d.weeks * opening.week:
            span, at = opening.shift(span, at, days, 1)
        return opening.elapse(span, at, timedelta(seconds=d.seconds), 1) if d.seconds else at
    return _keep_clock(at, d.months, d.days + d.weeks * 7, timezone) + timedelta(seconds=d.seconds)


@total
def subtract(at: datetime, d: Duration, cal: Calendar | None, timezone: str) -> datetime:
    """The instant ``d`` before ``at``: what `add` does, undone from its last part to its first. Raises as `add` does."""
    if d.working:
        opening = _working(cal)
        span, at = opening.enter(at, -1)
        if d.seconds:
            at = opening.elapse(span, at, timedelta(seconds=d.seconds), -1)
            span, at = opening.enter(at, -1)
        days = d.days + d.weeks * opening.week
        return opening.shift(span, at, days, -1)[1] if days else at
    at -= timedelta(seconds=d.seconds)
    return _keep_clock(at, -d.months, -d.days - d.weeks * 7, timezone)


@total
def left(
    now: datetime, due: datetime, unit: Duration, cal: Calendar | None, timezone: str
) -> Duration:
    """What is left until ``due``, in the unit of ``unit``: of days (weeks, months) whole ones and then the rest (Meaning 10).

    Added to the instant of waking it gives the deadline that stands from then on. Parts of a second count as a whole
    one, so that nothing comes early; an opening counts as the closing before it, with no working time between. What is
    past leaves nothing.
    """
    if due <= now:
        return Duration(working=unit.working)
    opening = _working(cal) if unit.working else None
    days = 0
    if unit.days or unit.weeks or unit.months:
        days = opening.open_days(now, due) if opening else _days_between(now, due, timezone)
        while days and add(now, Duration(days=days, working=unit.working), cal, timezone) > due:
            days -= 1
    since = add(now, Duration(days=days, working=unit.working), cal, timezone)
    rest = opening.worked(since, due) if opening else due - since
    return Duration(days=days, seconds=-(-rest // timedelta(seconds=1)), working=unit.working)


def _working(cal: Calendar | None) -> Opening:
    if cal is None:
        message = "working time needs a calendar; the pipeline has none"
        raise CalendarError(message)
    return _opening(cal, cal.timezone)


def _keep_clock(at: datetime, months: int, days: int, timezone: str) -> datetime:
    """So many months and days on, at the same time of day; a day that the month lacks becomes its last."""
    if not months and not days:
        return at
    tz = zone(timezone)
    local = wall(at, tz)
    if months:
        year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        local = local.replace(year=year, month=month + 1, day=min(local.day, last))
    return instant(local + timedelta(days=days), tz)


def _days_between(now: datetime, due: datetime, timezone: str) -> int:
    tz = zone(timezone)
    return wall(due, tz).toordinal() - wall(now, tz).toordinal()


def parse_days(text: str) -> tuple[int, ...]:
    """Weekdays of ``"mon-fri"`` or ``"mon, wed, sat-sun"``, Monday is 0, in the order of the week.

    Raises:
        CalendarError: with the part that is not understood.
    """
    days: set[int] = set()
    for part in text.split(","):
        first, _, last = (name.strip() for name in part.partition("-"))
        if first not in DAY_NAMES or (last or first) not in DAY_NAMES or part.strip().endswith("-"):
            message = f"'{part.strip()}' is not a day or range of days; write 'mon-fri' or 'mon, wed, sat'"
            raise CalendarError(message)
        begin, end = DAY_NAMES.index(first), DAY_NAMES.index(last or first)
        days.update((begin + offset) % 7 for offset in range((end - begin) % 7 + 1))
    return tuple(sorted(days))


def parse_hours(text: str, *, wraps: bool = False) -> tuple[int, int]:
    """Minutes of the day of ``"09:00-18:00"``; ``"24:00"`` may end it. ``wraps``: quiet hours may pass midnight.

    Raises:
        CalendarError: no such hours, or they end before they begin.
    """
    first, _, last = text.partition("-")
    opens, closes = parse_clock(first.strip()), parse_clock(last.strip())
    if opens is None or closes is None:
        message = f"'{text}' is not a span of hours; write one like '09:00-18:00'"
        raise CalendarError(message)
    if opens == closes or (wraps and (opens, closes) == (0, 1440)):
        message = f"'{text}' is the whole day or none of it; write hours like '20:00-09:00'"
        raise CalendarError(message)
    if opens > closes and not (wraps and opens < 1440):  # noqa: PLR2004 - the end of the day
        message = f"'{text}' ends before it begins; working hours lie within a day"
        raise CalendarError(message)
    return opens, closes
