"""Scalars of a file, exactly as written, and how a field of a known type reads one.

YAML guesses types from the look of a word (`no`, `010`, `12:30`); we do not: a value is typed by the field it stands
in (language.md, "Rules it follows"). So every scalar is loaded as text, and whoever knows the type asks here.
"""

from __future__ import annotations

import re
from decimal import Decimal

_INT = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?")


class Plain(str):
    """A scalar written without quotes; one in quotes, or after ``|`` and ``>``, is a bare `str`."""

    __slots__ = ()


Data = str | list["Data"] | dict[str, "Data"] | None
"""What a file holds: texts as written, lists, maps; None for what is left empty (also ``null`` and ``~``)."""


def as_bool(value: Data) -> bool:
    """``true`` or ``false``.

    Raises:
        ValueError: it is anything else; the message says what was expected.
    """
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise ValueError(_expected("true or false", value))


def as_int(value: Data) -> int:
    """A whole number, in decimal: ``010`` is ten.

    Raises:
        ValueError: it is anything else; the message says what was expected.
    """
    if isinstance(value, str) and _INT.fullmatch(value):
        return int(value)
    raise ValueError(_expected("a whole number", value))


def as_number(value: Data) -> Decimal:
    """A number, with a point for the fraction.

    Raises:
        ValueError: it is anything else; the message says what was expected.
    """
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Decimal(value)
    raise ValueError(_expected("a number", value))


def kind_of(value: Data) -> str:
    """What a value is, in words: "a map", "a list", "text", "nothing"."""
    match value:
        case None:
            return "nothing"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "a map"


def _expected(what: str, value: Data) -> str:
    found = f"'{value}'" if isinstance(value, str) and len(value) <= 40 else kind_of(value)  # noqa: PLR2004  fits a line
    return f"expected {what}, not {found}"
