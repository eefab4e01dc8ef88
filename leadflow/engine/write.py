"""Writing fields: from events (checked), by ``set``, ``add`` and ``clear``. An empty value is absent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from leadflow.engine.clock import iso, wall, zone
from leadflow.engine.clocks import moment as instant_of
from leadflow.engine.computed import compute
from leadflow.engine.decision import Refusal
from leadflow.engine.draft import Draft
from leadflow.engine.fields import Field, Value, is_empty
from leadflow.engine.moments import Moment
from leadflow.engine.natives import CONTEXT, native, plain, to_date, to_datetime
from leadflow.engine.pipeline import Assign
from leadflow.engine.scope import scope


def write(d: Draft, field: str, value: Value) -> None:
    """Writes one field, canonical."""
    if d.s.fields.get(field) == value:
        return
    d.touched.add(field)
    if is_empty(value):
        d.s.fields.pop(field, None)
    else:
        d.s.fields[field] = value


def changed(d: Draft) -> list[str]:
    """Fields whose value is another than before the step."""
    return sorted(f for f in d.touched if d.s.fields.get(f) != d.was.fields.get(f))


def take(d: Draft, values: dict[str, Value], *, only_empty: bool = False) -> list[Refusal]:
    """Step (a): the values an event carries. Bad ones are answered and not written."""
    refusals = []
    for name, value in values.items():
        field = d.pipeline.fields.get(name)
        if field is None:
            refusals.append(Refusal("bad_value", f"there is no field '{name}'", name))
        elif not fits(field, value):
            message = f"'{field.label}': this value is no {field.type.replace('_', ' ')}"
            refusals.append(Refusal("bad_value", message, name, field.pos))
        elif not (only_empty and name in d.s.fields):
            write(d, name, value)
    return refusals


def assign(d: Draft, assigns: tuple[Assign, ...]) -> None:
    """``set`` and ``clear``, one after the other: each sees what those before it have written."""
    for one in assigns:
        field = d.pipeline.fields[one.field]
        if one.expr is not None:
            write(d, one.field, compute(one.expr, scope(d), field))
        elif one.moment is not None:
            write(d, one.field, _date(d, field, one.moment))
        else:
            write(d, one.field, one.value)


def _date(d: Draft, field: Field, moment: Moment) -> Value:
    at = instant_of(d, moment)
    if at is None:
        return None
    if field.type == "datetime":
        return iso(at)
    return wall(at, zone(d.pipeline.timezone)).date().isoformat()


def add(d: Draft, amounts: dict[str, str]) -> None:
    """``add: {field: number}``; an empty field counts as nothing."""
    for name, amount in amounts.items():
        present = native("number", d.s.fields.get(name))
        before = present if isinstance(present, Decimal) else Decimal(0)
        total = CONTEXT.add(before, CONTEXT.create_decimal(amount))
        write(d, name, plain(total) if total.is_finite() else None)


def fits(field: Field, value: Value) -> bool:
    """Whether a value has the canonical form of its field (`leadflow.engine.fields`); an empty one always has."""
    if is_empty(value):
        return True
    if field.many or field.type == "choices":
        return isinstance(value, list) and all(_fits_one(field, item) for item in value)
    return _fits_one(field, value)


def _fits_one(field: Field, value: Value) -> bool:
    check = _FORMS.get(field.type)
    return isinstance(value, str) if check is None else check(field, value)


def _texts(value: Value, *needed: str) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(key), str) for key in needed)


_FORMS: dict[str, Callable[[Field, Value], bool]] = {
    "person": lambda _, value: (
        isinstance(value, dict) and all(isinstance(part, str) for part in value.values())
    ),
    "phone": lambda _, value: _texts(value, "number"),
    "file": lambda _, value: _texts(value, "id"),
    "choice": lambda field, value: isinstance(value, str) and value in field.options,
    "choices": lambda field, value: isinstance(value, str) and value in field.options,
    "flag": lambda _, value: isinstance(value, bool),
    "money": lambda _, value: isinstance(value, str) and native("money", value) is not None,
    "number": lambda _, value: isinstance(value, str) and native("number", value) is not None,
    "date": lambda _, value: isinstance(value, str) and to_date(value) is not None,
    "datetime": lambda _, value: (
        isinstance(value, str) and isinstance(to_datetime(value), datetime)
    ),
}
