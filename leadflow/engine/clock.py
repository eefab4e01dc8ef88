"""Instants, time zones and clock times. An instant is an aware UTC `datetime`; a clock time is minutes of the day.

Time zones come from the pinned ``tzdata`` wheel, never from the machine: two workers must agree on every deadline, and
a replayed history must find the rules it was recorded with. The search path is emptied once, here, on import, because
`zoneinfo` reads it on the first use of each zone and everything that computes a time imports this module.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache, wraps
from typing import ParamSpec, TypeVar
from zoneinfo import ZoneInfo

zoneinfo.reset_tzpath(to=())

_SECOND = timedelta(seconds=1)
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])|24:00")

P = ParamSpec("P")
T = TypeVar("T")


class CalendarError(Exception):
    """A time cannot be computed: unknown zone, a calendar that never opens, a date out of reach."""


def total(function: Callable[P, T]) -> Callable[P, T]:
    """Makes a date that leaves the years 1 to 9999 a `CalendarError`, the only error callers have to know."""

    @wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except (OverflowError, ValueError) as error:
            message = f"a date cannot be computed: {error}"
            raise CalendarError(message) from error

    return guarded


@cache
def zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name such as ``Europe/Moscow``.

    Raises:
        CalendarError: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        message = f"'{name}' is not a time zone; write one like 'Europe/Moscow'"
        raise CalendarError(message) from error


def wall(at: datetime, tz: ZoneInfo) -> datetime:
    """What the clock on the wall shows at an instant: a `datetime` in the zone, where adding keeps the clock."""
    return at.astimezone(tz)


def midnight(day: int, tz: ZoneInfo) -> datetime:
    """The beginning of a day (`date.toordinal`) on the wall clock of the zone."""
    return datetime.combine(date.fromordinal(day), time.min, tz)


def instant(shown: datetime, tz: ZoneInfo) -> datetime:
    """The instant at which the wall clock of ``tz`` shows ``shown``, a sum of `wall` or `midnight` and a `timedelta`.

    A clock time that DST skips is the next that exists, a doubled one the first (language.md, Meaning 6).
    """
    at = shown.astimezone(UTC)  # a doubled time: the first, because a sum has ``fold`` 0
    if at.astimezone(tz) == shown:
        return at
    return _end_of_gap(shown.replace(fold=1).astimezone(UTC), at, tz)


def _end_of_gap(before: datetime, after: datetime, tz: ZoneInfo) -> datetime:
    """The instant in (before, after] at which the clock jumps; zones change on whole seconds."""
    old = before.astimezone(tz).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) / 2
        if middle.astimezone(tz).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def whole(at: datetime) -> datetime:
    """In whole seconds; what is so already is not made anew."""
    return at.replace(microsecond=0) if at.microsecond else at


def parse_clock(text: str) -> int | None:
    """Minutes of the day of ``"09:30"``; 1440 for ``"24:00"``; ``None`` for anything else."""
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    return int(found[1]) * 60 + int(found[2]) if found[1] else 1440


def iso(at: datetime) -> str:
    """An instant as ``2026-11-25T11:00:00Z``, with microseconds only where there are any.

    Compare instants as instants: as text ``…00Z`` sorts after ``…00.5Z``.
    """
    return _text(at if at.tzinfo is UTC else at.astimezone(UTC))


# Only of UTC: elsewhere two instants of an hour that comes twice are equal keys.
@lru_cache(maxsize=1024)
def _text(at: datetime) -> str:
    return at.isoformat()[:-6] + "Z"


@lru_cache(maxsize=4096)
def parse_iso(text: str) -> datetime:
    """The instant that `iso`, or any ISO 8601 text with a zone, names.

    Raises:
        CalendarError: it is no date and time, or has no zone.
    """
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return at if at.tzinfo is UTC else at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    message = f"'{text}' is not an instant; write one like '2026-11-25T11:00:00Z'"
    raise CalendarError(message)
