"""The one way out: a canonical value as its reader reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from leadflow.engine.clock import parse_iso, wall, zone
from leadflow.engine.fields import Field, FieldType, Value, is_empty
from leadflow.values.contacts import written_phone
from leadflow.values.languages import (
    DateForm,
    word,
    write_date,
    write_moment,
    write_money,
    write_number,
)
from leadflow.values.persons import natural


def display(field: Field, value: Value, *, language: str = "ru", timezone: str = "UTC") -> str:
    """A value in words, by its type (language.md, **In text**).

    Args:
        field: Its field: type, labels of the options, currency.
        value: Canonical, as `parse_value` gives it.
        language: Of the text it stands in (``ru``, ``en``, ``pt-BR``).
        timezone: The reader's zone (IANA), for moments.

    Returns:
        ``12 500 ₽``, ``25 ноября 2026, 14:00``, a label; nothing (``""``) for an empty value.
    """
    if is_empty(value):
        return ""
    reading = _Reading(field, language, timezone)
    items = value if isinstance(value, list) else [value]
    return ", ".join(_PRINT.get(field.type, _plain)(item, reading) for item in items)


class _Reading(NamedTuple):
    field: Field
    language: str
    timezone: str


def _plain(value: Any, _: _Reading) -> str:
    return str(value)


def _time(value: Any, reading: _Reading) -> str:
    return display_time(
        reading.field, value, "long", language=reading.language, timezone=reading.timezone
    )


def _option(value: Any, reading: _Reading) -> str:
    return reading.field.options.get(value, str(value))


_PRINT: dict[FieldType, Callable[[Any, _Reading], str]] = {
    "person": lambda value, _: natural(value),
    "phone": lambda value, reading: written_phone(value, word(reading.language, "ext")),
    "file": lambda value, _: str(value["name"]),
    "choice": _option,
    "choices": _option,
    "user": _option,
    "flag": lambda value, reading: word(reading.language, "yes" if value else "no"),
    "money": lambda value, reading: write_money(
        Decimal(value), reading.field.currency, reading.language
    ),
    "number": lambda value, reading: write_number(Decimal(value), reading.language),
    "date": _time,
    "datetime": _time,
}


def display_time(field: Field, value: str, form: DateForm, *, language: str, timezone: str) -> str:
    """A ``date`` or ``datetime`` in one of its forms: ``long``, ``short``, or the ``time`` alone."""
    if field.type == "date":
        return write_date(date.fromisoformat(value), language, form)
    return write_moment(wall(parse_iso(value), zone(timezone)), language, form)
