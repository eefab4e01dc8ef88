"""Choosing: ways and entries of which the first that fits is taken (LF304, LF310, LF313, LF314, LF318)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leadflow.engine.events import FACTS
from leadflow.engine.expr import And, Not, Or, Ref, Test
from leadflow.engine.pipeline import Conversion, Exit, Rule, Stage, Trigger, When
from leadflow.spec.checks.logic import implies, satisfiable
from leadflow.spec.checks.subject import Subject
from leadflow.spec.checks.writes import Facts
from leadflow.spec.conditions.names import NameTable
from leadflow.spec.problems import Problem


def check(subject: Subject) -> Iterator[Problem]:
    """Exits, reactions, routing and conversions."""
    pipeline = subject.pipeline
    for stage in pipeline.stages.values():
        yield from _shadowed(subject, stage.exits)
        yield from _at_once(subject, stage)
        yield from _converted(subject, stage)
    yield from _shadowed(subject, pipeline.exits)
    for way, _ in subject.graph.heard:
        yield from _button(subject, way)
        if isinstance(way, When):
            yield from _idle(subject, way)
    yield from _routed(subject)


# ---- exits


_MOST_COMPARED = 50
"""Exits with the same trigger, or entries, that a further one is compared with; real pipelines have a few."""


def _shadowed(subject: Subject, exits: Sequence[Exit]) -> Iterator[Problem]:
    before: dict[tuple[str, str], list[Exit]] = {}
    for later in exits:
        keys = [(later.trigger.kind, name) for name in later.trigger.names or ("",)]
        for earlier in before.get(keys[0], ())[:_MOST_COMPARED]:
            if (
                _covers(subject, earlier.trigger, later.trigger)
                and (not earlier.stages or set(later.stages or "*") <= set(earlier.stages))
                and implies(later.condition, earlier.condition, subject.names)
            ):
                line = subject.line(earlier.ref, later.ref)
                message = f"the exit in {line} always goes first: this one never gets its turn"
                hint = "put the special case first, or give the exit above an if of its own"
                yield subject.spot(later.ref).problem("LF304", message, hint)
                break
        for key in keys:
            before.setdefault(key, []).append(later)


def _covers(subject: Subject, wide: Trigger, narrow: Trigger) -> bool:
    """Whether whatever sets the second in motion sets the first in motion too, at the same instant."""
    if wide.kind != narrow.kind or wide.after != narrow.after or wide.at != narrow.at:
        return False
    if wide.kind == "task" and not _outcomes(subject, narrow) <= _outcomes(subject, wide):
        return False
    return set(narrow.names) <= set(wide.names)


def _outcomes(subject: Subject, trigger: Trigger) -> set[str]:
    if trigger.outcomes:
        return set(trigger.outcomes)
    tasks = (subject.tasks[name] for name in trigger.names if name in subject.tasks)
    return {outcome for task in tasks for outcome in task.outcomes or ("",)}


def _at_once(subject: Subject, stage: Stage) -> Iterator[Problem]:
    """An exit without trigger, `if` and gates leaves the stage in the step that enters it: no other is ever asked."""
    for way in stage.exits:
        target = subject.pipeline.stages.get(way.goto)
        free = way.trigger.kind == "auto" and way.condition is None
        if target is None or not free or way.requires or target.enter:
            continue
        if stage.leave and not target.always:
            continue
        for other in stage.exits:
            if other.trigger.kind != "auto":
                line = subject.line(way.ref, other.ref)
                message = f"the exit in {line} goes at once: this one never gets its turn"
                hint = f"give the exit in {line} a trigger, or an if"
                yield subject.spot(other.ref).problem("LF304", message, hint)
        return


def _button(subject: Subject, way: Exit | When) -> Iterator[Problem]:
    """`label` and `by` of what nobody decides."""
    trigger = way.trigger
    if trigger.kind == "signal" and not FACTS.issuperset(trigger.names):
        return
    for key in ("label", "by"):
        if subject.given(way.ref, key) is not None:
            message = f"only a signal is somebody's to decide: {key} means nothing here"
            if trigger.kind == "signal":
                names = " and ".join(f"'{name}'" for name in trigger.names)
                message = (
                    f"{names} comes from the world, nobody decides it: {key} means nothing here"
                )
            hint = f"remove {key}, or give the decision a signal of its own"
            yield subject.spot(way.ref, key, key=True).problem("LF310", message, hint)


def _idle(subject: Subject, when: When) -> Iterator[Problem]:
    if when.trigger.kind == "auto" and when.condition is None:
        message = "nothing says when this happens"
        hint = "add a trigger (signal, task, sent, changed, after, at), or an if"
        yield subject.spot(when.ref).problem("LF318", message, hint)


# ---- entries


def _routed(subject: Subject) -> Iterator[Problem]:
    rules = subject.pipeline.routing
    for index in range(len(rules)):
        yield from _never_chosen(subject, rules, index, f"routing/{index}")
    if rules and _may_miss(subject.names, rules):
        message = "a lead for which none of these holds gets no owner"
        hint = "add a last rule without an if, such as {assign: {round_robin: TEAM}}"
        yield subject.spot(f"routing/{len(rules) - 1}").problem("LF314", message, hint)


def _converted(subject: Subject, stage: Stage) -> Iterator[Problem]:
    for index, entry in enumerate(stage.convert):
        if entry.condition is not None:  # others may be meant to be picked by hand
            yield from _never_chosen(subject, stage.convert, index, f"{stage.id}/convert/{index}")
    facts = subject.certain.entered(stage.id)
    if stage.convert and _may_miss(subject.names, stage.convert, facts, subject.pipeline.kind):
        message = "a lead for which none of these holds is not converted"
        hint = "add a last entry without an if"
        where = subject.spot(f"{stage.id}/convert/{len(stage.convert) - 1}")
        yield where.problem("LF314", message, hint)


def _never_chosen(
    subject: Subject, entries: Sequence[Rule | Conversion], index: int, ref: str
) -> Iterator[Problem]:
    for earlier, entry in enumerate(entries[: min(index, _MOST_COMPARED)]):
        if implies(entries[index].condition, entry.condition, subject.names):
            above = subject.line(f"{ref.rpartition('/')[0]}/{earlier}", ref)
            message = f"the entry in {above} always fits first: this one is never chosen"
            hint = "move the general entry to the end"
            yield subject.spot(ref).problem("LF313", message, hint)
            return


def _may_miss(
    names: NameTable,
    entries: Sequence[Rule | Conversion],
    facts: Facts | None = None,
    kind: str = "",
) -> bool:
    """Whether a lead may fit none of the entries."""
    conditions = [entry.condition for entry in entries if entry.condition is not None]
    if len(conditions) < len(entries):
        return False
    filled = (Test("set", Ref((kind, name))) for name in facts or ())
    return satisfiable(And((Not(Or(tuple(conditions))), *filled)), names)
