"""Public holidays, as far as the `holidays` library knows them; frozen into a calendar when a pipeline is compiled.

Never asked at run time: a release of the library would move the deadlines of leads in flight.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import holidays
import msgspec
from holidays.registry import COUNTRIES

from leadflow.engine.calendar import Calendar
from leadflow.spec.suggest import did_you_mean

YEARS = 3
"""The publishing year and two more (language.md, **calendar**)."""


class UnknownCountryError(ValueError):
    """A country, or part of one, that the library does not know; the message names near misses."""


def holidays_for(country: str, year: int) -> tuple[list[str], list[str]]:
    """Public holidays and working weekends, ISO dates in order, from January of ``year`` for `YEARS` years.

    ``country``: ISO 3166 code, ``RU``, or with a subdivision, ``DE-BE``. The first list has the holidays and the days
    off moved to weekdays, on whatever weekday they fall; the second the weekend days worked instead.

    Raises:
        UnknownCountryError: no such country or subdivision.
    """
    code, _, part = country.partition("-")
    if code not in _codes():
        raise UnknownCountryError(_unknown_country(country, code))
    if "-" in country and part not in getattr(holidays, code).subdivisions:
        raise UnknownCountryError(_unknown_part(code, part))
    first, last = date(year, 1, 1).isoformat(), date(year + YEARS - 1, 12, 31).isoformat()
    # A year more: what is worked in December may stand with the January it makes up for.
    known = holidays.country_holidays(code, part or None, years=range(year, year + YEARS + 1))
    closed, worked = (
        [day for day in sorted(map(date.isoformat, days)) if first <= day <= last]
        for days in (known, known.weekend_workdays)
    )
    return closed, worked


def with_holidays(calendar: Calendar, country: str, year: int) -> Calendar:
    """The calendar with the holidays of ``country`` from ``year`` on merged in; dates the author named win.

    Dates that change nothing in this calendar (a holiday on a Sunday that is closed anyway) are left out.

    Raises:
        UnknownCountryError: as `holidays_for` does.
    """
    closed, worked = holidays_for(country, year)
    named = {*calendar.closed, *calendar.open}
    shut = {day for day in closed if _weekday(day) in calendar.days} - named
    extra = {day for day in worked if _weekday(day) not in calendar.days} - named
    return msgspec.structs.replace(
        calendar,
        closed=tuple(sorted({*calendar.closed, *shut})),
        open=tuple(sorted({*calendar.open, *extra})),
    )


def _weekday(day: str) -> int:
    return date.fromisoformat(day).weekday()


@cache
def _codes() -> dict[str, str]:
    """Country code → English name."""
    return {codes[1]: name.replace("_", " ").title() for name, (*codes,) in COUNTRIES.items()}


def _unknown_country(country: str, code: str) -> str:
    words = ((word, codes[1]) for name, codes in COUNTRIES.items() for word in (*codes, name))
    names = {word: meant for word, meant in words if not word.startswith("Holidays")}
    meant = names.get(did_you_mean(code, names) or "")
    hint = (
        f"did you mean '{meant}' ({_codes()[meant]})?"
        if meant
        else "write a code like 'RU', 'DE-BE'"
    )
    return f"holidays of '{country}' are not known; {hint}"


def _unknown_part(code: str, part: str) -> str:
    country = getattr(holidays, code)
    aliases: dict[str, str] = getattr(country, "subdivisions_aliases", {})
    parts = {name: name for name in country.subdivisions} | aliases
    meant = parts.get(did_you_mean(part, parts) or "")
    hint = f"did you mean '{code}-{meant}'?" if meant else f"write '{code}' alone"
    if parts and not meant:
        hint += f", or with one of {', '.join(country.subdivisions)}"
    return f"'{part}' is not a part of {_codes()[code]} with holidays of its own; {hint}"
