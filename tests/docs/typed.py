"""What a page says that may be typed into a field: ``TYPE TYPED → PRINTED``, or ``TYPE TYPED ✗ WHY NOT``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from leadflow.engine.fields import Field, FieldType
from leadflow.values import BadValue, display, parse_value
from tests.docs.pages import Block
from tests.docs.parts import lines

ZONE = "Europe/Moscow"
_OPTIONS = {"private": "Private person", "firm": "Firm"}
_FIELDS: dict[str, Field] = {
    kind: Field(
        id="field",
        type=kind,
        label=kind,
        options=_OPTIONS if kind.startswith("choice") else {},
        currency="RUB",
    )
    for kind in get_args(FieldType)
}


def misread(block: Block) -> Iterator[str]:
    """The lines of a block that are not so."""
    language = next(iter(block.words[1:]), "en")
    for line in lines(block):
        kind, _, rest = line.partition(" ")
        refused = " ✗ " in rest
        typed, _, wanted = rest.partition(" ✗ " if refused else " → ")
        found = _read(_FIELDS[kind], typed.strip(), language)
        if found != (wanted.strip(), refused):
            yield f"'{line}': the program answers '{found[0]}'"


def _read(field: Field, typed: str, language: str) -> tuple[str, bool]:
    try:
        value = parse_value(field, typed, timezone=ZONE)
    except BadValue as bad:
        return bad.message.partition(": ")[2], True
    return display(field, value, language=language, timezone=ZONE), False
