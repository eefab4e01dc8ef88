"""The arithmetic of opening hours, under `leadflow.engine.calendar`.

An open day is the span from its opening to its closing instant. Counting forward, a closing is outside: *what ends at
closing ends there, what starts then starts at the next opening* (language.md, Meaning 6). Counting back, an opening is
the place to end, never to begin, for hours; days keep the clock from it, so that three working days before a date (its
opening hour) are three openings before, not a closing.

Zone, dates and every span asked for are worked out once and remembered, which keeps a sum in the microseconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from leadflow.engine.clock import CalendarError, instant, midnight, wall

_NOTHING = timedelta()
_SHUT_FOR_GOOD = 4 * 366
"""Closed days in a row after which a calendar is taken to never open again."""
_FURTHEST = 50 * 366
"""Open days that one sum may span."""


class Span(NamedTuple):
    """An open day: its ordinal (`date.toordinal`), and the instants it opens and closes."""

    day: int
    opening: datetime
    closing: datetime


class Opening:
    """The opening hours of a calendar in a zone.

    Days are ordinals. A ``step`` is the direction of counting: 1 forward, -1 back.
    """

    def __init__(
        self,
        tz: ZoneInfo,
        weekdays: Iterable[int],
        hours: tuple[int, int],
        closed: Iterable[str],
        opened: Iterable[str],
    ) -> None:
        self._zone = tz
        self._opens, self._closes = (timedelta(minutes=minutes) for minutes in hours)
        self._weekdays = frozenset(weekdays)
        self.week = len(self._weekdays)
        """Open days of a week: the length of a working week."""
        self._closed = frozenset(date.fromisoformat(day).toordinal() for day in closed)
        self._open = frozenset(date.fromisoformat(day).toordinal() for day in opened)
        self._spans: dict[int, Span | None] = {}

    def _day(self, at: datetime) -> int:
        return wall(at, self._zone).toordinal()

    def _at(self, day: int, clock: timedelta) -> datetime:
        return instant(midnight(day, self._zone) + clock, self._zone)

    def _span(self, day: int) -> Span | None:
        """``None`` for a closed day, or one whose hours DST skips."""
        try:
            return self._spans[day]
        except KeyError:
            span = None
            named = (day - 1) % 7 in self._weekdays and day not in self._closed
            if named or day in self._open:
                span = Span(day, self._at(day, self._opens), self._at(day, self._closes))
            return self._spans.setdefault(
                day, span if span and span.opening < span.closing else None
            )

    def _nearest(self, day: int, step: int) -> Span:
        """The span of ``day``, or of the first open day after (``step`` 1) or before it (-1)."""
        if span := self._span(day):
            return span
        for candidate in range(day + step, day + step * _SHUT_FOR_GOOD, step):
            if span := self._span(candidate):
                return span
        message = f"the calendar has no working time within four years of {date.fromordinal(day)}"
        raise CalendarError(message)

    def enter(self, at: datetime, step: int) -> tuple[Span, datetime]:
        """Where counting begins: ``at`` in its span, else the next opening, or counting back the last closing."""
        span = self._spans.get(at.toordinal())  # the day in UTC: mostly the same, and cheap
        if span is not None and span.opening <= at < span.closing:
            return span, at
        span = self._nearest(self._day(at), step)
        if step > 0:
            if at >= span.closing:
                span = self._nearest(span.day + 1, step)
            return span, max(at, span.opening)
        if at < span.opening:
            span = self._nearest(span.day - 1, step)
        return span, min(at, span.closing)

    def shift(self, span: Span, at: datetime, days: int, step: int) -> tuple[Span, datetime]:
        """``at``, an instant of ``span``, so many open days on or back with the clock kept; the span it is in then."""
        clock = self._clock(span, at)
        for _ in range(days):
            span = self._nearest(span.day + step, step)
        return span, self._at(span.day, clock)

    def _clock(self, span: Span, at: datetime) -> timedelta:
        # Where DST moves the clock inside opening hours, an edge stays an edge and the rest stays between them.
        if at == span.opening:
            return self._opens
        clock = wall(at, self._zone) - midnight(span.day, self._zone)
        return min(max(clock, self._opens), self._closes)

    def elapse(self, span: Span, at: datetime, left: timedelta, step: int) -> datetime:
        """The instant when ``left``, more than nothing, has passed in opening hours after ``at`` of ``span``, or before it."""
        for _ in range(_FURTHEST):
            day, opening, closing = span
            if step > 0:
                opening = max(at, opening)
            else:
                closing = min(at, closing)
            room = closing - opening
            if left <= room:
                return opening + left if step > 0 else closing - left
            left -= max(room, _NOTHING)
            span = self._nearest(day + step, step)
        message = "so much working time does not come together within 50 years of open days"
        raise CalendarError(message)

    def worked(self, since: datetime, until: datetime) -> timedelta:
        """Working time between two instants."""
        spans = (self._span(day) for day in range(self._day(since), self._day(until) + 1))
        times = (min(until, span.closing) - max(since, span.opening) for span in spans if span)
        return sum((time for time in times if time > _NOTHING), _NOTHING)

    def open_days(self, since: datetime, until: datetime) -> int:
        """Open days after the day of ``since`` up to that of ``until``."""
        return sum(
            1 for day in range(self._day(since) + 1, self._day(until) + 1) if self._span(day)
        )
