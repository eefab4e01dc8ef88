"""Numbers and money: decimal text without an exponent, whatever sign separates thousands and fractions."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from babel.numbers import get_currency_precision

from leadflow.engine.fields import Value
from leadflow.values.circumstances import Circumstances
from leadflow.values.clean import Wrong, as_line, kind, quoted

_PLACES = 10
_LIMIT = Decimal(10**15)
_LENGTH_LIMIT = 60
_NUMBER = "a number; write it like 12500 or 0,5"
_MONEY = "an amount of money; write it like 12500 or 12 500,50"

_SIGN = r"(?P<sign>[+-]?)"
_WHOLE = re.compile(
    _SIGN + r"(?P<whole>[0-9]{1,3}(?:[ '][0-9]{3})+|[0-9]+)(?:[.,](?P<part>[0-9]+))?"
)
_COMMAS = re.compile(_SIGN + r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?P<part>[0-9]+))?")
_DOTS = re.compile(_SIGN + r"(?P<whole>[0-9]{1,3}(?:\.[0-9]{3})+)(?:,(?P<part>[0-9]+))?")
_AMOUNT = re.compile(r"(?P<before>[^0-9+-]*)(?P<amount>[+-]?[0-9](?:.*[0-9])?)(?P<after>[^0-9]*)")
_SPACES = str.maketrans(dict.fromkeys("\u00a0\u2009\u202f", " ") | {"\u2212": "-", "\u2019": "'"})
_CURRENCIES = {
    "₽": "RUB", "р": "RUB", "руб": "RUB", "рубль": "RUB", "рубля": "RUB", "рублей": "RUB",
    "$": "USD", "€": "EUR", "£": "GBP", "₸": "KZT", "₴": "UAH", "br": "BYN", "¥": "CNY",
}  # fmt: skip


def number(raw: object, _: Circumstances) -> Value:
    """A decimal number: at most 15 digits before and 10 after the sign."""
    return _canonical(_decimal(raw, _NUMBER), _PLACES, _NUMBER)


def money(raw: object, circumstances: Circumstances) -> Value:
    """An amount in the field's currency, with no more decimals than it has."""
    currency = circumstances.field.currency
    places = get_currency_precision(currency) if currency else 2
    if isinstance(raw, str):
        raw = _without_currency(as_line(raw, _MONEY).translate(_SPACES), currency)
        _refuse_either_way(raw, places)
    return _canonical(_decimal(raw, _MONEY), places, _MONEY)


def _without_currency(text: str, currency: str) -> str:
    found = _AMOUNT.fullmatch(text) if len(text) <= _LENGTH_LIMIT else None
    mark = (
        (found["before"].strip() + found["after"].strip()).casefold().rstrip(".") if found else ""
    )
    code = _CURRENCIES.get(mark, mark.upper())
    if not found or (mark and mark not in _CURRENCIES and code != (currency or "RUB")):
        message = f"{quoted(text)} is not {_MONEY}"
        raise Wrong(message)
    if mark and currency and code != currency:
        message = f"{quoted(text)} is in {code}, but this amount is in {currency}; convert it first"
        raise Wrong(message)
    return found["amount"]


def _refuse_either_way(text: str, places: int) -> None:
    """``12.500`` is twelve thousand to one and twelve and a half to another: money is never guessed."""
    if places < 3 and re.fullmatch(r"[+-]?[0-9]{1,3}[.,][0-9]{3}", text):  # noqa: PLR2004 - a group
        plain = re.sub("[.,]", "", text)
        message = (
            f"{quoted(text)} may be read in two ways; write {plain} or {text[:-4]},{text[-3:-1]}"
        )
        raise Wrong(message)


def _decimal(raw: object, what: str) -> Decimal:
    match raw:
        case bool():
            pass
        case int() if abs(raw) < _LIMIT:
            return Decimal(raw)
        case float() if math.isfinite(raw) and abs(raw) < _LIMIT:
            # What lies beyond ten decimals is the binary fraction's noise, not somebody's figure.
            return round(Decimal(repr(raw)), _PLACES)
        case Decimal() if raw.is_finite() and abs(raw) < _LIMIT:
            return raw
        case str():
            return _read(
                line := as_line(raw, what).translate(_SPACES), f"{quoted(line)} is not {what}"
            )
        case _:
            pass
    message = f"{kind(raw)} is not {what}"
    raise Wrong(message)


def _read(text: str, message: str) -> Decimal:
    for pattern in (_WHOLE, _COMMAS, _DOTS):
        found = pattern.fullmatch(text) if len(text) <= _LENGTH_LIMIT else None
        if found:
            whole = re.sub("[^0-9]", "", found["whole"])
            value = Decimal(f"{found['sign']}{whole}.{found['part'] or 0}")
            if abs(value) < _LIMIT:
                return value
            message = f"{quoted(text)} is too large; there is room for 15 digits"
            break
    raise Wrong(message)


def _canonical(value: Decimal, places: int, what: str) -> str:
    rounded = round(value, places)
    if rounded != value:
        message = f"{value} has more than {places} decimals and is not {what}"
        raise Wrong(message)
    return f"{rounded.normalize():f}" if rounded else "0"
