"""How a language writes dates, numbers and plurals (CLDR, through Babel)."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Context, Decimal, localcontext
from functools import lru_cache
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal

DateForm = Literal["long", "short", "time"]

ROOM = Context(prec=80)
"""For rounding: arithmetic in a text or a pipeline comes to 41 digits (`leadflow.engine.natives`), and decimals."""

_DEFAULT = "ru"
"""The language's own default in a pipeline; also what an unknown language is written in."""
_WORD_FOR_YEAR = re.compile(r"\s*'\w+'\.?$")
_CODE_AND_FIGURES = re.compile(r"(?<=[A-Z])(?=[0-9])")
_ODD_SPACES = str.maketrans(dict.fromkeys("\u00a0\u2009\u202f", " "))
_WORDS = {
    "ru": {"yes": "да", "no": "нет", "ext": "доб."},
    "en": {"yes": "yes", "no": "no", "ext": "ext."},
}


@lru_cache(maxsize=256)
def locale(language: str) -> Locale:
    """The locale of a language tag (``ru``, ``en``, ``pt-BR``); Russian if there is none such."""
    try:
        return Locale.parse(language.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return Locale.parse(_DEFAULT)


def word(language: str, key: Literal["yes", "no", "ext"]) -> str:
    """A word that values print with; English where we do not know it in the language."""
    return _WORDS.get(locale(language).language, _WORDS["en"])[key]


def write_number(value: Decimal, language: str) -> str:
    """At most ten decimals, as `leadflow.values.numbers` takes them, thousands apart: ``12 500,5``."""
    with localcontext(ROOM):
        written = format_decimal(
            round(value, 10), locale=locale(language), decimal_quantization=False
        )
    return _plain_spaces(written)


def write_money(value: Decimal, currency: str, language: str) -> str:
    """``12 500 ₽``; kopecks only where there are any."""
    if not currency:
        return write_number(value, language)
    tongue = locale(language)
    pattern = tongue.currency_formats["standard"].pattern
    whole = value == value.to_integral_value()
    with localcontext(ROOM):
        written = format_currency(
            value,
            currency,
            pattern.replace(".00", "") if whole else None,
            tongue,
            currency_digits=not whole,
        )
    return _plain_spaces(_CODE_AND_FIGURES.sub(" ", written))


def write_date(day: date, language: str, form: DateForm = "long") -> str:
    """``25 ноября 2026``, short ``25.11.2026``; a day has no time."""
    tongue = locale(language)
    if form == "short":
        return _plain_spaces(format_date(day, "short", tongue))
    pattern = _WORD_FOR_YEAR.sub("", tongue.date_formats["long"].pattern)
    return _plain_spaces(format_date(day, pattern, tongue))


def write_moment(local: datetime, language: str, form: DateForm = "long") -> str:
    """``25 ноября 2026, 14:00`` of a clock on the wall; its time alone: ``14:00``."""
    clock = write_time(local.time(), language)
    return clock if form == "time" else f"{write_date(local.date(), language, form)}, {clock}"


def write_time(clock: time, language: str) -> str:
    """``14:00``."""
    return _plain_spaces(format_time(clock, "short", locale=locale(language)))


def plural(number: Decimal, forms: tuple[str, ...], language: str) -> str:
    """The form of a word that goes with a number (CLDR plural rules).

    Three forms are one, few, many (день, дня, дней), as in Slavic languages; two are one and other (day, days), as in
    English. Whoever writes three into a text writes Slavic, whatever language the reader was said to have.
    """
    three = len(forms) > 2  # noqa: PLR2004 - one and other
    tongue = locale(language)
    if three != ("few" in tongue.plural_form.tags):
        tongue = locale("ru" if three else "en")
    category = tongue.plural_form(abs(number))
    if three:
        # "other" are fractions: полтора дня, 2,5 дня.
        return dict(zip(("one", "few", "many", "other"), (*forms, forms[1]), strict=True))[category]
    return forms[0] if category == "one" else forms[1]


def _plain_spaces(text: str) -> str:
    """Ordinary spaces: one that does not break turns a 160-character SMS into a 70-character one."""
    return text.translate(_ODD_SPACES)
