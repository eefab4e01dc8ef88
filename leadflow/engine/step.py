"""A step, as the law has it (language.md, Meaning 1): (a) values, (b) reactions, (c) one exit, (d) what follows."""

from __future__ import annotations

from datetime import datetime

from leadflow.engine import programs
from leadflow.engine.calendar import working_day_opening
from leadflow.engine.clock import CalendarError
from leadflow.engine.clocks import instant, wake
from leadflow.engine.decision import Refusal
from leadflow.engine.draft import Cause, Draft
from leadflow.engine.events import Signal
from leadflow.engine.exits import choose, expects, settle
from leadflow.engine.react import Reactions, holding
from leadflow.engine.upkeep import upkeep
from leadflow.errors import EngineError

WAKING = frozenset(
    {"replied", "repeated", "call_in", "call_missed", "meeting_booked", "paid", "signed"}
)
"""Facts after whose step a sleeping lead wakes (Meaning 10)."""

MOST_FACTS = 50
"""That may come of one step, and of each other."""


def step(d: Draft, cause: Cause) -> list[Refusal]:
    """One step whose values (a) are written. A decision that may not be is answered with all reasons."""
    d.cause = cause
    reactions = Reactions(d)
    heard = _programs(d, cause)
    refusals = reactions.run(d)  # (b)
    if refusals:
        return refusals
    left, refusals = choose(d)  # (c)
    if refusals:
        return refusals
    if cause.decision and cause.name and not (left or reactions.ran or heard):
        return [_unexpected(d, cause)]
    follow(d, reactions, moved=left)  # (d)
    return []


def follow(d: Draft, reactions: Reactions, *, moved: bool = True) -> None:
    """Step (d): automatic and pending exits, and the reactions they give rise to, to a fixed point.

    ``moved``: whether anything has happened since the reactions were last asked.
    """
    if moved:
        reactions.run(d)
    upkeep(d)
    while settle(d):
        reactions.run(d)
        upkeep(d)
    d.s.holding = holding(d)


def facts(d: Draft) -> None:
    """What came of the step: each fact has a step of its own; a sleeping lead wakes after those that wake it."""
    if d.cause.name in WAKING and d.s.sleep is not None:
        wake_up(d)
    steps = 0
    while d.queue:
        cause = d.queue.pop(0)
        steps += 1
        if steps > MOST_FACTS:
            message = f"more than {MOST_FACTS} facts from one step: a loop without a wait"
            raise EngineError(
                message, "give the loop a wait, publish, `leadflow migrate`, then release the lead"
            )
        if d.s.converting is not None:  # it waits with what comes from outside
            event = Signal(id=f"{cause.name}/{d.at}", name=cause.name, data=cause.data)
            d.s.held = (*d.s.held, event)
            continue
        d.next_step()
        step(d, cause)


def wake_up(d: Draft) -> None:
    """Ends a snooze; ``woken`` follows."""
    wake(d)
    d.queue.append(Cause(keys=(("signal", "woken"),), name="woken"))


def _programs(d: Draft, cause: Cause) -> bool:
    """``stop_when`` and ``postpone_when``: whether a program listens to this signal."""
    heard = False
    for ref, run in list(d.s.programs.items()) if cause.name else ():
        if run.status != "running":
            continue
        program = d.index.program(ref)
        if cause.name in program.stop_when:
            programs.stop(d, ref, cause.name)
            heard = True
        elif cause.name in program.postpone_when:
            programs.postpone(d, program, program.postpone_when[cause.name], _until(d, cause))
            heard = True
    return heard


def _until(d: Draft, cause: Cause) -> datetime | None:
    value = cause.data.get("until")
    if not isinstance(value, str):
        return None
    if "T" in value:
        return instant(value)
    try:
        return working_day_opening(value, d.pipeline.calendar, d.pipeline.timezone)
    except CalendarError:
        return None


def _unexpected(d: Draft, cause: Cause) -> Refusal:
    if expects(d):
        return Refusal(
            "not_now", f"'{cause.name}' is not possible now: its condition does not hold"
        )
    return Refusal("not_expected", f"the stage '{d.s.stage}' does not take '{cause.name}'")
