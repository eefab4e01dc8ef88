"""What ``set: {price: "{{ lead.price * 0.9 }}"}`` writes: an expression's value, made to fit its field."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from leadflow.engine.conditions import Scope, truth, value
from leadflow.engine.expr import Expr
from leadflow.engine.fields import Field, FieldType, Value
from leadflow.engine.natives import CONTEXT, Native, as_text, canonical, plain

_CENT = Decimal("0.01")


def compute(expr: Expr, scope: Scope, field: Field) -> Value:
    """The canonical value to write, ``None`` (clear the field) if the expression is empty or does not fit.

    Money is rounded to two places, half up; a flag is whether the expression holds; anything can be written as text.
    """
    result = value(expr, scope)
    if field.type == "flag":
        return truth(result)
    if field.many or field.type == "choices":
        items = result if isinstance(result, list) else [result]
        fitting = [_fit(item, field) for item in items]
        return [item for item in fitting if item is not None] or None
    return _fit(result, field)


def _fit(result: Native, field: Field) -> Value:
    if result is None:
        return None
    return _FIT.get(field.type, _text)(result, field)


def _text(result: Native, _: Field) -> Value:
    return as_text(result) or None


def _money(result: Native, _: Field) -> Value:
    if not isinstance(result, Decimal):
        return None
    rounded = result.quantize(_CENT, ROUND_HALF_UP, CONTEXT)
    return plain(rounded) if rounded.is_finite() else None


def _number(result: Native, _: Field) -> Value:
    return plain(result) if isinstance(result, Decimal) else None


def _option(result: Native, field: Field) -> Value:
    return result if isinstance(result, str) and result in field.options else None


def _record(result: Native, field: Field) -> Value:
    return result if isinstance(result, dict) and _KEY[field.type] in result else None


_KEY: dict[FieldType, str] = {"phone": "number", "file": "id"}
_NAMES = frozenset({"first", "last", "middle"})


def _person(result: Native, _: Field) -> Value:
    return result if isinstance(result, dict) and _NAMES & result.keys() else None


def _only(kind: type[date | str]) -> Callable[[Any, Field], Value]:
    return lambda result, _: canonical(result) if type(result) is kind else None


_FIT: dict[FieldType, Callable[[Any, Field], Value]] = {
    "money": _money,
    "number": _number,
    "choice": _option,
    "choices": _option,
    "person": _person,
    "phone": _record,
    "file": _record,
    "date": _only(date),
    "datetime": _only(datetime),
    "user": _only(str),
}
