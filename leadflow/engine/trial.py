"""Trying out: what a lead would do if these steps were taken. Nothing here changes a lead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import combinations
from typing import Literal

import msgspec

from leadflow.engine import events
from leadflow.engine.clock import iso, parse_iso
from leadflow.engine.clocks import next_deadline
from leadflow.engine.decide import decide
from leadflow.engine.fields import Value
from leadflow.engine.pipeline import Exit, Pipeline, When
from leadflow.engine.refs import index
from leadflow.engine.state import State
from leadflow.errors import EngineError

MOST_TICKS = 200
"""Timers that one waiting may pass."""
MOST_STEPS = 6
"""Of an answer all of whose parts are tried; of a longer one (a checklist of ten items) those that lack one step."""


class Step(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One thing that would have to happen."""

    do: Literal["fill", "tick", "signal", "task", "press", "wait", "wake", "reopen", "result"]
    """``result``: an effect under way ends well; nobody here can do that."""
    id: str = ""
    """Field, checklist item, signal, task or effect key."""
    value: Value = None
    """``fill``: canonical; ``None`` clears."""
    any: bool = False
    """``value`` is an example, any other does as well."""
    outcome: str = ""
    """Of the task; ``press``: the button, whose messages then arrive."""
    until: str = ""
    """``wait``: UTC instant."""


Steps = tuple[Step, ...]


def applied(pipeline: Pipeline, state: State, steps: Iterable[Step], now: datetime) -> State:
    """The lead after these steps, done by whoever may: ticks, fields, time, then what somebody decides.

    What is refused changes nothing.
    """
    return _Trial(pipeline, state, now).run(tuple(steps))


class _Trial:
    def __init__(self, pipeline: Pipeline, state: State, now: datetime) -> None:
        self.pipeline = pipeline
        self.state = state
        self.now = now
        self.ways: set[str] = set()
        """Refs of the exits taken, or begun to be with a conversion."""

    def run(self, steps: Steps) -> State:
        fields = {step.id: step.value for step in steps if step.do == "fill"}
        acts = [step for step in steps if step.do in {"signal", "task", "press"}]
        waits = [step for step in steps if step.do == "wait"]
        for step in steps:
            if step.do == "tick":
                self._tell(events.Ticked(id="", items=(step.id,), actor=self._actor()))
        if fields and (waits or not acts):
            self._tell(events.FieldsSet(id="", fields=fields, actor=self._actor()))
            fields = {}
        for step in waits:
            self._wait(parse_iso(step.until))
        for step in (*acts, *(step for step in steps if step.do in {"wake", "reopen", "result"})):
            self._tell(self._event(step, fields))
            if step.do == "press":
                self._arrive(step.id)
        return self.state

    def _arrive(self, task: str) -> None:
        """What a button sends arrives."""
        for key in [key for key, run in self.state.sends.items() if run.task == task]:
            self._tell(events.EffectDone(id="", key=key, result="accepted", at=iso(self.now)))

    def _tell(self, event: events.AnyEvent) -> None:
        decision = decide(self.pipeline, self.state, event, self.now)
        self.state = decision.state
        self.ways.update(note.ref for note in decision.notes if note.kind in _TAKEN)

    def _wait(self, until: datetime) -> None:
        for _ in range(MOST_TICKS):
            due = next_deadline(self.state)
            if due is None or due > until:
                break
            self.now = max(due, self.now)
            self._tell(events.Timer(id="", due=iso(due)))
        self.now = max(until, self.now)

    def _event(self, step: Step, fields: dict[str, Value]) -> events.AnyEvent:
        event: events.AnyEvent
        match step.do:
            case "signal":
                by = self._by(step.id)
                event = events.Signal(id="", name=step.id, fields=fields, actor=self._actor(by))
            case "task":
                event = events.TaskDone(
                    id="", task=step.id, outcome=step.outcome, fields=fields, actor=self._doer(step)
                )
            case "press":
                event = events.ButtonPressed(
                    id="", task=step.id, button=step.outcome, fields=fields, actor=self._doer(step)
                )
            case "wake":
                event = events.Woken(id="", actor=self._actor())
            case "reopen":
                event = events.Reopened(id="", actor=self._actor())
            case _:
                event = self._result(step.id)
        return event

    def _result(self, key: str) -> events.AnyEvent:
        converting = self.state.converting
        if converting is not None and converting.key == key:
            return events.ConvertDone(id="", key=key)
        return events.EffectDone(id="", key=key, result="accepted", at=iso(self.now))

    def _by(self, signal: str) -> tuple[str, ...]:
        nodes = index(self.pipeline)
        ways: list[Exit | When] = [*nodes.exits.values(), *nodes.whens.values()]
        return tuple(name for way in ways if signal in way.trigger.names for name in way.by)

    def _doer(self, step: Step) -> events.Actor:
        known, run = self.pipeline.tasks.get(step.id), self.state.tasks.get(step.id)
        assignee = (run.assignee,) if run is not None and run.assignee else ()
        names = (*known.by, *known.assign.people.names) if known is not None else ()
        return self._actor((*assignee, *names))

    def _actor(self, by: tuple[str, ...] = ()) -> events.Actor:
        """Somebody who may do anything that one of these may."""
        named = [name for name in by if name not in _ROLES]
        user = self.state.owner or self.state.creator or next(iter(named), "")
        if "creator" in by and "owner" not in by and self.state.creator:
            user = self.state.creator
        return events.Actor(
            user=user or "nobody",
            teams=tuple(named),
            supervises=(self.state.owner, ""),
            admin=True,
        )


_TAKEN = frozenset({"exit", "converting"})
_ROLES = frozenset({"owner", "creator", "supervisor", "admin", "assignee"})


def mark(state: State) -> tuple[object, ...]:
    """What changes when a lead moves: its visits, its end, a conversion begun."""
    return (
        state.visit,
        tuple(sorted(state.track_visits.items())),
        state.closed,
        state.converting is not None,
    )


def moves(pipeline: Pipeline, state: State, steps: Iterable[Step], now: datetime) -> bool:
    """Whether the lead moves by these steps."""
    return _moved(pipeline, state, tuple(steps), now) is not None


def _moved(pipeline: Pipeline, state: State, steps: Steps, now: datetime) -> set[str] | None:
    """The ways by which the lead moves; ``None`` if it does not."""
    trial = _Trial(pipeline, state, now)
    try:
        after = trial.run(steps)
    except EngineError:
        return None
    return trial.ways if mark(after) != mark(state) else None


def least(
    pipeline: Pipeline, state: State, steps: Steps, now: datetime, way: str = ""
) -> Iterator[Steps]:
    """The smallest parts of an answer that move the lead (by this way): tried, not guessed.

    Where a smaller part moves it by another way, there is none: that is the other way's answer. Of more than
    `MOST_STEPS` steps no single one can be spared; all their parts would be too many to try.
    """
    if len(steps) > MOST_STEPS:
        shorter = combinations(steps, len(steps) - 1)
        spare = next((part for part in shorter if moves(pipeline, state, part, now)), None)
        if spare is not None:
            yield from least(pipeline, state, spare, now, way)
        elif (ways := _moved(pipeline, state, steps, now)) is not None and way in {"", *ways}:
            yield steps
        return
    for size in range(1, len(steps) + 1):
        found = [(some, _moved(pipeline, state, some, now)) for some in combinations(steps, size)]
        if any(ways is not None for _, ways in found):
            yield from (some for some, ways in found if ways is not None and way in {"", *ways})
            return
