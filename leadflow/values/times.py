"""Dates, and moments in UTC."""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress

from leadflow.engine.clock import instant, iso, zone
from leadflow.engine.fields import Value
from leadflow.values.circumstances import Circumstances
from leadflow.values.clean import Wrong, as_line, quoted

_YEARS = range(1900, 2200)
_DATE = "a date; write it like 25.11.2026"
_MOMENT = "a date with a time; write it like 25.11.2026 14:00"
_DAY = (
    r"(?:(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"
    r"|(?P<d>[0-9]{1,2})[./-](?P<m>[0-9]{1,2})[./-](?P<y>[0-9]{4}|[0-9]{2}))"
)
_CLOCK = (
    r"(?P<clock>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)(?:(?<=:[0-9]{2}:[0-9]{2})[.,][0-9]+)?"
    r"\s*(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_ONLY_DAY = re.compile(_DAY)
_DAY_AND_CLOCK = re.compile(_DAY + r"(?:T|,?\s+(?:в\s+)?)" + _CLOCK, re.IGNORECASE)


def date(raw: object, circumstances: Circumstances) -> Value:
    """A calendar day, ``2026-11-25``."""
    match raw:
        case dt.datetime():
            return _in_years(raw.astimezone(zone(circumstances.timezone)) if raw.tzinfo else raw)
        case dt.date():
            return _in_years(raw)
        case _:
            pass
    text = as_line(raw, _DATE)
    found = _ONLY_DAY.fullmatch(text)
    day = _day(found) if found else None
    if day is None:
        message = f"{quoted(text)} is not {_DATE}"
        raise Wrong(message)
    return _in_years(day)


def datetime(raw: object, circumstances: Circumstances) -> Value:
    """An instant in UTC to the second, ``2026-11-25T11:00:00Z``."""
    moment = raw if isinstance(raw, dt.datetime) else _read(as_line(raw, _MOMENT))
    _in_years(moment)
    if moment.tzinfo is None:
        tz = zone(circumstances.timezone)
        moment = instant(moment.replace(tzinfo=tz), tz)
    return iso(moment.replace(microsecond=0))


def _in_years(day: dt.date) -> str:
    if day.year not in _YEARS:
        message = f"the year {day.year} cannot be meant; write it like 25.11.2026"
        raise Wrong(message)
    return day.strftime("%Y-%m-%d")


def _day(found: re.Match[str]) -> dt.date | None:
    year = found["year"] or found["y"]
    if len(year) == 2:  # noqa: PLR2004 - 25.11.26, as POSIX reads it: 69 to 99 are the last century
        year = ("20" if year < "69" else "19") + year
    try:
        return dt.date(
            int(year), int(found["month"] or found["m"]), int(found["day"] or found["d"])
        )
    except ValueError:
        return None


def _read(text: str) -> dt.datetime:
    found = _DAY_AND_CLOCK.fullmatch(text)
    day = _day(found) if found else None
    if found and day:
        with suppress(ValueError):
            padded = "0" * (found["clock"].index(":") == 1) + found["clock"]
            clock = dt.time.fromisoformat(padded + (found["zone"] or "").upper())
            return dt.datetime.combine(day, clock)
    message = f"{quoted(text)} is not {_MOMENT}"
    raise Wrong(message)
