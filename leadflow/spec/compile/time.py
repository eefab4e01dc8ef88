"""Calendars with their holidays frozen, and windows."""

from __future__ import annotations

from collections.abc import Sequence

from leadflow.engine.calendar import Calendar
from leadflow.engine.fields import Field
from leadflow.spec.compile.draft import Draft
from leadflow.spec.compile.values import literal
from leadflow.spec.holidays import YEARS, UnknownCountryError, with_holidays
from leadflow.spec.schema.base import Word
from leadflow.spec.schema.fields import Calendar as CalendarPart, Window

UNKNOWN_COUNTRY = "LF216"

_DATE = Field(id="date", type="date", label="date")


def window(draft: Draft, part: Window) -> Calendar:
    """Open hours; those of a sequence's window have no zone: it is the client's."""
    opens, closes = part.hours
    made = Calendar(
        timezone=str(part.timezone) if isinstance(part, CalendarPart) else "",
        days=part.days,
        opens=opens,
        closes=closes,
        closed=_dates(draft, part.closed),
        open=_dates(draft, part.open),
    )
    if part.holidays is None:
        return made
    try:
        return with_holidays(made, part.holidays, draft.year)
    except UnknownCountryError as error:
        draft.problem(part.holidays.spot, UNKNOWN_COUNTRY, str(error))
        return made


def calendar(draft: Draft) -> Calendar | None:
    """The pipeline's working time."""
    part = draft.model.calendar
    return window(draft, part) if part else None


def holidays_until(draft: Draft) -> str:
    """The last date that frozen holidays cover."""
    part = draft.model.calendar
    return f"{draft.year + YEARS - 1}-12-31" if part and part.holidays else ""


def _dates(draft: Draft, words: Sequence[Word]) -> tuple[str, ...]:
    found = (literal(draft, _DATE, word) for word in words)
    return tuple(sorted(day for day in found if isinstance(day, str)))
