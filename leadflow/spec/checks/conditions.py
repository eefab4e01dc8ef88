"""Conditions and computed values: their names and types, and whether they can hold at all."""

from __future__ import annotations

from collections.abc import Iterator

from leadflow.engine.expr import paths
from leadflow.spec.checks.logic import always, satisfiable
from leadflow.spec.checks.subject import Subject
from leadflow.spec.checks.writes import Facts
from leadflow.spec.compile.draft import ConditionUse
from leadflow.spec.conditions import (
    ConditionIssue,
    check_computed,
    check_condition,
    check_value,
)
from leadflow.spec.conditions.names import Name
from leadflow.spec.problems import Problem

_NOTHING: Facts = frozenset()


def check(subject: Subject) -> Iterator[Problem]:
    """Every condition of the pipeline."""
    for use in subject.view.conditions:
        spot = use.condition.spot
        issues = _issues(subject, use)
        for issue in issues:
            offset = issue.column_offset
            yield spot.problem(issue.code, issue.message, issue.hint, offset=offset)
        if not any(issue.severity == "error" for issue in issues):
            yield from _constant(subject, use)


def _issues(subject: Subject, use: ConditionUse) -> list[ConditionIssue]:
    text, kind = str(use.condition.text), subject.pipeline.kind
    if use.role == "person":
        target = Name("user")
        if "{{" in text:
            return check_computed(text, subject.names, target, kind)
        return check_value(text, subject.names, target, kind)
    if use.role == "computed":
        field = (kind, str(use.condition.spot.path[-1]))
        if field not in subject.names:
            return []
        return check_computed(text, subject.names, subject.names[field], kind)
    return check_condition(text, subject.names_where(certain_at(subject, use.ref)), kind)


def certain_at(subject: Subject, ref: str) -> Facts:
    """What is filled where a node's `if` is judged, as far as anything is known about the node's place."""
    where = subject.refs
    while ref:
        if ref in where:
            return where[ref] or _NOTHING
        ref = ref.rpartition("/")[0]
    return _NOTHING


def _constant(subject: Subject, use: ConditionUse) -> Iterator[Problem]:
    """A condition that names something and still always holds, or never."""
    expr, spot = use.condition.value, use.condition.spot
    if use.role in {"computed", "person"} or not paths(expr):
        return
    if not satisfiable(expr, subject.names):
        if use.role == "check":
            message = "this check never holds: nobody can pass it"
            yield spot.problem("LF306", message, "one part of it excludes another")
        else:
            message = "this condition never holds"
            yield spot.problem("LF311", message, "one part of it excludes another")
    elif always(expr, subject.names):
        message = "this condition always holds"
        yield spot.problem("LF311", message, "leave it out, or see which part is turned round")
