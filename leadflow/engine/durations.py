"""Durations: ``N [working] minutes|hours|days|weeks`` or ISO 8601 (language.md, **Duration**).

A duration is not a number of seconds: days keep the clock and working units need a calendar, so it stays in its units
until `leadflow.engine.calendar.add` turns it into an instant (Meaning 6). Beyond the reference, seconds are a unit, and
parts may follow one another (``1 hour 30 minutes``): what is left of a deadline after a snooze (Meaning 10) is such a one.
"""

from __future__ import annotations

import re
from difflib import get_close_matches

import msgspec

UNITS = ("week", "day", "hour", "minute", "second")
"""From the longest; the order in which parts may stand."""

_SECONDS = {"week": 604_800, "day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
_PART = re.compile(r"([0-9]{1,9}) (working )?(week|day|hour|minute|second)s?(?: |$)")
_ISO = re.compile(
    r"P(?=[0-9T])(?:([0-9]{1,9})Y)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})W)?(?:([0-9]{1,9})D)?"
    r"(?:T(?=[0-9])(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})S)?)?"
)
_SHORT = {
    "s": "second", "sec": "second", "сек": "second",
    "m": "minute", "min": "minute", "mins": "minute", "мин": "minute",
    "h": "hour", "hr": "hour", "hrs": "hour", "ч": "hour", "час": "hour",
    "d": "day", "д": "day", "дн": "day", "ден": "day", "сут": "day",
    "w": "week", "wk": "week", "нед": "week",
}  # fmt: skip
"""What people write instead of a unit: abbreviations, and the first letters of the Russian words."""


class Duration(msgspec.Struct, frozen=True, omit_defaults=True):
    """A length of time in the units it was written in; all zero is allowed.

    Plain: ``months`` and ``days`` keep the clock, ``seconds`` elapse; a week is 7 days. ``working``: ``days`` are working
    days and ``seconds`` pass only in opening hours; ``weeks`` are as many working days as the calendar's week has (five
    for ``mon-fri``), which only the calendar knows. ``months`` (ISO 8601 only) never go with ``working``.
    """

    months: int = 0
    days: int = 0
    seconds: int = 0
    working: bool = False
    weeks: int = 0
    """Working weeks only."""


class DurationError(ValueError):
    """A text is no duration; the message says why and what to write."""


def parse_duration(text: str) -> Duration:
    """Reads ``"2 working hours"``, ``"1 hour 30 minutes"``, ``"PT3H"``.

    Raises:
        DurationError: with a near miss where one is recognised.
    """
    text = " ".join(text.split())
    found = _ISO.fullmatch(text)
    duration = _of_iso(found) if found else _of_words(text)
    if duration is None:
        raise DurationError(_complaint(text[:100]))
    days = duration.weeks * 7 + duration.months * 31 + duration.days + duration.seconds // 86_400
    years = 10 if duration.working else 100
    if days > years * 366:
        message = f"'{text[:100]}' is longer than {years} years"
        raise DurationError(message)
    return duration


def _of_iso(found: re.Match[str]) -> Duration:
    years, months, weeks, days, hours, minutes, seconds = (
        int(part or 0) for part in found.groups()
    )
    return Duration(
        months=years * 12 + months,
        days=weeks * 7 + days,
        seconds=hours * 3_600 + minutes * 60 + seconds,
    )


def _of_words(text: str) -> Duration | None:
    parts: dict[str, int] = {}
    kinds: set[bool] = set()
    at = 0
    while at < len(text):
        found = _PART.match(text, at)
        if found is None or any(UNITS.index(unit) >= UNITS.index(found[3]) for unit in parts):
            return None
        parts[found[3]] = int(found[1])
        kinds.add(found[2] is not None)
        at = found.end()
    if len(kinds) != 1:
        return None
    working = kinds.pop()
    weeks = parts.get("week", 0)
    return Duration(
        days=parts.get("day", 0) + (0 if working else weeks * 7),
        seconds=sum(parts.get(unit, 0) * _SECONDS[unit] for unit in UNITS[2:]),
        working=working,
        weeks=weeks if working else 0,
    )


def format_duration(duration: Duration) -> str:
    """The canonical text: ``parse_duration(format_duration(d)) == d`` for whatever `parse_duration` can give."""
    if duration.months:
        return _iso_text(duration)
    weeks, days, seconds = duration.weeks, duration.days, duration.seconds
    if not duration.working and not seconds:
        weeks, days = (days // 7, 0) if days % 7 == 0 else (0, days)
    counts = (weeks, days, seconds // 3_600, seconds % 3_600 // 60, seconds % 60)
    kind = "working " if duration.working else ""
    parts = (
        f"{count} {kind}{unit}{'' if count == 1 else 's'}"
        for count, unit in zip(counts, UNITS, strict=True)
        if count
    )
    return " ".join(parts) or f"0 {kind}days"


def _iso_text(duration: Duration) -> str:
    date = f"P{duration.months}M" + (f"{duration.days}D" if duration.days else "")
    return date + (f"T{duration.seconds}S" if duration.seconds else "")


def _complaint(text: str) -> str:
    lower = text.lower()
    if lower.startswith("-") or re.search(r"[pt]-[0-9]", lower):
        return f"'{text}' is negative; a duration counts forward (for times before a date write '3 days before FIELD')"
    if "month" in lower or "year" in lower or "меся" in lower:
        return f"'{text}': months and years differ in length; write days ('30 days'), or ISO 8601 ('P1M')"
    meant = _meant(lower)
    if meant:
        return f"'{text}' is not a duration; did you mean '{meant}'?"
    return f"'{text}' is not a duration; write one like '15 minutes', '2 working hours', '1 day', or 'PT3H'"


def _meant(lower: str) -> str | None:
    """The canonical text of what was probably meant, if a number and one unit can be made out."""
    words = re.findall(r"[^\W\d_]+", lower)
    units = [unit for word in words if (unit := _unit(word))]
    numbers = re.findall(r"[0-9]{1,9}(?:[.,][0-9]{1,2})?", lower)
    if len(units) != 1 or len(numbers) > 1 or len(words) > 3:  # noqa: PLR2004 - a unit, working, one more
        return None
    working = any(stem in lower for stem in ("work", "busin", "раб")) or bool(
        get_close_matches("working", words, cutoff=0.7)
    )
    if not numbers and lower not in (words[0], f"a {words[-1]}", f"an {words[-1]}"):
        return None
    number, _, fraction = (numbers[0] if numbers else "1").replace(",", ".").partition(".")
    if not fraction.strip("0"):
        text = f"{number} {'working ' if working else ''}{units[0]}s"
        return format_duration(parse_duration(text))
    if units[0] in ("week", "day"):
        return None
    hundredths = int(number) * 100 + int(fraction.ljust(2, "0"))
    seconds = hundredths * _SECONDS[units[0]] // 100
    return format_duration(Duration(seconds=seconds, working=working))


def _unit(word: str) -> str | None:
    cyrillic = word[0] > "z"
    known = _SHORT.get(word) or (cyrillic and (_SHORT.get(word[:3]) or _SHORT.get(word[:2])))
    close = get_close_matches(word.removeprefix("work").removesuffix("s"), UNITS, n=1, cutoff=0.65)
    return known or (close[0] if close else None)
