"""`decide`: what an event does to a lead. Total, deterministic, free of clock, randomness and I/O.

The rules of this file:

* Refused means the very state that was given. Every accepted event raises its version by exactly one.
* A quarantined lead refuses decisions and keeps facts (``held``) until it is released; so does, for a moment, one whose
  conversion the commit has not answered.
* Each event is a step (language.md, Meaning 1, `leadflow.engine.step`); facts that come of it are steps after it, in
  the same event. A `Timer` is a step for every deadline up to its instant.
* A broken invariant raises `EngineError`; the shell then keeps the lead as `quarantine` makes it.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from datetime import datetime
from typing import Any

from leadflow.engine import acts, birth, events, moves, results
from leadflow.engine.clock import CalendarError
from leadflow.engine.clocks import instant, next_deadline
from leadflow.engine.decision import Decision, Note, Refusal
from leadflow.engine.draft import Draft
from leadflow.engine.effects import AnyEffect
from leadflow.engine.pipeline import Pipeline
from leadflow.engine.state import State
from leadflow.engine.step import facts
from leadflow.engine.timers import timer
from leadflow.errors import EngineError

__all__ = ["begin", "decide", "is_decision", "next_deadline", "quarantine"]


def begin(pipeline: Pipeline, lead: str) -> State:
    """The state before `leadflow.engine.events.Created`. ``lead``: its opaque id."""
    return State(lead=lead, pipeline=pipeline.id, hash=pipeline.hash, kind=pipeline.kind)


def decide(pipeline: Pipeline, state: State, event: events.AnyEvent, now: datetime) -> Decision:
    """The next state with the effects it asks for, or every reason why not.

    Raises:
        EngineError: an invariant is broken; the state given is still good.
    """
    if isinstance(event, events.Released):
        return _release(pipeline, state, now)
    if isinstance(event, events.Timer):
        now = max(now, instant(event.due) or now)
    door = _door(state, event)
    if isinstance(door, Refusal):
        return Decision(state, refusals=(door,))
    if door == "hold":
        return Decision(_hold(state, event))
    d = Draft(pipeline, state, now)
    if refusals := _handle(d, event):
        return Decision(state, refusals=tuple(refusals))
    d.s.version += 1
    decision = Decision(d.s, tuple(d.effects), (), tuple(d.notes))
    return _replay(pipeline, decision, now) if d.s.held and d.s.converting is None else decision


def _handle(d: Draft, event: events.AnyEvent) -> list[Refusal] | None:
    try:
        refusals = _HANDLERS[type(event)](d, event)
        if not refusals:
            facts(d)
    except CalendarError as error:
        raise EngineError(str(error)) from error
    return refusals


def is_decision(event: events.AnyEvent) -> bool:
    """Whether an event is what somebody decides, to be refused if it may not be; else it is a fact or an answer."""
    if isinstance(event, events.Signal):
        return event.name not in events.FACTS
    return isinstance(event, events.Decision)


def _door(state: State, event: events.AnyEvent) -> Refusal | str:
    """Whether an event may come in now: ``in``, ``hold`` it, or why not."""
    if isinstance(event, events.Created):
        return Refusal("not_expected", "the lead exists already") if state.created else "in"
    if not state.created:
        return Refusal("not_expected", "the lead does not exist yet")
    if not state.quarantined and (state.converting is None or isinstance(event, _WHILE_CONVERTING)):
        return "in"
    if not (is_decision(event) or isinstance(event, events.Timer)):
        return "hold"
    if state.quarantined:
        return Refusal("not_now", f"the lead is quarantined: {state.quarantined}")
    return Refusal("not_now", "the lead is just being converted")


_WHILE_CONVERTING = (events.ConvertDone, events.ConvertFailed, events.Numbered)


def _hold(state: State, event: events.AnyEvent) -> State:
    held = copy(state)
    held.version += 1
    held.held = (*state.held, event)
    return held


def quarantine(state: State, error: str, event: events.AnyEvent | None = None) -> State:
    """Parks a lead after an engine error: the event that met it is held, nothing else changes."""
    parked = copy(state)
    parked.version += 1
    parked.quarantined = error or "unknown"
    if event is not None and not is_decision(event) and not isinstance(event, events.Timer):
        parked.held = (*state.held, event)
    return parked


def _release(pipeline: Pipeline, state: State, now: datetime) -> Decision:
    if not state.quarantined:
        return Decision(state, refusals=(Refusal("not_expected", "the lead is not quarantined"),))
    freed = copy(state)
    freed.version += 1
    freed.quarantined = ""
    return _replay(pipeline, Decision(freed, notes=(Note("released"),)), now)


def _replay(pipeline: Pipeline, decision: Decision, now: datetime) -> Decision:
    """Applies what was held, in order, as part of the same event."""
    state = copy(decision.state)
    version, waiting, state.held = state.version, state.held, ()
    effects: list[AnyEffect] = list(decision.effects)
    notes = list(decision.notes)
    for event in waiting:
        applied = decide(pipeline, state, event, now)
        state = applied.state
        effects += applied.effects
        notes += applied.notes
    state = copy(state)
    state.version = version
    return Decision(state, tuple(effects), (), tuple(notes))


_HANDLERS: dict[type, Callable[[Draft, Any], list[Refusal] | None]] = {
    events.Created: birth.created,
    events.FieldsSet: acts.fields_set,
    events.Signal: acts.signal,
    events.TaskDone: acts.task_done,
    events.ButtonPressed: acts.button_pressed,
    events.TaskPostponed: acts.task_postponed,
    events.Ticked: acts.ticked,
    events.Moved: moves.moved,
    events.Assigned: moves.assigned,
    events.Snoozed: moves.snoozed,
    events.Woken: moves.woken,
    events.Reopened: moves.reopened,
    events.Timer: timer,
    events.OwnerFound: results.owner_found,
    events.Numbered: results.numbered,
    events.EffectDone: results.effect_done,
    events.DocumentMade: results.document_made,
    events.ConvertDone: birth.convert_done,
    events.ConvertFailed: birth.convert_failed,
}
"""``None``: of what nobody can refuse."""
