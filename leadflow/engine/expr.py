"""The nodes of a condition, as they live inside a compiled pipeline.

A condition is written in Jinja's expression syntax (`leadflow.spec.conditions` parses it) and kept as this small tree:
immutable, compact as JSON, without positions, so that reformatting a pipeline does not change its hash. `text` writes
a node in the language again, in canonical form; parsing that gives the node back.

``not in`` is ``Not(In(…))``, ``is not set`` is ``Not(Test(…))``, ``1 < x < 5`` is ``And((1 < x, x < 5))``.
"""

from __future__ import annotations

from typing import Literal, cast

import msgspec

Path = tuple[str, ...]
"""Dotted name: ``("lead", "price")``, ``("task", "contact", "outcome")``, ``("was", "lead", "price")``, ``("now",)``."""

CompareOp = Literal["==", "!=", "<", "<=", ">", ">="]
ArithOp = Literal["+", "-", "*", "/"]
TestName = Literal["set", "empty", "open", "done", "failed"]

MAX_DEPTH = 32
MAX_NODES = 200
"""What a parser accepts; the walkers recurse and have no limit of their own."""


class Lit(
    msgspec.Struct, frozen=True, omit_defaults=True, cache_hash=True, tag_field="node", tag="lit"
):
    """A constant. A number is its canonical decimal text (``"0.5"``)."""

    type: Literal["text", "number", "flag"]
    value: str | bool


class ListOf(
    msgspec.Struct, frozen=True, omit_defaults=True, cache_hash=True, tag_field="node", tag="list"
):
    """``["legal", "known"]``."""

    items: tuple[Expr, ...] = ()


class Ref(
    msgspec.Struct, frozen=True, omit_defaults=True, cache_hash=True, tag_field="node", tag="ref"
):
    """A name whose value the lead's state answers."""

    path: Path


class And(
    msgspec.Struct, frozen=True, omit_defaults=True, cache_hash=True, tag_field="node", tag="and"
):
    """Two parts or more; its value is the first that does not hold, else the last."""

    parts: tuple[Expr, ...]


class Or(
    msgspec.Struct, frozen=True, omit_defaults=True, cache_hash=True, tag_field="node", tag="or"
):
    """Two parts or more; its value is the first that holds, else the last: ``lead.name or lead.phone``."""

    parts: tuple[Expr, ...]


class Not(
    msgspec.Struct, frozen=True, omit_defaults=True, cache_hash=True, tag_field="node", tag="not"
):
    """Negation."""

    part: Expr


class Compare(
    msgspec.Struct,
    frozen=True,
    omit_defaults=True,
    cache_hash=True,
    tag_field="node",
    tag="compare",
):
    """A comparison; with an empty side false, ``!=`` true."""

    op: CompareOp
    left: Expr
    right: Expr


class In(
    msgspec.Struct, frozen=True, omit_defaults=True, cache_hash=True, tag_field="node", tag="in"
):
    """``lead.client in ["legal"]``, ``"vip" in lead.tags``, ``"urgent" in lead.comment``."""

    item: Expr
    among: Expr


class Arith(
    msgspec.Struct, frozen=True, omit_defaults=True, cache_hash=True, tag_field="node", tag="arith"
):
    """Decimal arithmetic on numbers and money."""

    op: ArithOp
    left: Expr
    right: Expr


class Test(
    msgspec.Struct, frozen=True, omit_defaults=True, cache_hash=True, tag_field="node", tag="test"
):
    """``is set``, ``is empty``; of a task ``is open``, ``is done``; of a track ``is done``, ``is failed``."""

    __test__ = False
    """Not one of pytest's."""

    name: TestName
    subject: Expr


Expr = Lit | ListOf | Ref | And | Or | Not | Compare | In | Arith | Test


def children(expr: Expr) -> tuple[Expr, ...]:
    """The parts of a node, from left to right."""
    match expr:
        case Lit() | Ref():
            return ()
        case ListOf(items=parts) | And(parts=parts) | Or(parts=parts):
            return parts
        case Not(part=part) | Test(subject=part):
            return (part,)
        case In(item=item, among=among):
            return (item, among)
        case _:
            return (expr.left, expr.right)


def paths(expr: Expr) -> tuple[Path, ...]:
    """Every name the expression reads, each once, in order of appearance."""
    found: dict[Path, None] = {}
    pending = [expr]
    while pending:
        node = pending.pop()
        if isinstance(node, Ref):
            found[node.path] = None
        pending.extend(reversed(children(node)))
    return tuple(found)


_OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _LEAF = range(7)
"""How tightly a node binds."""


def text(expr: Expr) -> str:
    """The expression in the pipeline language: double quotes, single spaces, no needless parentheses."""
    return _write(expr)[0]


def _write(expr: Expr) -> tuple[str, int]:
    match expr:
        case Lit():
            return _literal(expr), _LEAF
        case Ref(path=path):
            return ".".join(path), _LEAF
        case ListOf(items=items):
            return f"[{', '.join(text(item) for item in items)}]", _LEAF
        case Not(part=part):
            return _negation(part)
        case Test(name=name, subject=subject):
            return f"{_within(subject, _LEAF)} is {name}", _COMPARE
        case _:
            return _infix(expr)


def _negation(part: Expr) -> tuple[str, int]:
    match part:
        case Test(name=name, subject=subject):
            return f"{_within(subject, _LEAF)} is not {name}", _COMPARE
        case In(item=item, among=among):
            return f"{_within(item, _SUM)} not in {_within(among, _SUM)}", _COMPARE
        case _:
            return f"not {_within(part, _NOT)}", _NOT


def _infix(expr: Or | And | Compare | In | Arith) -> tuple[str, int]:
    match expr:
        case Or():
            sign, own, inner = "or", _OR, _AND
        case And():
            sign, own, inner = "and", _AND, _NOT
        case Arith(op=sign):
            own = inner = _SUM if sign in {"+", "-"} else _PRODUCT
        case In():
            sign, own, inner = "in", _COMPARE, _SUM
        case _:
            sign, own, inner = expr.op, _COMPARE, _SUM
    first, *rest = children(expr)
    after = inner + 1 if own == inner else inner
    return f" {sign} ".join([_within(first, inner), *(_within(part, after) for part in rest)]), own


def _within(expr: Expr, level: int) -> str:
    """`text` of a part, in parentheses where it binds less tightly than its place asks."""
    written, own = _write(expr)
    return written if own >= level else f"({written})"


def _literal(lit: Lit) -> str:
    if lit.type == "flag":
        return "true" if lit.value else "false"
    value = cast("str", lit.value)
    if lit.type == "number":
        return value
    return f"'{value}'" if '"' in value else f'"{value}"'
