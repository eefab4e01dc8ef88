"""Literals beside a field in a condition: `lead.call_on < "25.11.2026"` is kept as the field keeps its values."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from leadflow.engine.expr import And, Compare, Expr, In, ListOf, Lit, Not, Or, Ref
from leadflow.engine.fields import Field
from leadflow.values import BadValue, parse_value

_SPELLED_MANY_WAYS = {"date", "datetime", "money", "number", "inn", "email", "url"}


def canonical(expr: Expr, fields: Mapping[str, Field], timezone: str = "UTC") -> Expr:
    """The condition with the text literals compared to a field made canonical; others stay as they are."""
    match expr:
        case And(parts=parts) | Or(parts=parts):
            return type(expr)(tuple(canonical(part, fields, timezone) for part in parts))
        case Not(part=part):
            return Not(canonical(part, fields, timezone))
        case Compare(left=left, right=right):
            return msgspec.structs.replace(
                expr,
                left=_beside(left, _field(right, fields), timezone),
                right=_beside(right, _field(left, fields), timezone),
            )
        case In(item=item, among=among):
            return In(item, _beside(among, _field(item, fields), timezone))
        case _:
            return expr


def _field(expr: Expr, fields: Mapping[str, Field]) -> Field | None:
    match expr:
        case Ref(path=("lead" | "deal", name) | ("was", "lead" | "deal", name)):
            field = fields.get(name)
            return field if field and field.type in _SPELLED_MANY_WAYS else None
        case _:
            return None


def _beside(expr: Expr, field: Field | None, timezone: str) -> Expr:
    match expr:
        case Lit(type="text", value=str(value)) if field:
            try:
                known = parse_value(field, value, timezone=timezone)
            except BadValue:
                return expr
            return Lit("text", known) if isinstance(known, str) else expr
        case ListOf(items=items) if field:
            return ListOf(tuple(_beside(item, field, timezone) for item in items))
        case _:
            return expr
