"""Points in time as scenarios write them: ``"2026-11-23 10:00"`` on the pipeline's clock, or a moment from now."""

from __future__ import annotations

from datetime import datetime

from leadflow.engine.calendar import working_day_opening
from leadflow.engine.clock import CalendarError, parse_iso
from leadflow.engine.fields import Field
from leadflow.engine.moments import MomentError, parse_moment, resolve
from leadflow.engine.pipeline import Pipeline
from leadflow.engine.scope import moment_value
from leadflow.engine.state import State
from leadflow.values import BadValue, parse_value

_EXAMPLE = "write it like '2026-11-23 10:00'"
_AT = Field("at", "datetime", "at")
_DAY = Field("at", "date", "at")


class NoInstant(ValueError):
    """A text names no point in time; the message says what to write."""


def absolute(text: str, pipeline: Pipeline) -> datetime | None:
    """The instant of a date with a time, or of a date (its opening hour); ``None``: the text is neither."""
    for field in (_AT, _DAY):
        try:
            found = str(parse_value(field, text, timezone=pipeline.timezone))
        except BadValue:
            continue
        if "T" in found:
            return parse_iso(found)
        return working_day_opening(found, pipeline.calendar, pipeline.timezone)
    return None


def instant(text: str, pipeline: Pipeline, state: State | None, now: datetime) -> datetime:
    """The instant that a scenario means: an absolute one, or a moment (``2 days``, ``3 days before visit_on``).

    Raises:
        NoInstant: it is none, or counts from a field that is empty.
    """
    found = absolute(text, pipeline)
    if found is not None:
        return found
    try:
        moment = parse_moment(text)
        value = moment_value(state, moment.field) if moment.field and state else None
        at = resolve(moment, now, value, pipeline.calendar, pipeline.timezone)
    except (MomentError, CalendarError) as error:
        message = f"{error}; {_EXAMPLE}" if isinstance(error, CalendarError) else str(error)
        raise NoInstant(message) from error
    if at is None:
        message = f"'{text}' counts from the field '{moment.field}', which is empty"
        raise NoInstant(message)
    return at.replace(microsecond=0)
