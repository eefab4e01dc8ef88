"""Time: working units, holidays, windows, reminders, snoozes (LF106, LF401 to LF407)."""

from __future__ import annotations

from collections.abc import Iterator

from leadflow.engine.calendar import Calendar
from leadflow.engine.durations import Duration
from leadflow.spec.checks.parts import Span, parts, spans
from leadflow.spec.checks.subject import Subject
from leadflow.spec.holidays import YEARS
from leadflow.spec.problems import Problem
from leadflow.spec.schema.actions import Step, Task, Verbs
from leadflow.spec.schema.base import CONFLICT

_DAY = 24 * 60
_SECONDS = _DAY * 60
_KNOWN_DAYS = 365 * (YEARS - 1)
"""Days that are certainly known after the publishing year."""


def check(subject: Subject) -> Iterator[Problem]:
    """All durations of the pipeline, and hours that leave nothing."""
    for part in parts(subject.view.model):
        for span in spans(part):
            yield from _working(subject, span)
        if isinstance(part, Task):
            yield from _task(part)
        if isinstance(part, Verbs):
            yield from _snooze(subject, part)
        if isinstance(part, Step) and part.wait and part.create_task is None:
            message = "wait is for the task that the step creates, and this one creates none"
            yield part.spot_of("wait").problem(CONFLICT, message, "remove wait, or use create_task")
    yield from _no_hour_left(subject)


# ---- working time


def _working(subject: Subject, span: Span) -> Iterator[Problem]:
    calendar, duration = subject.pipeline.calendar, span.value
    if not duration.working:
        return
    if calendar is None:
        message = "working time without a calendar"
        hint = 'add calendar: {timezone: Europe/Moscow, days: mon-fri, hours: "09:00-18:00"}'
        yield span.spot.problem("LF401", message, hint)
    elif (
        subject.pipeline.holidays_until
        and not span.from_field
        and _days_of(duration, calendar) > _KNOWN_DAYS
    ):
        until = subject.pipeline.holidays_until
        message = f"this can reach beyond {until}, and no holidays are known after that"
        yield span.spot.problem("LF403", message, "shorten it, or publish again in time")


def _days_of(duration: Duration, calendar: Calendar) -> float:
    """About how many days of the calendar a working duration takes."""
    open_days = len(calendar.days) or 1
    hours = (calendar.closes - calendar.opens) * 60 or 1
    working_days = duration.days + duration.weeks * open_days + duration.seconds / hours
    return working_days * 7 / open_days


# ---- tasks and snoozes


def _task(part: Task) -> Iterator[Problem]:
    if part.due is None:
        for key in ("overdue", "remind", "fixed_due"):
            if getattr(part, key):
                message = f"{key} means nothing without due"
                yield part.spot_of(key).problem(CONFLICT, message, "add due: 1 working day")
        return
    due, remind = part.due.value, part.remind
    if due.field or due.offset is None or due.clock is not None or remind is None:
        return
    if remind.working == due.offset.working and _least(remind) >= _most(due.offset):
        message = "the task does not live that long: nobody would be reminded"
        yield part.spot_of("remind").problem("LF406", message, "remind shortly before it is due")


def _snooze(subject: Subject, part: Verbs) -> Iterator[Problem]:
    if part.snooze is None:
        return
    limit, until = subject.pipeline.snooze, part.snooze.value
    if limit is None:
        message = "this pipeline allows no snooze"
        yield part.snooze.spot.problem("LF407", message, "remove snooze: false, or this action")
    elif until.offset and not until.field and _least(until.offset) > _most(limit):
        message = "this is longer than the pipeline's leads may sleep"
        yield part.snooze.spot.problem("LF407", message, "shorten it, or raise snooze")


def _least(duration: Duration) -> int:
    """Seconds that surely pass; working units are compared with each other only, or taken as plain ones."""
    days = duration.days + duration.weeks * (5 if duration.working else 7) + duration.months * 28
    return days * _SECONDS + duration.seconds


def _most(duration: Duration) -> int:
    days = duration.days + duration.weeks * 7 + duration.months * 31
    return days * _SECONDS + duration.seconds


# ---- hours


def _no_hour_left(subject: Subject) -> Iterator[Problem]:
    """Windows that open in quiet hours only; quiet hours never fill the whole day."""
    quiet = _minutes(subject.pipeline.quiet_hours or (0, 0))
    for stage in subject.pipeline.stages.values():
        for program in stage.programs:
            window = program.window
            if window and _minutes((window.opens, window.closes)) <= quiet:
                message = "the window lies within the quiet hours: nothing could ever be sent"
                where = subject.spot(program.ref, "window", key=True)
                yield where.problem("LF404", message, "choose hours of the day that are not quiet")


def _minutes(hours: tuple[int, int]) -> frozenset[int]:
    """The minutes of the day from one hour to another, over midnight too."""
    begin, end = hours
    wrapped = range(begin, end) if begin <= end else (*range(begin, _DAY), *range(end))
    return frozenset(wrapped)
