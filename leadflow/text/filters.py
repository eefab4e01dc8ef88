"""What may stand after a ``|`` in a text.

An empty value passes through every filter unchanged, so that a ``default(…)`` behind it still finds it empty. All take
the template's context first (they print by its reader), so nothing is computed when a template is compiled.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple, TypeVar, cast, get_args

from jinja2 import pass_context
from jinja2.runtime import Context as JinjaContext, Undefined

from leadflow.text.context import NUMBER, PHONE
from leadflow.text.errors import Unfit
from leadflow.text.shown import Reader, Shown, written
from leadflow.values import BadValue, display, parse_value
from leadflow.values.display import display_time
from leadflow.values.languages import ROOM, DateForm, plural, write_money, write_number

READER = "the reader"
"""Where a template's context keeps its `Reader`: no template can spell this name."""

_LONGEST = 65_536
"""Characters that a filter may make of a value."""
_PLACES = range(11)

Result = TypeVar("Result")


class Filter(NamedTuple):
    """A filter and how many values it takes in brackets."""

    apply: Callable[..., object]
    least: int
    most: int


def known(value: object) -> object:
    """The value itself.

    Raises:
        UndefinedError: it is a name that no context has.
    """
    if isinstance(value, Undefined):
        str(value)  # StrictUndefined raises, naming what is undefined
    return value


def reader_of(context: JinjaContext) -> Reader:
    """Who reads the text that is being rendered."""
    return cast("Reader", context.parent[READER])


def _filter(function: Callable[..., object]) -> Callable[..., object]:
    @pass_context
    @functools.wraps(function)
    def apply(context: JinjaContext, value: object, *given: object) -> object:
        if _is_empty(known(value)) and function not in _SEES_EMPTY:
            return value
        return function(reader_of(context), value, *given)

    return cast("Callable[..., object]", apply)


def _default(_: Reader, value: object, fallback: object = "") -> object:
    return fallback if value is None or value == "" or _is_empty(value) else value


def _is_empty(value: object) -> bool:
    return isinstance(value, Shown) and value.empty


def _length(_: Reader, value: object) -> int:
    if isinstance(value, Shown | str | list | tuple):
        return len(value)
    message = "only a list or a text has a length"
    raise Unfit(message)


_SEES_EMPTY = (_default, _length)


def _in_words(change: Callable[[str], str]) -> Callable[[Reader, object], str]:
    def apply(reader: Reader, value: object) -> str:
        return change(written(value, reader))

    return apply


def _date(reader: Reader, value: object, form: object = "long") -> str:
    if not isinstance(value, Shown) or value.item.field.type not in ("date", "datetime"):
        message = "the filter date is for dates"
        raise Unfit(message)
    field, found = value.item.field, value.item.value
    forms = get_args(DateForm)
    if form not in forms or (form == "time" and field.type == "date"):
        message = (
            f"date cannot be written as '{form}'; there is {', '.join(forms)} (time: of moments)"
        )
        raise Unfit(message)
    return display_time(
        field,
        str(found),
        cast("DateForm", form),
        language=reader.language,
        timezone=reader.timezone,
    )


def _plural(reader: Reader, value: object, *forms: object) -> str:
    return plural(_number_in(value), tuple(str(form) for form in forms), reader.language)


def _number_in(value: object) -> Decimal:
    match value:
        case Shown() if value.item.field.type in ("number", "money"):
            return Decimal(str(value.item.value))
        case bool():
            pass
        case int() | float() | Decimal():
            return Decimal(str(value))
        case _:
            pass
    message = f"{value.name if isinstance(value, Shown) else 'this'} is not a number"
    raise Unfit(message)


def _number(reader: Reader, value: object) -> str:
    return write_number(_number_in(value), reader.language)


def _money(reader: Reader, value: object, currency: object = "") -> str:
    own = value.item.field.currency if isinstance(value, Shown) else ""
    return write_money(_number_in(value), str(currency) or own or "RUB", reader.language)


def _round(reader: Reader, value: object, places: object = 0) -> Shown:
    if not isinstance(places, int) or places not in _PLACES:
        message = f"round to 0 to {_PLACES[-1]} decimals"
        raise Unfit(message)
    rounded = _number_in(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, ROOM)
    if isinstance(value, Shown):
        return value.like(value.item.field, f"{rounded:f}")
    return Shown.of(NUMBER, f"{rounded:f}", reader)


def _phone(reader: Reader, value: object) -> str:
    if isinstance(value, Shown) and value.item.field.type == "phone":
        return str(value)
    try:
        return display(PHONE, parse_value(PHONE, written(value, reader)), language=reader.language)
    except BadValue as bad:
        raise Unfit(bad.message) from None


def _join(reader: Reader, value: object, separator: object = ", ") -> str:
    return _bounded(str(separator).join(written(item, reader) for item in _items(value)))


def _first(_: Reader, value: object) -> object:
    return _items(value)[0]


def _last(_: Reader, value: object) -> object:
    return _items(value)[-1]


def _items(value: object) -> list[object]:
    """Items of a list, letters of a text; never none of them, because nothing empty comes here."""
    match value:
        case Shown() if isinstance(value.item.value, list):
            return list(value)
        case list() | tuple() if value:
            return list(value)
        case Shown() | str() if str(value):
            return list(str(value))
        case _:
            message = "there is nothing in it to take"
            raise Unfit(message)


def _replace(reader: Reader, value: object, old: object, new: object) -> str:
    text, old, new = written(value, reader), str(old), str(new)
    if len(text) + text.count(old) * len(new) > _LONGEST:
        _bounded(text, more=True)
    return text.replace(old, new)


def _bounded(text: str, *, more: bool = False) -> str:
    if more or len(text) > _LONGEST:
        message = f"a filter may make at most {_LONGEST:,} characters"
        raise Unfit(message)
    return text


FILTERS = {
    "capitalize": Filter(_filter(_in_words(str.capitalize)), 0, 0),
    "date": Filter(_filter(_date), 0, 1),
    "default": Filter(_filter(_default), 1, 1),
    "first": Filter(_filter(_first), 0, 0),
    "join": Filter(_filter(_join), 0, 1),
    "last": Filter(_filter(_last), 0, 0),
    "length": Filter(_filter(_length), 0, 0),
    "lower": Filter(_filter(_in_words(str.lower)), 0, 0),
    "money": Filter(_filter(_money), 0, 1),
    "number": Filter(_filter(_number), 0, 0),
    "phone": Filter(_filter(_phone), 0, 0),
    "plural": Filter(_filter(_plural), 2, 3),
    "replace": Filter(_filter(_replace), 2, 2),
    "round": Filter(_filter(_round), 0, 1),
    "title": Filter(_filter(_in_words(str.title)), 0, 0),
    "trim": Filter(_filter(_in_words(str.strip)), 0, 0),
    "upper": Filter(_filter(_in_words(str.upper)), 0, 0),
}
