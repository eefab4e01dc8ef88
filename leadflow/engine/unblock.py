"""What would open a way: the fields, ticks, signals and time that its condition and its gates ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice, product

from leadflow.engine.calendar import working_day_opening
from leadflow.engine.clock import iso
from leadflow.engine.convert import pick
from leadflow.engine.decision import Refusal
from leadflow.engine.draft import Cause, Draft, replace
from leadflow.engine.expr import Expr, Path, Ref, Test
from leadflow.engine.gates import gates, met, missing
from leadflow.engine.levels import true
from leadflow.engine.pipeline import Exit, Gate
from leadflow.engine.remedies import TIME, Domain, proposals
from leadflow.engine.scope import scope
from leadflow.engine.solve import Answer, solve
from leadflow.engine.tasks import definition
from leadflow.engine.trial import Step, Steps
from leadflow.engine.write import assign

MOST = 32
"""Answers looked at for one way."""


def opening(d: Draft, way: Exit, *, timely: bool) -> Iterator[Steps]:
    """Sets of steps after which a way's `if` and gates hold. ``timely``: time may pass, somebody decides after it."""
    conditions = _solved(d, way.condition, timely=timely)
    with _after_set(d, way):
        lacking = [_gate(d, gate, timely=timely) for gate in _shut(d, way)]
    for parts in islice(product(conditions, *lacking), MOST):
        steps: list[Step] = []
        for step in (step for part in parts for step in part):
            if step not in steps:
                steps.append(step)
        yield tuple(steps)


@contextmanager
def done(d: Draft, steps: Steps) -> Iterator[None]:
    """The tasks among the steps taken for done: what a way's `if` asks besides them."""
    tasks, d.s.tasks = d.s.tasks, d.s.tasks.copy()
    for step in steps:
        if step.do == "task" and step.id in tasks:
            d.s.tasks[step.id] = replace(tasks[step.id], status="done", outcome=step.outcome)
    yield
    d.s.tasks = tasks


def joined(steps: Steps, more: Steps) -> Steps:
    """Both, the first taking precedence where they are about the same."""
    about = {(step.do, step.id) for step in steps}
    return (*steps, *(step for step in more if (step.do, step.id) not in about))


def shut(d: Draft, way: Exit) -> list[Refusal]:
    """The gates of a way that do not hold, its ``set`` counted in."""
    with _after_set(d, way):
        return missing(d, _shut(d, way))


def _shut(d: Draft, way: Exit) -> list[Gate]:
    conversion = pick(d, way, Cause())
    standing = gates(d, way, None if isinstance(conversion, Refusal) else conversion)
    return [gate for gate in standing if true(d, gate.condition) and not met(d, gate)]


@contextmanager
def _after_set(d: Draft, way: Exit) -> Iterator[None]:
    fields, d.s.fields = d.s.fields, d.s.fields.copy()
    assign(d, way.set)
    yield
    d.s.fields = fields


def _gate(d: Draft, gate: Gate, *, timely: bool) -> list[Steps]:
    """The ways to satisfy a gate, or to make it not count."""
    if gate.item:
        found: list[Steps] = [(Step(do="tick", id=gate.item),)]
    elif gate.fields:
        asked: Iterable[Expr] = (Test("set", Ref(("lead", field))) for field in gate.fields)
        found = [steps for expr in asked for steps in _solved(d, expr, timely=timely)]
    else:
        found = _solved(d, gate.check, timely=timely)
    return found


def _solved(d: Draft, expr: Expr | None, *, timely: bool) -> list[Steps]:
    if expr is None or true(d, expr):
        return [()]
    answers = solve(expr, scope(d), settable(d, timely=timely))
    return [_steps(d, answer) for answer in answers]


def another(d: Draft, field: str) -> Steps:
    """Another value for a field, for what waits for its change."""
    path = ("lead", field)
    domain = settable(d, timely=False)(path)
    proposed = proposals(path, domain, (), scope(d)) if domain is not None else []
    return tuple(Step(do="fill", id=field, value=value, any=True) for value in proposed[:1])


def settable(d: Draft, *, timely: bool) -> Callable[[Path], Domain | None]:
    """What people and time can change."""

    def domain(path: Path) -> Domain | None:
        match path:
            case ("lead" | "deal", name):
                field = d.pipeline.fields.get(name)
                return Domain(field.type, tuple(field.options), field.many) if field else None
            case ("task", name, *rest) if _is_open(d, name):
                outcomes = tuple(_outcomes(d, name))
                return Domain("text", outcomes) if rest else Domain("task", ("done",))
            case ("now",) | ("today",) if timely:
                return Domain("datetime" if path[0] == "now" else "date")
            case _:
                return None

    return domain


def _is_open(d: Draft, task: str) -> bool:
    run = d.s.tasks.get(task)
    return run is not None and run.status == "open"


def _outcomes(d: Draft, task: str) -> Iterable[str]:
    known = definition(d.pipeline, task)
    return known.outcomes if known is not None else ()


def _steps(d: Draft, answer: Answer) -> Steps:
    """An answer as steps; of a task that shall be done and have an outcome, one."""
    steps: dict[tuple[str, str], Step] = {}
    for one in sorted(answer, key=lambda one: len(one.path)):  # the outcome after the task
        head, *rest = one.path
        if one.path in TIME:
            steps[head, ""] = Step(do="wait", until=_until(d, str(one.value)))
        elif head == "task":
            outcome = str(one.value) if len(rest) > 1 else next(iter(_outcomes(d, rest[0])), "")
            steps[head, rest[0]] = Step(do="task", id=rest[0], outcome=outcome)
        else:
            steps[head, rest[0]] = Step(do="fill", id=rest[0], value=one.value, any=one.any)
    return tuple(steps.values())


def _until(d: Draft, value: str) -> str:
    if "T" in value:
        return value
    return iso(working_day_opening(value, d.pipeline.calendar, d.pipeline.timezone))
