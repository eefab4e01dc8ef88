"""What a pipeline knows about its fields, and the canonical form of every value.

Values are made canonical at the edge (`leadflow.values`) and stay plain JSON everywhere else, so that a state
round-trips and a library upgrade cannot change what a running lead remembers:

=========================================  ==================================================================
type                                       canonical value
=========================================  ==================================================================
text long_text address url email inn       ``str``
person                                     ``{"first": str, "last": str, "middle": str}`` (absent parts left out)
phone                                      ``{"number": "+79161234567", "kind": str, "ext": str}`` (E.164; last two optional)
choice · choices                           option id · list of option ids
money number                               decimal ``str`` without exponent (``"12500"``, ``"0.5"``)
flag                                       ``bool``
date                                       ``"2026-11-25"``
datetime                                   UTC, ``"2026-11-25T11:00:00Z"``
file                                       ``{"id": str, "name": str, "size": int}``
user                                       user id
=========================================  ==================================================================

A field with ``many`` holds a list of these. An empty value is absent from the state: ``None``, ``""``, ``[]``, ``{}``.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Value = str | bool | int | list[Any] | dict[str, Any] | None
"""Plain JSON; the items of lists and dicts are values again (msgspec cannot decode a recursive alias)."""

FieldType = Literal[
    "text", "long_text", "person", "phone", "email", "url", "address", "inn", "choice", "choices",
    "money", "number", "flag", "date", "datetime", "file", "user",
]  # fmt: skip


class Field(msgspec.Struct, frozen=True, omit_defaults=True):
    """One declared field of a pipeline (language.md, **Field**)."""

    id: str
    type: FieldType
    label: str
    options: dict[str, str] = {}
    """Option id → label, in the order of the file (``choice``, ``choices``)."""
    currency: str = ""
    default: Value = None
    pii: bool = False
    many: bool = False
    goes_to: tuple[str, ...] = ()
    """``contact``, ``company``, ``deal`` or ``ask``: where conversion copies it."""
    fills: dict[str, str] = {}
    """Our field id → register attribute (``name address kpp ogrn head``), type ``inn`` only."""
    pos: str = ""
    """``path:line:column`` of the declaration; never part of the version's hash."""


def is_empty(value: Value) -> bool:
    """Whether a value counts as not filled in; ``False`` and ``0`` are values."""
    return value is None or value in ("", [], {})
