"""Canonical values as what Python computes with, and back (the forms: `leadflow.engine.fields`).

A condition never raises: what is empty, malformed or out of range is ``None`` here, and ``None`` compares false.
Precision is fixed, so that a computed value is the same on every machine: 28 digits, exponents within ±40.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Context, Decimal
from functools import lru_cache
from typing import Any, Literal

from leadflow.engine.clock import CalendarError, iso, parse_iso
from leadflow.engine.fields import FieldType, Value

ValueType = FieldType | Literal["task", "track"]
"""What a name can be. A task's value is ``open``, ``done`` or ``cancelled``, a track's ``running``, ``done`` or
``failed``; both are empty before their first time."""

Native = Decimal | date | str | bool | int | list[Any] | dict[str, Any] | None
"""``datetime`` (always UTC) is a ``date`` to Python; `type` tells them apart."""

CONTEXT = Context(prec=28, Emin=-40, Emax=40, traps=[])
"""Never signals: what cannot be computed is not finite, and so empty."""


def native(kind: ValueType, value: Value) -> Native:
    """The value to compute with; ``None`` for an empty one and for what is not of its type."""
    if value is None:
        return None
    convert = _CONVERT.get(kind)
    if type(value) is list:
        items = value if convert is None else [native(kind, item) for item in value]
        return [item for item in items if item is not None] or None
    if convert is not None:
        return convert(value)
    return None if value in ("", {}) else value


def canonical(value: Native) -> Value:
    """The plain JSON form of a native value."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [canonical(item) for item in value]
    return value


def as_text(value: Native) -> str:
    """A value as one line of text, ``""`` if empty: a person's name, a phone's number, a file's name, ``a, b``."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(as_text(item) for item in value)
    if isinstance(value, dict):
        parts = (value.get(key) for key in _SPOKEN)
        return " ".join(part for part in parts if isinstance(part, str))
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(canonical(value))


_SPOKEN = ("first", "middle", "last", "number", "name")
_SHORT = 60


def shorten(written: str) -> str:
    """At most 60 characters, the rest as ``…``."""
    return written if len(written) <= _SHORT else written[: _SHORT - 1] + "…"


def plain(number: Decimal) -> str:
    """A finite number without exponent and without idle zeros: ``"12500"``, ``"0.5"``."""
    return format(number.normalize(CONTEXT), "f") if number else "0"


@lru_cache(maxsize=4096)
def _number(written: str | int) -> Decimal | None:
    number = CONTEXT.create_decimal(written)
    return number if number.is_finite() else None


@lru_cache(maxsize=4096)
def to_date(written: str) -> date | None:
    """``"2026-11-25"``; ``None`` for anything else."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def to_datetime(written: str) -> datetime | None:
    """ISO 8601 with a zone, as UTC; ``None`` for anything else (without a zone nobody knows when it is)."""
    try:
        return parse_iso(written)
    except CalendarError:
        return None


def _of_number(value: Any) -> Decimal | None:
    return _number(value) if type(value) in {str, int} else None


def _of_date(value: Any) -> date | None:
    return to_date(value) if type(value) is str else None


def _of_datetime(value: Any) -> datetime | None:
    return to_datetime(value) if type(value) is str else None


def _of_flag(value: Any) -> bool | None:
    return value if type(value) is bool else None


_CONVERT: dict[ValueType, Callable[[Any], Native]] = {
    "number": _of_number,
    "money": _of_number,
    "date": _of_date,
    "datetime": _of_datetime,
    "flag": _of_flag,
}
