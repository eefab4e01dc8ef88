"""From a scenario's step to the events it stands for: the edge, where values become canonical."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from leadflow.engine import events
from leadflow.engine.clock import iso, wall, zone
from leadflow.engine.decision import Refusal
from leadflow.engine.fields import Field, Value
from leadflow.engine.pipeline import Pipeline
from leadflow.engine.state import State
from leadflow.installation import Installation
from leadflow.simulate.instants import NoInstant, instant
from leadflow.simulate.people import acting
from leadflow.simulate.schema import WOKEN, Start, Step
from leadflow.simulate.world import Life
from leadflow.spec.compile.values import plain
from leadflow.values import BadValue, parse_value

NOBODY = "nobody"
CALL = "call"
_MOMENTS = {"date", "datetime"}
_CONSENT = {"true": "all"}
_DATA = {
    "amount": Field("amount", "money", "amount"),
    "until": Field("until", "date", "until"),
    "at": Field("at", "datetime", "at"),
}
"""Of the facts' data, what has a type of its own (language.md, **Signal**)."""


class Edge(NamedTuple):
    """Where values are read: the pipeline, the people's habits, and what moments count from."""

    pipeline: Pipeline
    home: Installation
    state: State | None
    now: datetime

    @classmethod
    def of(cls, life: Life) -> Edge:
        """A lead's, now."""
        return cls(life.pipeline, life.world.staff.installation, life.state, life.world.now)


@dataclass(slots=True)
class Act:
    """What a step comes to: events, or why its values are refused at the edge."""

    events: list[events.AnyEvent] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


def created(start: Start, edge: Edge) -> events.Created:
    """How a lead begins; a value that does not fit is left out and noted (Meaning 3)."""
    values, bad = _values(edge, start.fields)
    user = str(start.user or "")
    return events.Created(
        id="created",
        actor=events.Actor(user=user),
        fields=values,
        left_out={one.field: one.message for one in bad},
        channel=str(start.channel or ""),
        form=str(start.form or ""),
        source=str(start.source or ""),
        call_user=user if start.channel == CALL else "",
        owner=str(start.owner or ""),
        timezone=str(start.timezone or ""),
        language=str(start.language or ""),
        consent=tuple(
            _CONSENT.get(str(word), str(word)) for word in start.consent if word != "false"
        ),
        stage=str(start.stage or ""),
        variants={str(step): str(variant) for step, variant in start.variants.items()},
    )


def act(step: Step, life: Life) -> Act:
    """What a step does to a lead, now."""
    values, bad = _values(Edge.of(life), {**step.fields, **(step.set_ or {})})
    done = Act(refusals=bad)
    decision: More = {
        "id": "step",
        "actor": _actor(step, life),
        "fields": values,
        "convert": tuple(step.convert),
        "goes_to": {str(name): tuple(places) for name, places in step.goes_to.items()},
    }
    try:
        done.events += _EVENTS[step.act](step, life, decision)
    except NoInstant as error:
        done.refusals.append(Refusal("bad_value", str(error)))
    return done


def _actor(step: Step, life: Life) -> events.Actor:
    by = str(step.by or "")
    if not by and step.signal in events.FACTS - {WOKEN}:
        return events.SYSTEM
    if by == "assignee":
        run = life.state.tasks.get(str(step.task or step.press))
        by = run.assignee if run is not None else ""
    return acting(life.world.staff, life.state, by)


More = dict[str, Any]


def _task(step: Step, _: Life, more: More) -> Iterator[events.AnyEvent]:
    yield events.TaskDone(task=str(step.task), outcome=str(step.outcome or ""), **more)


def _signal(step: Step, life: Life, more: More) -> Iterator[events.AnyEvent]:
    if step.signal == WOKEN:  # by hand: the fact of that name follows
        yield events.Woken(**more)
    else:
        yield events.Signal(name=str(step.signal), data=_data(step, life), **more)


def _press(step: Step, life: Life, more: More) -> Iterator[events.AnyEvent]:
    yield events.ButtonPressed(task=str(step.press), button=_button(step, life), **more)


def _set(_: Step, _life: Life, more: More) -> Iterator[events.AnyEvent]:
    yield events.FieldsSet(**more)


def _tick(step: Step, _: Life, more: More) -> Iterator[events.AnyEvent]:
    yield events.Ticked(items=tuple(map(str, step.tick or ())), **more)


def _move(step: Step, life: Life, more: More) -> Iterator[events.AnyEvent]:
    yield events.Moved(stage=_stage(life, str(step.move)), **more)


def _assign(step: Step, _: Life, more: More) -> Iterator[events.AnyEvent]:
    yield events.Assigned(to="" if step.assign == NOBODY else str(step.assign), **more)


def _snooze(step: Step, life: Life, more: More) -> Iterator[events.AnyEvent]:
    yield events.Snoozed(until=_instant(life, str(step.snooze)), **more)


def _reopen(_: Step, _life: Life, more: More) -> Iterator[events.AnyEvent]:
    yield events.Reopened(**more)


def _reschedule(step: Step, life: Life, more: More) -> Iterator[events.AnyEvent]:
    for task, due in (step.reschedule or {}).items():
        yield events.TaskPostponed(task=str(task), due=_instant(life, due), **more)


_EVENTS: dict[str, Callable[[Step, Life, More], Iterator[events.AnyEvent]]] = {
    "signal": _signal,
    "task": _task,
    "press": _press,
    "set": _set,
    "tick": _tick,
    "move": _move,
    "assign": _assign,
    "snooze": _snooze,
    "reopen": _reopen,
    "reschedule": _reschedule,
}


def _instant(life: Life, text: str) -> str:
    return iso(instant(text, life.pipeline, life.state, life.world.now))


def _button(step: Step, life: Life) -> str:
    """By its label; a task's only button need not be named."""
    if step.button is not None:
        return str(step.button)
    task = life.pipeline.tasks.get(str(step.press))
    return task.buttons[0].label if task and len(task.buttons) == 1 else ""


def _stage(life: Life, name: str) -> str:
    """A stage of a track may be named by its short id."""
    if name in life.pipeline.stages:
        return name
    found = (stage for stage in life.pipeline.stages if stage.partition(".")[2] == name)
    return next(found, name)


def _values(edge: Edge, raw: Mapping[Any, Any]) -> tuple[dict[str, Value], list[Refusal]]:
    values: dict[str, Value] = {}
    refusals = []
    for word, given in raw.items():
        known = edge.pipeline.fields.get(str(word))
        if known is None:
            message = f"there is no field '{word}'"
            refusals.append(Refusal("bad_value", message, str(word)))
            continue
        try:
            values[known.id] = value_of(edge, known, plain(given))
        except BadValue as error:
            refusals.append(Refusal("bad_value", error.message, known.id, known.pos))
    return values, refusals


def value_of(edge: Edge, known: Field, raw: Value) -> Value:
    """The canonical value of a field; dates take a moment too (``3 days``).

    Raises:
        BadValue: it is none.
    """
    zone_name = edge.pipeline.timezone
    raw = _files(raw) if known.type == "file" else raw
    try:
        return parse_value(known, raw, region=edge.home.region, timezone=zone_name)
    except BadValue:
        if known.type not in _MOMENTS or not isinstance(raw, str):
            raise
        try:
            at = instant(raw, edge.pipeline, edge.state, edge.now)
        except NoInstant:
            at = None
        if at is None:
            raise
        return iso(at) if known.type == "datetime" else wall(at, zone(zone_name)).date().isoformat()


def _files(raw: Value) -> Value:
    """A file is named only: what is in it plays no part here."""
    if isinstance(raw, list):
        return [_files(item) for item in raw]
    return {"id": raw, "name": raw, "size": 1} if isinstance(raw, str) and raw else raw


def _data(step: Step, life: Life) -> dict[str, Value]:
    return {str(name): _datum(life, str(name), plain(raw)) for name, raw in step.data.items()}


def _datum(life: Life, name: str, raw: Value) -> Value:
    """A signal's data: an amount, a date or an instant in its canonical form, all else as written."""
    typed = _DATA.get(name)
    for known in (typed, _DATA["at"] if name == "until" else None):
        if known is not None:
            try:
                return parse_value(known, raw, timezone=life.pipeline.timezone)
            except BadValue:
                continue
    return raw
