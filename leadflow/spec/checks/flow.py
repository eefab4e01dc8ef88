"""The flow: stages that cannot be reached or left, ways that never end, circles without a wait (LF301 to LF303, LF307)."""

from __future__ import annotations

from collections.abc import Iterator

from leadflow.engine.durations import Duration
from leadflow.engine.expr import And, Expr, paths
from leadflow.engine.pipeline import Exit, Stage
from leadflow.spec.checks.logic import satisfiable
from leadflow.spec.checks.subject import Subject
from leadflow.spec.checks.ways import Graph, Way, closure
from leadflow.spec.checks.writes import touched
from leadflow.spec.problems import Problem


def check(subject: Subject) -> Iterator[Problem]:
    """All stages and the ways between them."""
    stuck = [*_dead_ends(subject)]
    stuck += [] if stuck else _endless(subject)
    yield from stuck
    yield from _unreached(subject, finals=not stuck)
    yield from _circles(subject)
    yield from _reopened(subject)


def _told(subject: Subject, stage: str, code: str, message: str, hint: str) -> Problem:
    return subject.spot(f"stage.{stage}").problem(code, f"stage '{_id(stage)}' {message}", hint)


def _id(stage: str) -> str:
    """As the author wrote it."""
    return stage.rpartition(".")[2]


def _unreached(subject: Subject, *, finals: bool) -> Iterator[Problem]:
    """Stages no lead comes to; what only follows from such a stage, or from one that is left by no way, is not told."""
    graph = subject.graph
    lost = [name for name in graph.stages if name not in subject.reachable]
    follow = {after for name in lost for after in graph.after(name) if after != name}
    covered: set[str] = set()
    for name in (*(name for name in lost if name not in follow), *lost):
        if name in covered:
            continue
        covered |= closure([name], graph.after, known=covered)
        if finals or not graph.stages[name].final:
            hint = f"let an exit lead to it with 'goto: {_id(name)}', or delete the stage"
            yield _told(subject, name, "LF301", "cannot be reached", hint)


# ---- ways out and ends


def _dead_ends(subject: Subject) -> Iterator[Problem]:
    for name, stage in subject.pipeline.stages.items():
        if name in subject.reachable and not _has_way_out(subject, stage):
            hint = "give it exits, or make it final: success or final: failure"
            yield _told(subject, name, "LF302", "has no way out", hint)


def _has_way_out(subject: Subject, stage: Stage) -> bool:
    graph = subject.graph
    if stage.final or graph.ways[stage.id]:
        return True
    if stage.track:
        return not _meant_to_end(subject, stage)
    by_hand = (name for name in graph.always if name != stage.id)
    return any(graph.stages[name].final != "failure" for name in by_hand)


def _meant_to_end(subject: Subject, stage: Stage) -> bool:
    """Whether anything waits for the end of the track that the stage belongs to."""
    finals = (
        other.final for other in subject.pipeline.stages.values() if other.track == stage.track
    )
    asked = (path for use in subject.view.conditions for path in paths(use.condition.value))
    return any(finals) or ("track", stage.track) in asked


def _endless(subject: Subject) -> Iterator[Problem]:
    """Stages from which no final one can be reached: of those that lead to each other, the first."""
    graph = subject.graph
    finals = (name for name, stage in graph.stages.items() if stage.final and not stage.track)
    endless = subject.reachable - graph.leading_to(finals)
    told: set[str] = set()
    for name, stage in graph.stages.items():
        if name in endless and name not in told and not stage.track:
            told |= graph.reached(name)
            hint = "let one of the stages that follow lead to a final stage"
            yield _told(subject, name, "LF307", "leads to no end", hint)


def _reopened(subject: Subject) -> Iterator[Problem]:
    for stage in subject.pipeline.stages.values():
        target = subject.pipeline.stages.get(stage.reopen)
        if target is not None and target.final:
            where = subject.spot(f"stage.{stage.id}", "reopen")
            message = f"stage '{target.id}' is final: a lead cannot go on there"
            yield where.problem("LF317", message, "name an open stage")


# ---- circles


def _circles(subject: Subject) -> Iterator[Problem]:
    """Exits that go by themselves and lead back to where they began; told at the last of them in the file."""
    graph = subject.graph
    at_once = {
        name: [way for way in ways if _immediate(way.exit)] for name, ways in graph.ways.items()
    }
    told: set[frozenset[str]] = set()
    for name in graph.stages:
        for circle in _from(name, at_once):
            refs = frozenset(way.exit.ref for way in circle)
            if refs in told or not _goes_on(subject, graph, circle):
                continue
            told.add(refs)
            last = max(circle, key=lambda way: subject.spot(way.exit.ref).position())
            way = " → ".join([_id(circle[0].source), *(_id(each.target) for each in circle)])
            hint = "let one of them wait for a signal, a task or time"
            message = f"these exits go round without a wait: {way}"
            yield subject.spot(last.exit.ref).problem("LF303", message, hint)


def _immediate(exit_: Exit) -> bool:
    if exit_.ref.endswith("/finished"):
        return False
    trigger = exit_.trigger
    return trigger.kind == "auto" or (trigger.kind == "after" and trigger.after == Duration())


def _from(start: str, ways: dict[str, list[Way]]) -> Iterator[tuple[Way, ...]]:
    """The circles through a stage, no stage in them twice; a few of them, where there are many."""
    pending: list[tuple[Way, ...]] = [(way,) for way in ways[start]]
    for _ in range(_MOST_LOOKED_AT):
        if not pending:
            return
        path = pending.pop()
        if path[-1].target == start:
            yield path
        elif path[-1].target not in {way.source for way in path}:
            pending += [(*path, way) for way in ways[path[-1].target]]


_MOST_LOOKED_AT = 200


def _goes_on(subject: Subject, graph: Graph, circle: tuple[Way, ...]) -> bool:
    """Whether all conditions can hold on every round: they depend on nothing that a round changes, and fit together."""
    conditions = [way.exit.condition for way in circle if way.exit.condition]
    changed = {field for way in circle for field in _written(graph, way)}
    if any(not _steady(path, changed) for each in conditions for path in paths(each)):
        return False
    whole: Expr | None = (
        And(tuple(conditions)) if len(conditions) > 1 else next(iter(conditions), None)
    )
    return whole is None or satisfiable(whole, subject.names)


def _steady(path: tuple[str, ...], changed: set[str]) -> bool:
    match path:
        case ("lead" | "deal", name, *_):
            return name not in changed and name not in {"visits", "stage"}
        case ("owner" | "now" | "today", *_):
            return True
        case _:
            return False


def _written(graph: Graph, way: Way) -> Iterator[str]:
    yield from (assign.field for assign in way.exit.set)
    source, target = graph.stages[way.source], graph.stages[way.target]
    for action in (*source.on_leave, *way.exit.do, *target.on_enter):
        yield from touched(action)
