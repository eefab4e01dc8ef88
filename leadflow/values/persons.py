"""Names of people: which word is the first name, which the patronymic, which the family name."""

from __future__ import annotations

import re

from leadflow.engine.fields import Value
from leadflow.values.circumstances import Circumstances
from leadflow.values.clean import Wrong, as_line, line, within

_LIMIT = 200
_PARTS = ("first", "last", "middle")
_HOW = "a name; write it like Анна Лактионова or Лактионова Анна Игоревна"
_PATRONYMIC = re.compile(r".+(?:вич|[ьмк]ич|вна|[иь]чна|инична|оглы|кызы)", re.IGNORECASE)


def person(raw: object, _: Circumstances) -> Value:
    """A name in parts, from words or from ``{first, last, middle}``."""
    if isinstance(raw, dict):
        return _from_parts(raw)
    words = within(as_line(raw, _HOW), _LIMIT).split()
    if not any(character.isalpha() for word in words for character in word):
        message = f"'{' '.join(words)}' is not {_HOW}"
        raise Wrong(message)
    return _from_words(words)


def _from_parts(raw: dict[object, object]) -> Value:
    unknown = [key for key in raw if key not in _PARTS]
    if unknown:
        message = f"a name has the parts first, last and middle, not {unknown[0]!r:.40}"
        raise Wrong(message)
    parts: dict[str, Value] = {}
    for part in _PARTS:
        given = raw.get(part)
        word = "" if given is None else within(as_line(given, _HOW), _LIMIT)
        if word:
            parts[part] = word
    return parts


def _from_words(words: list[str]) -> Value:
    """Russian official order is known by its patronymic; all else is first name, then family name."""
    match words:
        case [first]:
            return {"first": first}
        case [first, middle] if _PATRONYMIC.fullmatch(middle):
            return {"first": first, "middle": middle}
        case [first, middle, last] if _PATRONYMIC.fullmatch(middle):
            return {"first": first, "last": last, "middle": middle}
        case [last, first, *middle] if _PATRONYMIC.fullmatch(words[-1]):
            return {"first": first, "last": last, "middle": " ".join(middle)}
        case _:
            return {"first": words[0], "last": " ".join(words[1:])}


def natural(value: dict[str, Value]) -> str:
    """The name as one is addressed: ``Анна Игоревна Лактионова``."""
    return " ".join(
        line(str(value[part])) for part in ("first", "middle", "last") if value.get(part)
    )
