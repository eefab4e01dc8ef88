"""Jinja's own reading of an expression, as our tree: what our parser is held against."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, cast

from jinja2 import Environment, nodes

from leadflow.engine.expr import And, Arith, Compare, Expr, In, ListOf, Lit, Not, Or, Ref, Test
from leadflow.engine.natives import plain

_JINJA = Environment(autoescape=True)


def read_by_jinja(written: str) -> Expr:
    """The expression as Jinja parses it, `flat`."""
    [output] = _JINJA.parse("{{ " + written + " }}").body
    [node] = cast("nodes.Output", output).nodes
    return flat(_converted(node))


def flat(expr: Expr) -> Expr:
    """With ``a and (b and c)`` as ``a and b and c``: Jinja knows only pairs."""
    match expr:
        case And(parts=parts) | Or(parts=parts):
            kind = type(expr)
            inner = [flat(part) for part in parts]
            spread = [part.parts if isinstance(part, kind) else (part,) for part in inner]
            return kind(tuple(one for some in spread for one in some))
        case ListOf(items=items):
            return ListOf(tuple(map(flat, items)))
        case Not(part=part):
            return Not(flat(part))
        case Test(name=name, subject=subject):
            return Test(name, flat(subject))
        case _:
            return _flat_pair(expr)


def _flat_pair(expr: Expr) -> Expr:
    match expr:
        case In(item=item, among=among):
            return In(flat(item), flat(among))
        case Compare(op=op, left=left, right=right):
            return Compare(op, flat(left), flat(right))
        case Arith(op=sign, left=left, right=right):
            return Arith(sign, flat(left), flat(right))
        case _:
            return expr


def _const(node: nodes.Const) -> Expr:
    if isinstance(node.value, bool):
        return Lit("flag", node.value)
    if isinstance(node.value, str):
        return Lit("text", node.value)
    return Lit("number", plain(Decimal(str(node.value))))


def _test(node: nodes.Test) -> Expr:
    if node.args:
        message = "a test with an argument is none of ours"
        raise ValueError(message)
    return Test(cast("Any", node.name), _converted(node.node))


def _negative(node: nodes.Neg) -> Expr:
    inner = _converted(node.node)
    if isinstance(inner, Lit) and inner.type == "number":
        return Lit("number", plain(-Decimal(cast("str", inner.value))))
    return Arith("-", Lit("number", "0"), inner)


_OPS: dict[str, Any] = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}


def _chain(node: nodes.Compare) -> Expr:
    links: list[Expr] = []
    left = _converted(node.expr)
    for operand in node.ops:
        right = _converted(operand.expr)
        match operand.op:
            case "in":
                links.append(In(left, right))
            case "notin":
                links.append(Not(In(left, right)))
            case op:
                links.append(Compare(_OPS[op], left, right))
        left = right
    return links[0] if len(links) == 1 else And(tuple(links))


def _pair(make: Callable[[Expr, Expr], Expr]) -> Callable[[Any], Expr]:
    return lambda node: make(_converted(node.left), _converted(node.right))


_CONVERT: dict[type[nodes.Node], Callable[[Any], Expr]] = {
    nodes.Const: _const,
    nodes.Name: lambda node: Ref((node.name,)),
    nodes.Getattr: lambda node: Ref((*cast("Ref", _converted(node.node)).path, node.attr)),
    nodes.List: lambda node: ListOf(tuple(map(_converted, node.items))),
    nodes.Not: lambda node: Not(_converted(node.node)),
    nodes.Test: _test,
    nodes.Neg: _negative,
    nodes.Compare: _chain,
    nodes.And: _pair(lambda left, right: And((left, right))),
    nodes.Or: _pair(lambda left, right: Or((left, right))),
    nodes.Add: _pair(lambda left, right: Arith("+", left, right)),
    nodes.Sub: _pair(lambda left, right: Arith("-", left, right)),
    nodes.Mul: _pair(lambda left, right: Arith("*", left, right)),
    nodes.Div: _pair(lambda left, right: Arith("/", left, right)),
}


def _converted(node: nodes.Node) -> Expr:
    return _CONVERT[type(node)](node)
