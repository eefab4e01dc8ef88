"""Values print by type, in the language of the text and by the reader's clock."""

import re
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from leadflow.engine.fields import Field, FieldType, Value
from leadflow.values import BadValue, display, parse_value
from leadflow.values.languages import plural
from tests.unit.values.test_parse import GOOD, field

ROWS: list[tuple[FieldType, Value, str, str]] = [
    ("money", "12500", "12 500 ₽", "RUB 12,500"),
    ("money", "12500.5", "12 500,50 ₽", "RUB 12,500.50"),
    ("money", "-5", "-5 ₽", "-RUB 5"),
    ("number", "12500.1234", "12 500,1234", "12,500.1234"),
    ("date", "2026-11-25", "25 ноября 2026", "November 25, 2026"),
    ("datetime", "2026-11-25T11:00:00Z", "25 ноября 2026, 14:00", "November 25, 2026, 2:00 PM"),
    (
        "phone",
        {"number": "+74951234567", "kind": "work", "ext": "12"},
        "+7 495 123-45-67 доб. 12",
        "+7 495 123-45-67 ext. 12",
    ),
    ("flag", True, "да", "yes"),
    ("flag", False, "нет", "no"),
    ("choice", "legal", "Юрлицо", "Юрлицо"),
    ("choice", "gone", "gone", "gone"),
    ("choices", ["b", "a"], "Красный, Синий, тёмный", "Красный, Синий, тёмный"),
    (
        "person",
        {"first": "Анна", "last": "Лактионова", "middle": "Игоревна"},
        "Анна Игоревна Лактионова",
        "Анна Игоревна Лактионова",
    ),
    ("person", {"last": "Лактионова"}, "Лактионова", "Лактионова"),
    ("file", {"id": "1", "name": "кп.pdf", "size": 3}, "кп.pdf", "кп.pdf"),
    ("long_text", "one\ntwo", "one\ntwo", "one\ntwo"),
    ("text", None, "", ""),
]


@pytest.mark.parametrize(("kind", "value", "russian", "english"), ROWS)
def test_a_value_prints_by_its_type(
    kind: FieldType, value: Value, russian: str, english: str
) -> None:
    """Each type has its way of printing, in Russian and in English, in the reader's zone."""
    shown = {
        language: display(field(kind), value, language=language, timezone="Europe/Moscow")
        for language in ("ru", "en")
    }
    assert shown == {"ru": russian, "en": english}


def test_a_list_prints_its_items() -> None:
    """A field with `many` prints its values between commas."""
    assert display(field("number", many=True), ["1000", "0.5"]) == "1 000, 0,5"


def test_an_amount_without_a_currency_is_a_number() -> None:
    """Where a field names no currency none is made up."""
    assert display(Field(id="f", type="money", label=""), "1000.5") == "1 000,5"


def test_a_user_prints_by_name() -> None:
    """The options of a user field are the names of the users."""
    owner = Field(id="owner", type="user", label="", options={"anna": "Анна К."})
    assert (display(owner, "anna"), display(owner, "boris")) == ("Анна К.", "boris")


@pytest.mark.parametrize("language", ["", "xx", "ru-RU", "nonsense!"])
def test_an_unknown_language_is_russian(language: str) -> None:
    """A language that is not known, or a Russian of somewhere, prints as Russian."""
    assert display(field("date"), "2026-11-25", language=language) == "25 ноября 2026"


def test_a_language_without_words_of_ours_prints_english_ones() -> None:
    """The two or three words that are ours and not CLDR's are English in other languages."""
    assert display(field("flag"), True, language="de") == "yes"


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (1, "день"),
        (2, "дня"),
        (5, "дней"),
        (11, "дней"),
        (21, "день"),
        (-1, "день"),
        ("1.5", "дня"),
    ],
)
def test_russian_plurals(number: int | str, word: str) -> None:
    """One, few, many; a fraction takes the form of a few."""
    forms = ("день", "дня", "дней")
    assert plural(Decimal(number), forms, "ru") == word
    assert plural(Decimal(number), forms, "en") == word, "three forms are Slavic for any reader"


def test_english_plurals() -> None:
    """One and other, also in a text whose reader was said to be Russian."""
    for language in ("en", "ru"):
        words = [plural(Decimal(number), ("day", "days"), language) for number in (0, 1, 2, 21)]
        assert words == ["days", "day", "days", "days"]


@given(st.sampled_from(GOOD), st.sampled_from(["ru", "en", "de", "ar", "zh"]))
def test_every_canonical_value_prints(row: tuple[FieldType, object, Value], language: str) -> None:
    """What parses prints, in any language, without the spaces that an SMS has no sign for."""
    kind, raw, _ = row
    shown = display(field(kind), parse_value(field(kind), raw), language=language)
    assert not re.search("[\u00a0\u2009\u202f]", shown)


@given(st.sampled_from(["money", "number"]), st.decimals(-(10**9), 10**9, places=2))
def test_a_printed_number_can_be_typed_in_again(kind: FieldType, number: object) -> None:
    """A number as it prints in Russian parses to the same number."""
    value = parse_value(field(kind), str(number))
    printed = display(field(kind), value)
    try:
        assert parse_value(field(kind), printed) == value
    except BadValue as bad:
        pytest.fail(f"{printed} of {value}: {bad}")
