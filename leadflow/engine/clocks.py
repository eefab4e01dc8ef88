"""Deadlines: arming, stopping and starting them again (language.md, Meaning 6, 7, 10).

A deadline once armed is an absolute instant. A stopped one keeps its record with an empty ``due``; what it had left
stands in the snooze that stopped it, or in `State.paused`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from leadflow.engine.calendar import add, left
from leadflow.engine.clock import CalendarError, iso, parse_iso, whole, zone
from leadflow.engine.draft import Draft, replace
from leadflow.engine.durations import Duration
from leadflow.engine.effects import TaskChanged
from leadflow.engine.moments import Moment, resolve
from leadflow.engine.scope import moment_value
from leadflow.engine.state import Deadline, Sleep, State

Kind = Literal[
    "exit", "when", "step", "sla", "due", "remind", "send", "reassign", "snooze", "erase"
]

Shift = Callable[[datetime], datetime]

AWAKE = frozenset({"snooze", "erase"})
"""Kinds that a snooze does not stop; nor does it stop moments."""


def next_deadline(s: State) -> datetime | None:
    """When the one timer has to fire: the nearest deadline, UTC.

    ``None`` while nothing is armed, and while a quarantine or a conversion under way keeps everything waiting.
    """
    if s.quarantined or s.converting is not None:
        return None
    due = min([one.due for one in s.deadlines.values() if one.due], default="")
    return parse_iso(due) if due else None


def plus(d: Draft, since: datetime, duration: Duration) -> datetime:
    """So long after an instant, on the pipeline's calendar."""
    return add(since, duration, d.pipeline.calendar, d.pipeline.timezone)


def moment(d: Draft, at: Moment) -> datetime | None:
    """The instant a moment means now, in whole seconds; ``None`` while its field is empty."""
    p = d.pipeline
    try:
        found = resolve(at, d.now, moment_value(d.s, at.field), p.calendar, p.timezone)
    except (
        CalendarError
    ):  # a date out of reach is none: nobody shall lose a lead by a slip of the pen
        return None
    return found and whole(found)


def is_zone(name: str) -> bool:
    """Whether a client's time zone is one."""
    try:
        zone(name)
    except CalendarError:
        return False
    return name != ""


def instant(text: str) -> datetime | None:
    """An instant from outside in whole seconds; ``None`` if it is none."""
    try:
        at = parse_iso(text)
    except CalendarError:
        return None
    return whole(at)


def arm(d: Draft, key: str, deadline: Deadline) -> None:
    """Arms a deadline; while the lead sleeps it waits with all that it has."""
    sleep = d.s.sleep
    if sleep is not None and _stops(deadline):
        d.s.sleep = replace(sleep, left={**sleep.left, key: _left(d, deadline)})
        deadline = replace(deadline, due="")
    d.s.deadlines[key] = deadline


Armed = Literal["armed", "empty", "past", "fired"]


def arm_moment(
    d: Draft, key: str, at: Moment, deadline: Deadline, shift: Shift | None = None
) -> Armed:
    """Arms what waits for a moment; ``deadline`` lacks its times, which ``shift`` may move (into a window).

    Past when armed: with ``before`` it is skipped, else due now; each instant fires once (Meaning 7).
    """
    found = moment(d, at)
    if found is None:
        return "empty"
    text = iso(found)
    if f"{deadline.ref}@{text}" in d.s.instants:
        return "fired"
    if at.before and found < d.now:
        return "past"
    due = max(found, d.now)
    due = shift(due) if shift else due
    arm(d, key, replace(deadline, due=iso(due), moment=True, instant=text))
    return "armed"


def disarm(d: Draft, key: str) -> Deadline | None:
    """Takes a deadline away, running or stopped."""
    s = d.s
    if key in s.paused:
        s.paused = {k: v for k, v in s.paused.items() if k != key}
    if s.sleep is not None and key in s.sleep.left:
        s.sleep = replace(s.sleep, left={k: v for k, v in s.sleep.left.items() if k != key})
    return s.deadlines.pop(key, None)


def disarm_scope(d: Draft, scope: str) -> None:
    """Takes away all that is armed for a visit."""
    for key in [key for key, one in d.s.deadlines.items() if one.scope == scope]:
        disarm(d, key)


def _stops(deadline: Deadline) -> bool:
    return not deadline.moment and deadline.kind not in AWAKE


def _left(d: Draft, deadline: Deadline) -> Duration:
    if deadline.kind == "send":
        return Duration()  # when it wakes, quiet hours and window are asked anew
    p = d.pipeline
    return left(d.now, parse_iso(deadline.due), deadline.unit, p.calendar, p.timezone)


def snooze(d: Draft, until: datetime) -> None:
    """Stops all deadlines but moments until an instant (Meaning 10). A sleeping lead sleeps on till the new one."""
    sleep = d.s.sleep
    d.s.sleep = Sleep(until=iso(until), since=d.at, left=sleep.left if sleep else {})
    for key, one in [(k, one) for k, one in d.s.deadlines.items() if one.due and _stops(one)]:
        arm(d, key, one)
    arm(d, "snooze", Deadline(due=iso(until), kind="snooze", ref="snooze", scope=d.stage_scope))
    d.note("snoozed", until=iso(until))


def wake(d: Draft) -> None:
    """Ends a snooze: each deadline gets what it had left, in its unit."""
    sleep = d.s.sleep
    if sleep is None:
        return
    d.s.sleep = None
    d.s.deadlines.pop("snooze", None)
    for key, rest in sleep.left.items():
        _restart(d, key, rest)
    d.note("woken")


def pause(d: Draft, key: str) -> None:
    """``pause_while`` holds: the deadline stands still."""
    one = d.s.deadlines.get(key)
    if one is None or key in d.s.paused:
        return
    rest = _left(d, one) if one.due else d.s.sleep.left[key] if d.s.sleep else Duration()
    disarm(d, key)
    d.s.deadlines[key] = replace(one, due="")
    d.s.paused = {**d.s.paused, key: rest}


def resume(d: Draft, key: str) -> None:
    """``pause_while`` holds no more."""
    rest = d.s.paused.get(key)
    if rest is not None:
        d.s.paused = {k: v for k, v in d.s.paused.items() if k != key}
        _restart(d, key, rest)


def _restart(d: Draft, key: str, rest: Duration) -> None:
    one = d.s.deadlines[key]
    due = iso(plus(d, d.now, rest))
    arm(d, key, replace(one, due=due))
    if one.kind == "send":  # how late it may be counts from now
        d.s.sends[key] = replace(d.s.sends[key], first="", not_after="")
    if one.kind == "due" and d.s.deadlines[key].due:
        run = d.s.tasks[one.ref]
        d.s.tasks[one.ref] = replace(run, due=due)
        d.effects.append(TaskChanged(key=run.key, due=due))
