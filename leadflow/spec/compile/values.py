"""Literals made canonical when a pipeline is compiled, so that no spelling reaches a running lead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadflow.engine.expr import Expr
from leadflow.engine.fields import Field, Value
from leadflow.engine.moments import Moment, MomentError, parse_moment
from leadflow.engine.pipeline import Assign
from leadflow.spec.compile.draft import Draft
from leadflow.spec.conditions import ConditionError, parse_computed
from leadflow.spec.schema.base import BAD_CONDITION, Map, Seq, Word, Written
from leadflow.values import BadValue, parse_value

NOT_FITTING = "LF116"

_MOMENTS = {"date", "datetime"}


def plain(raw: Any) -> Value:
    """A located value as plain data."""
    match raw:
        case Map():
            return {str(key): plain(value) for key, value in raw.items()}
        case Seq():
            return [plain(value) for value in raw]
        case _:
            return str(raw)


def literal(draft: Draft, field: Field, raw: Any) -> Value:
    """The canonical value of a literal; a bad one is a problem and ``None``."""
    try:
        return parse_value(
            field, plain(raw), region=draft.installation.region, timezone=draft.timezone
        )
    except BadValue as error:
        draft.problem(raw.spot, NOT_FITTING, str(error))
        return None


def assigns(draft: Draft, values: Mapping[Word, Any], ref: str) -> tuple[Assign, ...]:
    """``set: {field: value}``: literals, ``"{{ computed }}"``, and moments for dates."""
    return tuple(_assign(draft, field, raw, ref) for field, raw in values.items())


def _assign(draft: Draft, word: Word, raw: Any, ref: str) -> Assign:
    name = draft.name("field", word)
    field = draft.fields.get(name)
    if isinstance(raw, Word) and "{{" in raw:
        return Assign(field=name, expr=_computed(draft, raw, ref))
    if field is None:
        return Assign(field=name, value=plain(raw))
    if field.type in _MOMENTS and isinstance(raw, Word) and (moment := _moment(draft, field, raw)):
        return Assign(field=name, moment=moment)
    return Assign(field=name, value=literal(draft, field, raw))


def _computed(draft: Draft, raw: Word, ref: str) -> Expr | None:
    try:
        expr = parse_computed(raw)
    except ConditionError as error:
        for issue in error.all:
            draft.problem(
                raw.spot, BAD_CONDITION, issue.message, issue.hint, offset=issue.column_offset
            )
        return None
    if expr is None:
        hint = (
            'for a text made of several parts use a text field of a template; here only "{{ … }}"'
        )
        draft.problem(raw.spot, BAD_CONDITION, "a computed value is one expression in {{ }}", hint)
        return None
    return draft.condition(Written(expr, raw), ref, "computed")


def _moment(draft: Draft, field: Field, raw: Word) -> Moment | None:
    """A moment, where the text is none of the field's own values."""
    try:
        parse_value(field, str(raw), region=draft.installation.region, timezone=draft.timezone)
    except BadValue:
        try:
            moment = parse_moment(raw)
        except MomentError:
            return None
        return draft.moment(Written(moment, raw))
    return None
