"""Gates: what nobody can give, what nobody stands by to give, what is there anyway (LF306, LF308, LF320)."""

from __future__ import annotations

from collections.abc import Iterator

from leadflow.engine.pipeline import Gate
from leadflow.spec.checks.subject import Subject
from leadflow.spec.checks.ways import Way
from leadflow.spec.positions import Position
from leadflow.spec.problems import Problem, problem


def check(subject: Subject) -> Iterator[Problem]:
    """The gates of all stages and ways."""
    pipeline = subject.pipeline
    for stage in pipeline.stages.values():
        for gate in (*stage.enter, *stage.leave):
            yield from _out_of_reach(subject, gate, [stage.id])
            yield from _always_filled(subject, gate)
    told: set[str] = set()
    for ways in subject.graph.ways.values():
        for way in ways:
            yield from _of_way(subject, way)
            if way.exit.ref not in told:
                for found in _waits(subject, way):
                    told.add(way.exit.ref)
                    yield found


def _of_way(subject: Subject, way: Way) -> Iterator[Problem]:
    exit_ = way.exit
    sources = [*subject.graph.standing(exit_)] if exit_ in subject.pipeline.exits else [way.source]
    conversions = subject.pipeline.stages[way.target].convert
    asked = (*exit_.requires, *(gate for one in conversions for gate in one.requires))
    for gate in asked:
        yield from _out_of_reach(subject, gate, [*sources, way.target])
        yield from _always_filled(subject, gate)


def _out_of_reach(subject: Subject, gate: Gate, stages: list[str]) -> Iterator[Problem]:
    """A checklist item that stands on no stage that the lead can have been in."""
    graph = subject.graph
    if not gate.item:
        return
    shown = [name for name, stage in graph.stages.items() if gate.item in stage.checklist]
    whole = {graph.whole(stage) for stage in stages}
    if whole & ({graph.whole(name) for name in shown} | graph.reached(*shown)):
        return
    message = (
        f"'{gate.item}' cannot be ticked yet: it stands on stage '{shown[0]}', which comes later"
    )
    hint = "require it there, or move the item to this stage's checklist"
    yield _told(gate, "LF306", message, hint)


def _always_filled(subject: Subject, gate: Gate) -> Iterator[Problem]:
    """A flag holds "no" from the beginning, which is a value: the gate is never shut."""
    flags = (name for name in gate.fields if _is_flag(subject, name))
    for name in flags:
        message = (
            f"'{name}' is a flag, which is filled by a \"no\" too: this gate never stops a lead"
        )
        asks = f'check: {subject.pipeline.kind}.{name}, say: "…"'
        hint = f"to ask for a yes write {{id: {name}_is_yes, {asks}}}"
        yield _told(gate, "LF320", message, hint)
        return


def _is_flag(subject: Subject, name: str) -> bool:
    field = subject.pipeline.fields.get(name)
    flag = field is not None and field.type == "flag"
    return flag and name not in subject.certain.cleared


def _told(gate: Gate, code: str, message: str, hint: str) -> Problem:
    path, line, column = gate.pos.rsplit(":", 2)
    return problem(path, Position(int(line), int(column)), code, message, hint)


def _waits(subject: Subject, way: Way) -> Iterator[Problem]:
    """A way that goes by the clock, or at the end of attempts, into a gate that may be shut."""
    exhausted = way.exit.ref.endswith("/attempts/exhausted")
    facts = subject.certain.trying(way)
    if not (way.timed or exhausted) or facts is None:
        return
    target = subject.graph.stages[way.target]
    left = () if target.always else subject.graph.stages[way.source].leave
    for gate in (*left, *way.exit.requires, *target.enter):
        if gate.condition is not None or gate.check is not None:
            continue
        if facts.isdisjoint(gate.fields):
            fields = [name for name in gate.fields if name in subject.pipeline.fields]
            message = f"'{gate.id}' may be missing when this exit goes: the lead would wait for it"
            hint = (
                f"fill it here: set: {{{fields[0]}: …}}"
                if fields
                else "let a person decide instead"
            )
            yield subject.spot(way.exit.ref).problem("LF308", message, hint)
            return
