"""Checks a condition against the names and types of its pipeline, and says what to write instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from leadflow.engine.expr import (
    And,
    Arith,
    Compare,
    Expr,
    In,
    ListOf,
    Lit,
    Not,
    Or,
    Path,
    Ref,
    Test,
    paths,
    text,
)
from leadflow.spec.conditions.names import Name, NameTable
from leadflow.spec.conditions.tokens import ConditionIssue
from leadflow.spec.conditions.types import Mismatch, Typed, compare_problem, family, in_words
from leadflow.spec.conditions.unknown import unknown_name

_FLAG = Name("flag", filled=True)
_MISFIT = "LF117"
_EMPTY_PASSES = "LF312"
_ASKS_IF_SET = "LF119"
_STATES = {"task": ("open", "done"), "track": ("done", "failed")}

Guards = frozenset[Path]
"""Names that are filled where a part counts, because its neighbours say so."""


class Checker:
    """Walks one expression; ``issues`` says what was found."""

    def __init__(self, starts: Mapping[int, int], names: NameTable, root: str) -> None:
        self.starts = starts
        self.names = names
        self.root = root
        self.issues: list[ConditionIssue] = []

    def condition(
        self, expr: Expr, guards: Guards = frozenset(), before: Expr | None = None
    ) -> None:
        """Something that holds or not. ``before``: its neighbour on the left, for the hint."""
        match expr:
            case And(parts=parts) | Or(parts=parts):
                inner = guards | _guarded(expr)
                for neighbour, part in zip((None, *parts), parts, strict=False):
                    self.condition(part, inner, neighbour)
            case Not(part=part):
                self.condition(part, guards)
                if isinstance(part, In):
                    self._warn_if_empty(expr, part.item, guards)
            case Compare():
                self._compare(expr, guards)
            case In():
                self._in(expr)
            case Test():
                self._test(expr)
            case _:
                self._alone(expr, before)

    def value(self, expr: Expr, beside: Expr | None = None) -> Name | None:
        """Something with a value: what it is, ``None`` if that is not known. ``beside``: what it is compared with."""
        match expr:
            case Lit():
                return Name(expr.type, filled=True)
            case Ref():
                return self._named(expr, beside)
            case Arith():
                return self._arith(expr)
            case ListOf():
                hint = 'write lead.client in ["legal", "known"]'
                self._say(expr, "a list stands only after 'in'", hint)
                return None
            case And(parts=parts) | Or(parts=parts):
                found = [self.value(part) for part in parts]
                return next((name for name in found if name), None)
            case _:
                self.condition(expr)
                return _FLAG

    # ---- the parts

    def _compare(self, expr: Compare, guards: Guards) -> None:
        left = self.value(expr.left, expr.right)
        right = self.value(expr.right, expr.left)
        if left and right:
            self.report(compare_problem(expr.op, Typed(expr.left, left), Typed(expr.right, right)))
        if expr.op == "!=":
            self._warn_if_empty(expr, expr, guards)

    def _in(self, expr: In) -> None:
        item = self.value(expr.item, expr.among)
        if isinstance(expr.among, ListOf):
            for other in expr.among.items:
                name = self.value(other, expr.item)
                if item and name:
                    self.report(compare_problem("==", Typed(expr.item, item), Typed(other, name)))
            return
        among = self.value(expr.among, expr.item)
        if not item or not among:
            return
        if among.several:
            one = Name("choice" if among.type == "choices" else among.type, among.options)
            self.report(compare_problem("==", Typed(expr.item, item), Typed(expr.among, one)))
        elif {family(item), family(among)} != {"text"}:
            message = f"{text(expr.among)} is {in_words(among)}, not a list"
            self._say(expr.among, message, 'after \'in\' stands a list like ["legal", "known"]')

    def _arith(self, expr: Arith) -> Name | None:
        sides = [
            Typed(side, name) for side in (expr.left, expr.right) if (name := self.value(side))
        ]
        for side, name in sides:
            if family(name) != "number" or name.several:
                hint = "a text is put together in a template" if family(name) == "text" else ""
                message = f"'{expr.op}' works on numbers; {text(side)} is {in_words(name)}"
                self._say(side, message, hint)
                return None
        return Name("number", filled=all(name.filled for _, name in sides))

    def _test(self, expr: Test) -> None:
        name = self.value(expr.subject)
        if name is None:
            return
        kind = name.type
        states = _STATES.get(kind, ("set", "empty"))
        if expr.name not in states:
            written = text(expr.subject)
            hint = " or ".join(f"{written} is {state}" for state in states)
            self._say(expr, f"{written} is {in_words(name)}, never {expr.name}", f"write {hint}")

    def _alone(self, expr: Expr, before: Expr | None) -> None:
        name = self.value(expr)
        if name is None or (name.type == "flag" and not name.several):
            return
        written = text(expr)
        if isinstance(expr, Lit):
            self._say(expr, f"{written} alone always holds", _one_of(before, expr))
        elif name.type in _STATES:
            self._say(
                expr, f"{written} alone says nothing", f"write {written} is {_STATES[name.type][0]}"
            )
        elif isinstance(expr, Arith):
            self._say(expr, f"{written} is a number and no condition", f"compare it: {written} > 0")
        else:
            hint = f"write {written} is set"
            self._say(
                expr,
                f"{written} alone asks whether it is filled in",
                hint,
                _ASKS_IF_SET,
                severity="warning",
            )

    def _warn_if_empty(self, expr: Expr, within: Expr, guards: Guards) -> None:
        for path in paths(within):
            name = self.names.get(path)
            if name and not name.filled and path not in guards:
                written = ".".join(path)
                message = f"{text(expr)} also holds while {written} is empty"
                hint = f"if it should not, write {written} is set and {text(expr)}"
                self._say(expr, message, hint, _EMPTY_PASSES, severity="warning")
                return

    def _named(self, expr: Ref, beside: Expr | None) -> Name | None:
        name = self.names.get(expr.path)
        if name is None:
            start = self.starts[id(expr)]
            self.issues.append(unknown_name(expr.path, self.names, self.root, start, beside))
        return name

    def _say(
        self,
        at: Expr,
        message: str,
        hint: str = "",
        code: str = _MISFIT,
        *,
        severity: Literal["error", "warning"] = "error",
    ) -> None:
        """Adds an issue, unless the same was said of this place before (a list says it of each item)."""
        start = self.starts[id(at)]
        if (start, message) not in {(issue.column_offset, issue.message) for issue in self.issues}:
            self.issues.append(ConditionIssue(message, start, hint, severity, code))

    def report(self, problem: Mismatch | None) -> None:
        """Adds a mismatch, if there is one."""
        if problem:
            self._say(problem.at, problem.message, problem.hint, problem.code)


def _guarded(expr: And | Or) -> Guards:
    """``x is set and …``, ``x is empty or …``: what is filled where the other parts count."""
    wanted = "set" if isinstance(expr, And) else "empty"
    return frozenset(
        part.subject.path
        for part in expr.parts
        if isinstance(part, Test) and part.name == wanted and isinstance(part.subject, Ref)
    )


def _one_of(before: Expr | None, lit: Lit) -> str:
    """``lead.client == "legal" or "known"``: what was meant."""
    if isinstance(before, Compare) and before.op == "==":
        return f"write {text(before.left)} in {text(ListOf((before.right, lit)))}"
    return "compare something with it"
