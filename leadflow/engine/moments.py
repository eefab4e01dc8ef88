"""Moments: ``DURATION`` from now, ``FIELD``, ``DURATION before|after FIELD``; then optionally ``at HH:MM``.

language.md, **Moment** and Meaning 7.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import msgspec

from leadflow.engine.calendar import Calendar, add, subtract, working_day_opening
from leadflow.engine.clock import instant, midnight, parse_clock, parse_iso, total, wall, zone
from leadflow.engine.durations import Duration, DurationError, parse_duration

_MOMENT = re.compile(
    r"(?:(?P<field>[a-z][a-z0-9_]*)|(?P<offset>.+?)(?: (?P<side>before|after) (?P<of>\S+))?)"
    r"(?: at (?P<clock>\S+))?"
)
_FIELD = re.compile(r"[a-z][a-z0-9_]*")
_LONGEST = 200
_EXAMPLES = "write one like '2 working days', 'signing_date', '3 days before signing_date' or '1 day at 10:00'"


class Moment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A point in time still to be found; counted from now where ``field`` is empty."""

    field: str = ""
    offset: Duration | None = None
    before: bool = False
    clock: int | None = None
    """Minutes of the day: that clock time on the day found."""


class MomentError(ValueError):
    """A text is no moment; the message says why and what to write."""


def parse_moment(text: str) -> Moment:
    """Reads ``"2 working days"``, ``"signing_date"``, ``"3 days before signing_date at 10:00"``.

    Raises:
        MomentError: with what to write instead.
    """
    words = " ".join(text.split())
    found = _MOMENT.fullmatch(words)
    clock = parse_clock(found["clock"]) if found and found["clock"] else None
    field = (found["field"] or found["of"] or "") if found else ""
    if found is None or len(words) > _LONGEST:
        problem = f"'{words[:_LONGEST]}' is not a moment; {_EXAMPLES}"
    elif found["clock"] and clock in (None, 1440):
        problem = f"'{found['clock']}' is not a time of day; write it like '10:00'"
    elif field and not _FIELD.fullmatch(field):
        problem = f"'{field}' is not the id of a field; {_EXAMPLES}"
    else:
        offset = _offset(found["offset"]) if found["offset"] else None
        return Moment(field=field, offset=offset, before=found["side"] == "before", clock=clock)
    raise MomentError(problem)


def _offset(text: str) -> Duration:
    try:
        return parse_duration(text)
    except DurationError as error:
        raise MomentError(str(error)) from error


@total
def resolve(
    m: Moment, now: datetime, value: str | None, cal: Calendar | None, timezone: str
) -> datetime | None:
    """The instant a moment means; ``None`` while its field is empty.

    ``value``: canonical date (``2026-11-25``, its opening hour) or datetime (``2026-11-25T11:00:00Z``) of the field.

    Raises:
        CalendarError: as `leadflow.engine.calendar.add` does; or the value is neither.
    """
    at = now
    if m.field:
        if not value:
            return None
        at = parse_iso(value) if "T" in value else working_day_opening(value, cal, timezone)
    if m.offset is not None:
        at = (subtract if m.before else add)(at, m.offset, cal, timezone)
    if m.clock is None:
        return at
    tz = zone(timezone)
    return instant(midnight(wall(at, tz).toordinal(), tz) + timedelta(minutes=m.clock), tz)
