"""Conditions: their value, whether they hold, and the proof.

Rules (language.md, **Conditions**): an empty value compares false, ``!=`` true; ``not in`` is the opposite of ``in``;
values of different types are unequal and have no order; arithmetic is decimal, and empty where it cannot be done
(an empty side, a division by zero). Alone, a value holds if it is filled and not ``false``: a zero is filled.
Total: every function here answers for any expression over any state.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast

import msgspec

from leadflow.engine.expr import (
    And,
    Arith,
    ArithOp,
    Compare,
    CompareOp,
    Expr,
    In,
    ListOf,
    Lit,
    Not,
    Or,
    Path,
    Ref,
    Test,
    children,
    text,
)
from leadflow.engine.fields import Value
from leadflow.engine.natives import (
    CONTEXT,
    Native,
    ValueType,
    as_text,
    canonical,
    native,
    shorten,
    to_date,
    to_datetime,
)

Scope = Callable[[Path], tuple[ValueType, Value]]
"""What a name is and holds now; a name that says nothing is ``("text", None)``.

``("task", ID)`` and ``("track", ID)`` answer a state (`ValueType`); ``now`` is a ``datetime``, ``today`` a ``date`` in
the pipeline's zone; parts of a person or a phone are ``text``.
"""

Compiled = Callable[[Scope], Native]
"""An expression, made ready to be asked."""


class Proof(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why an expression holds or not: each part with its text and its canonical value, all parts evaluated."""

    node: str
    """Tag of the node: ``and or not compare in test arith ref lit list``."""
    text: str
    value: Value
    holds: bool
    children: tuple[Proof, ...] = ()


def holds(expr: Expr, scope: Scope) -> bool:
    """Whether a condition holds."""
    return truth(compiled(expr)(scope))


def evaluate(expr: Expr, scope: Scope) -> Value:
    """The canonical value of an expression, ``None`` if empty."""
    return canonical(value(expr, scope))


def prove(expr: Expr, scope: Scope) -> Proof:
    """The same as `evaluate`, with the value of every part."""
    result = value(expr, scope)
    return Proof(
        node=cast("str", expr.__struct_config__.tag),
        text=text(expr),
        value=canonical(result),
        holds=truth(result),
        children=tuple(prove(part, scope) for part in children(expr)),
    )


def explain(proof: Proof) -> list[str]:
    """The decisive parts in words: ``lead.price >= 50000 is false: lead.price is 12500``.

    Of a false ``and`` the false parts, of a true ``or`` the true ones, else all parts.
    """
    match proof.node:
        case "and" | "or":
            decisive = [part for part in proof.children if part.holds == proof.holds]
            return [line for part in decisive for line in explain(part)]
        case "not" if proof.children[0].node in {"and", "or"}:
            return explain(proof.children[0])
        case "ref":
            return [_fact(proof)]
        case node:
            said = f'"{proof.text}"' if node in {"not", "test"} else proof.text
            facts = ", ".join(dict.fromkeys(map(_fact, _names(proof))))
            verdict = f"{said} is {'true' if proof.holds else 'false'}"
            return [f"{verdict}: {facts}" if facts else verdict]


def _names(proof: Proof) -> list[Proof]:
    if proof.node == "ref":
        return [proof]
    return [name for part in proof.children for name in _names(part)]


def _fact(proof: Proof) -> str:
    return f"{proof.text} is {shorten(as_text(proof.value)) or 'empty'}"


def truth(result: Native) -> bool:
    """Whether a value alone holds."""
    return result is not None and result is not False


def value(expr: Expr, scope: Scope) -> Native:
    """The value of an expression to compute with; parts that cannot change the answer are not looked at."""
    return compiled(expr)(scope)


@lru_cache(maxsize=4096)
def compiled(expr: Expr) -> Compiled:
    """The expression as a function, made once: a step asks the conditions of a pipeline again and again."""
    return _COMPILED[type(expr)](expr)


def _and(expr: And) -> Compiled:
    parts = tuple(map(compiled, expr.parts))

    def first_that_fails(scope: Scope) -> Native:
        result: Native = True
        for part in parts:
            result = part(scope)
            if result is None or result is False:
                break
        return result

    return first_that_fails


def _or(expr: Or) -> Compiled:
    parts = tuple(map(compiled, expr.parts))

    def first_that_holds(scope: Scope) -> Native:
        result: Native = None
        for part in parts:
            result = part(scope)
            if result is not None and result is not False:
                break
        return result

    return first_that_holds


def _not(expr: Not) -> Compiled:
    part = compiled(expr.part)
    return lambda scope: not truth(part(scope))


def _ref(expr: Ref) -> Compiled:
    path = expr.path
    return lambda scope: native(*scope(path))


def _lit(expr: Lit) -> Compiled:
    constant = native(expr.type, expr.value)
    return lambda _: constant


def _list_of(expr: ListOf) -> Compiled:
    items = tuple(map(compiled, expr.items))
    return lambda scope: [one for item in items if (one := item(scope)) is not None] or None


def _compare(expr: Compare) -> Compiled:
    op, left, right = expr.op, compiled(expr.left), compiled(expr.right)
    return lambda scope: compare(op, left(scope), right(scope))


def _in(expr: In) -> Compiled:
    item, among = compiled(expr.item), compiled(expr.among)
    return lambda scope: _contains(item(scope), among(scope))


def _arith(expr: Arith) -> Compiled:
    op, left, right = expr.op, compiled(expr.left), compiled(expr.right)
    return lambda scope: arith(op, left(scope), right(scope))


def _test(expr: Test) -> Compiled:
    name, subject = expr.name, compiled(expr.subject)
    if name == "set":
        return lambda scope: subject(scope) is not None
    if name == "empty":
        return lambda scope: subject(scope) is None
    return lambda scope: subject(scope) == name


_COMPILED: dict[type, Callable[[Any], Compiled]] = {
    And: _and,
    Or: _or,
    Not: _not,
    Ref: _ref,
    Lit: _lit,
    ListOf: _list_of,
    Compare: _compare,
    In: _in,
    Arith: _arith,
    Test: _test,
}


_ORDER: dict[CompareOp, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ORDERED = frozenset({Decimal, date, datetime, str})


def compare(op: CompareOp, left: Native, right: Native) -> bool:
    """How two values compare, whatever they are."""
    if left is None or right is None:
        return op == "!="
    if type(left) is not type(right):
        left, right = _like(left, right), _like(right, left)
        if type(left) is not type(right) or left is None:
            return op == "!="
    if op not in {"==", "!="} and type(left) not in _ORDERED:
        return False
    return _ORDER[op](left, right)


def _like(this: Native, other: Native) -> Native:
    """A text compared with a date is a date; a phone compared with a text is its number."""
    if isinstance(this, str):
        if type(other) is date:
            return to_date(this)
        return to_datetime(this) if type(other) is datetime else this
    return this.get("number") if isinstance(this, dict) and isinstance(other, str) else this


def _contains(item: Native, among: Native) -> bool:
    if isinstance(among, list):
        return any(compare("==", item, other) for other in among)
    return isinstance(item, str) and isinstance(among, str) and item in among


_ARITH: dict[ArithOp, Callable[[Decimal, Decimal], Decimal]] = {
    "+": CONTEXT.add,
    "-": CONTEXT.subtract,
    "*": CONTEXT.multiply,
    "/": CONTEXT.divide,
}


def arith(op: ArithOp, left: Native, right: Native) -> Decimal | None:
    """What two numbers make; ``None`` if a side is none, or the result is none."""
    if not isinstance(left, Decimal) or not isinstance(right, Decimal):
        return None
    result = _ARITH[op](left, right)
    return result if result.is_finite() else None
