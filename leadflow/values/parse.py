"""The one way in: `parse_value` makes what people type, files carry and YAML reads canonical.

Every parser takes the raw value and the circumstances it is read in, and raises `Wrong` with a sentence that names a
right example. Canonical values parse to themselves, so a value may pass several doors.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from leadflow.engine.fields import Field, FieldType, Value, is_empty
from leadflow.errors import LeadflowError
from leadflow.values import choices, contacts, numbers, persons, simple, times
from leadflow.values.circumstances import Circumstances
from leadflow.values.clean import Wrong

MOST_ITEMS = 100
"""Longest list a field with ``many`` holds."""

_PARSERS: dict[FieldType, Callable[[object, Circumstances], Value]] = {
    "text": simple.text,
    "long_text": simple.long_text,
    "address": simple.text,
    "user": simple.user,
    "file": simple.file,
    "flag": simple.flag,
    "person": persons.person,
    "phone": contacts.phone,
    "email": contacts.email,
    "url": contacts.url,
    "inn": contacts.inn,
    "choice": choices.choice,
    "choices": choices.choices,
    "money": numbers.money,
    "number": numbers.number,
    "date": times.date,
    "datetime": times.datetime,
}
_COMMA_NEVER_INSIDE = frozenset({"phone", "email", "inn", "choice", "user", "person", "date"})


class BadValue(LeadflowError):
    """A value does not fit its field. ``message`` begins with the field's id and ends with a right example."""

    code = "bad_value"

    def __init__(self, field_id: str, message: str) -> None:
        super().__init__(f"{field_id}: {message}")
        self.field_id = field_id


def parse_value(field: Field, raw: object, *, region: str = "RU", timezone: str = "UTC") -> Value:
    """The canonical value of what was given for a field (forms: `leadflow.engine.fields`).

    Args:
        field: The field it is for.
        raw: A string as typed, or a native value of YAML or JSON.
        region: Country whose phone numbers need no international prefix (ISO 3166).
        timezone: Zone of a moment given without one (IANA).

    Returns:
        ``None`` for nothing: ``None``, blank text, an empty list or mapping.

    Raises:
        BadValue: it is not a value of this type.
    """
    circumstances = Circumstances(field, region, timezone)
    try:
        if field.many and field.type != "choices":
            value = _many(raw, circumstances)
        else:
            _not_several(raw, field)
            value = _one(raw, circumstances)
    except Wrong as wrong:
        raise BadValue(field.id, str(wrong)) from None
    return None if is_empty(value) else value


def _not_several(raw: object, field: Field) -> None:
    if isinstance(raw, list | tuple) and len(raw) > 1 and field.type != "choices":
        message = f"{len(raw)} values are given, and it holds one; give one of them"
        raise Wrong(message)


def _one(raw: object, circumstances: Circumstances) -> Value:
    if raw is None or raw in ([], {}, ()) or (isinstance(raw, str) and not raw.strip()):
        return None
    return _PARSERS[circumstances.field.type](raw, circumstances)


def _many(raw: object, circumstances: Circumstances) -> Value:
    match raw:
        case list() | tuple():
            items = list(raw)
        case str():
            comma = "," if circumstances.field.type in _COMMA_NEVER_INSIDE else ""
            items = re.split(f"[;\n{comma}]", raw)
        case _:
            items = [raw]
    if len(items) > MOST_ITEMS:
        message = f"{len(items)} values are too many; give at most {MOST_ITEMS}"
        raise Wrong(message)
    values: list[Value] = []
    for item in items:
        value = _one(item, circumstances)
        if not is_empty(value) and value not in values:
            values.append(value)
    return values
