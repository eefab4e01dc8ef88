"""Conditions as authors write them: reading, and checking against a pipeline's names and types.

``lead.price >= 50000 and lead.client in ["legal", "known"]``: Jinja's expression syntax without calls and filters
(language.md, **Conditions**), made into the engine's small tree (`leadflow.engine.expr`).
"""

from __future__ import annotations

import re
from typing import Literal

from leadflow.engine.expr import Expr
from leadflow.spec.conditions.check import Checker
from leadflow.spec.conditions.names import Name, NameTable, Vocabulary, names_of
from leadflow.spec.conditions.parser import Parser
from leadflow.spec.conditions.tokens import ConditionIssue
from leadflow.spec.conditions.types import assign_problem

__all__ = [
    "ConditionError",
    "ConditionIssue",
    "Name",
    "NameTable",
    "Vocabulary",
    "check_computed",
    "check_condition",
    "check_value",
    "names_of",
    "parse_computed",
    "parse_condition",
]

Kind = Literal["lead", "deal"]
"""Of the pipeline: what stands before a field, and what ``was.price`` is a field of."""

MAX_LENGTH = 2000
"""Characters of a condition."""

_COMPUTED = re.compile(r"(\s*\{\{-?)(.*?)(-?\}\}\s*)", re.DOTALL)


class ConditionError(ValueError):
    """A condition cannot be read; ``all`` says everything that is wrong with it, in order of place."""

    def __init__(self, issues: list[ConditionIssue]) -> None:
        self.all = tuple(_in_order(issues))
        super().__init__(self.all[0].message)


def parse_condition(text: str, kind: Kind = "lead") -> Expr:
    """Reads a condition.

    Raises:
        ConditionError: with all that is wrong with it.
    """
    return _parse(text, kind)[0]


def parse_computed(text: str, kind: Kind = "lead") -> Expr | None:
    """The expression of a value that is one whole ``{{ … }}``; ``None`` for any other text.

    Raises:
        ConditionError: what stands in the braces is none.
    """
    inner = _without_braces(text)
    return None if inner is None else _parse(inner, kind)[0]


def check_condition(text: str, names: NameTable, kind: Kind = "lead") -> list[ConditionIssue]:
    """What is wrong with a readable condition in this pipeline; warnings among it, in order of place.

    Raises:
        ConditionError: the condition cannot be read.
    """
    expr, starts = _parse(text, kind)
    checker = Checker(starts, names, kind)
    checker.condition(expr)
    return _in_order(checker.issues)


def check_value(
    text: str, names: NameTable, target: Name, kind: Kind = "lead"
) -> list[ConditionIssue]:
    """What is wrong with an expression whose value is to be a ``target``, such as a user: ``assign: lead.call.user``.

    Raises:
        ConditionError: the expression cannot be read.
    """
    expr, starts = _parse(text, kind)
    checker = Checker(starts, names, kind)
    if target.type == "flag":
        checker.condition(expr)
    elif found := checker.value(expr):
        checker.report(assign_problem(expr, found, target))
    return _in_order(checker.issues)


def check_computed(
    text: str, names: NameTable, target: Name, kind: Kind = "lead"
) -> list[ConditionIssue]:
    """The same for a value that is one whole ``{{ … }}``; nothing for any other text."""
    inner = _without_braces(text)
    return [] if inner is None else check_value(inner, names, target, kind)


def _in_order(issues: list[ConditionIssue]) -> list[ConditionIssue]:
    return sorted(issues, key=lambda issue: issue.column_offset)


def _parse(text: str, kind: Kind) -> tuple[Expr, dict[int, int]]:
    """The expression and where each of its nodes (by ``id``) begins."""
    if len(text) > MAX_LENGTH:
        message = f"a condition has at most {MAX_LENGTH} characters, this one {len(text)}"
        raise ConditionError([ConditionIssue(message, MAX_LENGTH, "split it into several")])
    parser = Parser(text, kind)
    expr = parser.whole()
    if expr is None or parser.issues:
        raise ConditionError(parser.issues)
    return expr, parser.starts


def _without_braces(text: str) -> str | None:
    """What stands in one pair of braces, with blanks in their place, so that every character stays where it was."""
    found = _COMPUTED.fullmatch(text)
    if found is None or "{{" in found[2] or "}}" in found[2]:
        return None
    return " " * len(found[1]) + found[2] + " " * len(found[3])
