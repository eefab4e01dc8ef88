"""What people type becomes canonical, or is refused with a right example."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from leadflow.engine.fields import Field, FieldType, Value
from leadflow.values import BadValue, parse_value
from leadflow.values.parse import _PARSERS

CLIENT = {"person": "Физлицо", "legal": "Юрлицо", "known": "Уже клиент"}
COLOURS = {"a": "Синий, тёмный", "b": "Красный", "twin": "Красный"}


def field(kind: FieldType, *, many: bool = False) -> Field:
    options = {"choice": CLIENT, "choices": COLOURS}.get(kind, {})
    currency = "RUB" if kind == "money" else ""
    return Field(id="f", type=kind, label="F", many=many, options=options, currency=currency)


def parsed(kind: FieldType, raw: object, *, many: bool = False) -> Value:
    return parse_value(field(kind, many=many), raw, timezone="Europe/Moscow")


def refusal(kind: FieldType, raw: object, *, many: bool = False) -> str:
    with pytest.raises(BadValue) as caught:
        parsed(kind, raw, many=many)
    assert caught.value.field_id == "f"
    return caught.value.message


GOOD: list[tuple[FieldType, object, Value]] = [
    ("text", "  Окна\tи\nдвери ", "Окна и двери"),
    ("text", "a\x00b\u202ec\ufeff\ud800", "abc"),
    ("text", "и\u0306", "й"),
    ("text", 5, "5"),
    ("text", 1.5, "1.5"),
    ("text", "010", "010"),
    ("long_text", "one\r\ntwo\u2028three\x07", "one\ntwo\nthree"),
    ("long_text", 5, "5"),
    ("address", "Москва,\nТверская, 1", "Москва, Тверская, 1"),
    ("user", " anna ", "anna"),
    ("flag", True, True),
    ("flag", "ДА", True),
    ("flag", "no", False),
    ("flag", 0, False),
    ("flag", "1", True),
    ("person", "Иван Петров", {"first": "Иван", "last": "Петров"}),
    ("person", "Иван", {"first": "Иван"}),
    ("person", "Анна Игоревна", {"first": "Анна", "middle": "Игоревна"}),
    (
        "person",
        "Лактионова Анна Игоревна",
        {"first": "Анна", "last": "Лактионова", "middle": "Игоревна"},
    ),
    (
        "person",
        "Анна Ильинична Лактионова",
        {"first": "Анна", "last": "Лактионова", "middle": "Ильинична"},
    ),
    (
        "person",
        "Роман Аркадьевич Абрамович",
        {"first": "Роман", "last": "Абрамович", "middle": "Аркадьевич"},
    ),
    (
        "person",
        "Кузьмин Илья Кузьмич",
        {"first": "Илья", "last": "Кузьмин", "middle": "Кузьмич"},
    ),
    ("person", "Vincent van Gogh", {"first": "Vincent", "last": "van Gogh"}),
    ("person", {"last": " Петров ", "first": None}, {"last": "Петров"}),
    ("person", {"first": ""}, None),
    ("phone", "8 (916) 123-45-67", {"number": "+79161234567"}),
    ("phone", 89161234567, {"number": "+79161234567"}),
    ("phone", "+7 495 123-45-67 доб. 12", {"number": "+74951234567", "ext": "12"}),
    ("phone", "+7 495 123-45-67 ext. 12", {"number": "+74951234567", "ext": "12"}),
    ("phone", "+49 30 123456", {"number": "+4930123456"}),
    (
        "phone",
        {"number": "8 916 123-45-67", "kind": "work", "ext": 5},
        {"number": "+79161234567", "kind": "work", "ext": "5"},
    ),
    ("phone", {"number": "89161234567", "kind": "", "ext": None}, {"number": "+79161234567"}),
    ("email", " Anna@Example.RU ", "Anna@example.ru"),
    ("email", "mailto:a@example.com", "a@example.com"),
    ("email", "anna@example.test", "anna@example.test"),
    ("url", "Example.ru/Path", "https://example.ru/Path"),
    ("url", "//example.ru:8080/x?y=1#z", "https://example.ru:8080/x?y=1#z"),
    ("url", "HTTP://Example.ru", "http://example.ru"),
    ("url", "пример.рф", "https://пример.рф"),
    ("inn", "7707083893", "7707083893"),
    ("inn", 500100732259, "500100732259"),
    ("choice", "legal", "legal"),
    ("choice", "юрлицо", "legal"),
    ("choice", "LEGAL", "legal"),
    ("choices", "Синий, тёмный", ["a"]),
    ("choices", "b, a, b", ["b", "a"]),
    ("choices", ["a", "", None], ["a"]),
    ("money", "12 500,50", "12500.5"),
    ("money", "12\u00a0500 ₽", "12500"),
    ("money", "12500 руб.", "12500"),
    ("money", "RUB 7", "7"),
    ("money", "12,500.50", "12500.5"),
    ("money", "1.234.567,5", "1234567.5"),
    ("money", "1,234,567", "1234567"),
    ("money", "\u22125 000 р.", "-5000"),
    ("money", 0.1 + 0.2, "0.3"),
    ("money", Decimal("1.50"), "1.5"),
    ("money", "0", "0"),
    ("number", "0,125", "0.125"),
    ("number", "12.500", "12.5"),
    ("number", "+7", "7"),
    ("number", "-0.0", "0"),
    ("number", "1'000", "1000"),
    ("number", 12500, "12500"),
    ("date", "25.11.2026", "2026-11-25"),
    ("date", "5/1/26", "2026-01-05"),
    ("date", "25.11.98", "1998-11-25"),
    ("date", "2026-11-25", "2026-11-25"),
    ("date", date(2026, 11, 25), "2026-11-25"),
    ("date", datetime(2026, 11, 25, 22, 30, tzinfo=UTC), "2026-11-26"),
    ("datetime", "25.11.2026 14:00", "2026-11-25T11:00:00Z"),
    ("datetime", "25.11.2026 в 9:05", "2026-11-25T06:05:00Z"),
    ("datetime", "2026-11-25T14:00:05.250Z", "2026-11-25T14:00:05Z"),
    ("datetime", "2026-11-25 14:00+0530", "2026-11-25T08:30:00Z"),
    ("datetime", datetime(2026, 11, 25, 14), "2026-11-25T11:00:00Z"),  # noqa: DTZ001 - YAML gives such
    (
        "datetime",
        datetime(2026, 11, 25, 14, 0, 0, 7, timezone(timedelta(hours=5))),
        "2026-11-25T09:00:00Z",
    ),
    ("file", {"id": "f1", "name": "кп.pdf", "size": 0}, {"id": "f1", "name": "кп.pdf", "size": 0}),
]


@pytest.mark.parametrize(
    ("kind", "raw", "value"), GOOD, ids=[f"{n}-{row[0]}" for n, row in enumerate(GOOD)]
)
def test_what_people_type_becomes_canonical(kind: FieldType, raw: object, value: Value) -> None:
    """Each accepted way of writing gives the one canonical value, which parses to itself."""
    assert parsed(kind, raw) == value
    assert parsed(kind, value) == value


BAD: list[tuple[FieldType, object, str]] = [
    ("text", "x" * 1001, "f: the text has 1,001 characters; shorten it to 1,000"),
    ("text", ["a"], "f: a list is not text; write it in words"),
    ("phone", ["1", "2"], "f: 2 values are given, and it holds one; give one of them"),
    ("text", True, "f: yes or no is not text; write it in words"),
    ("text", 10**18, "f: this number is not text; write it in words"),
    ("long_text", "x" * 20_001, "f: the text has 20,001 characters; shorten it to 20,000"),
    ("flag", "может", "f: 'может' is not yes or no; write да or нет"),
    (
        "person",
        "123",
        "f: '123' is not a name; write it like Анна Лактионова or Лактионова Анна Игоревна",
    ),
    ("person", {"name": "a"}, "f: a name has the parts first, last and middle, not 'name'"),
    (
        "phone",
        "12345",
        "f: '12345' is not a phone number; write it like +7 916 123-45-67",
    ),
    ("phone", "8916123456", "f: '8916123456' is not a phone number; write it like"),
    ("phone", "call me", "f: 'call me' is not a phone number"),
    ("phone", "9" * 101, "is not a phone number"),
    ("phone", {"number": "12345"}, "f: '12345' is not a phone number"),
    ("phone", {"no": 1}, "f: a phone has the parts number, kind and ext, not 'no'"),
    (
        "phone",
        {"number": "89161234567", "ext": "x"},
        "f: 'x' is not an extension; write its digits",
    ),
    ("email", "anna@", "f: 'anna@' is not an e-mail address; write it like anna@example.ru"),
    ("email", "alice@example.org)bob@example.com", "is not an e-mail address"),
    ("email", "a@example.com\r\nBcc: b@example.com", "is not an e-mail address"),
    ("url", "javascript:alert(1)", "is not a link; write it like https://example.ru/page"),
    ("url", "https://user@host.ru", "is not a link"),
    ("url", "http://[::1", "is not a link"),
    ("url", "example.ru:99999/x", "is not a link"),
    ("url", "localhost", "is not a link"),
    ("url", "exa mple.ru", "is not a link"),
    ("inn", "7707083894", "f: '7707083894' is not a tax number (ИНН); it has 10 or 12 digits"),
    ("choice", "leagl", "f: 'leagl' is not an option; did you mean 'legal'?"),
    ("choice", "Юрлцо", "f: 'Юрлцо' is not an option; did you mean 'Юрлицо'?"),
    ("choice", "zzz", "choose one of: person (Физлицо), legal (Юрлицо), known (Уже клиент)"),
    ("choices", "красный", "f: 'красный' may be any of b, twin; write the one you mean"),
    ("choices", [{}, "a"], "f: a group of values is not an option"),
    ("money", "12,500", "f: '12,500' may be read in two ways; write 12500 or 12,50"),
    ("money", "$5", "f: '$5' is in USD, but this amount is in RUB; convert it first"),
    ("money", "abc", "f: 'abc' is not an amount of money; write it like 12500 or 12 500,50"),
    ("money", "12 фунтов", "is not an amount of money"),
    ("money", "12500.555", "f: 12500.555 has more than 2 decimals"),
    ("money", True, "f: yes or no is not an amount of money"),
    ("number", "1e5", "f: '1e5' is not a number; write it like 12500 or 0,5"),
    ("number", "1 2", "f: '1 2' is not a number"),
    ("number", "9" * 16, "f: '9999999999999999' is too large; there is room for 15 digits"),
    ("number", 10**400, "f: this number is not a number; write it like 12500 or 0,5"),
    ("number", float("nan"), "is not a number"),
    ("number", float("inf"), "is not a number"),
    ("number", Decimal("sNaN"), "is not a number"),
    ("date", "31.02.2026", "f: '31.02.2026' is not a date; write it like 25.11.2026"),
    ("date", "завтра", "f: 'завтра' is not a date"),
    ("date", "25.11.0026", "f: the year 26 cannot be meant"),
    ("datetime", "25.11.2026", "is not a date with a time; write it like 25.11.2026 14:00"),
    ("datetime", "25.11.2026 25:00", "is not a date with a time"),
    ("datetime", "31.02.2026 10:00", "is not a date with a time"),
    ("datetime", datetime.max.replace(tzinfo=UTC), "f: the year 9999 cannot be meant"),
    ("file", "кп.pdf", "f: 'кп.pdf' is not a stored file; upload it"),
    ("file", {"id": "1", "name": "a"}, "f: a group of values is not a stored file; upload it"),
    ("file", {"id": "\x00", "name": "a", "size": 1}, "is not a stored file"),
    ("file", {"id": "1", "name": "a", "size": True}, "is not a stored file"),
]


@pytest.mark.parametrize(
    ("kind", "raw", "said"), BAD, ids=[f"{n}-{row[0]}" for n, row in enumerate(BAD)]
)
def test_what_is_not_a_value_is_refused_with_an_example(
    kind: FieldType, raw: object, said: str
) -> None:
    """A wrong value is refused; the message names the field, quotes the value and shows a right one."""
    assert said in refusal(kind, raw)


@pytest.mark.parametrize("raw", [None, "", " \n\t", [], {}, "\u200b\x00"], ids=repr)
def test_nothing_is_no_value(raw: object) -> None:
    """Blank input of a text, of whatever shape, is an empty value."""
    assert parsed("text", raw) is None
    assert parsed("text", raw, many=True) is None


def test_every_type_takes_nothing() -> None:
    """No type refuses blank input: whether a field must be filled is for the gates."""
    assert {kind: parsed(kind, " ") for kind in _PARSERS} == dict.fromkeys(_PARSERS)


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("phone", "89161234567, 8 495 123-45-67;", ["+79161234567", "+74951234567"]),
        ("phone", ["89161234567", "+7 916 123-45-67"], ["+79161234567"]),
        ("phone", 89161234567, ["+79161234567"]),
    ],
    ids=["text", "twice the same", "one"],
)
def test_many_phones(kind: FieldType, raw: object, value: list[str]) -> None:
    """A field with `many` takes a list, or text with commas or semicolons; the same value counts once."""
    assert parsed(kind, raw, many=True) == [{"number": number} for number in value]


def test_many_texts_keep_their_commas() -> None:
    """Where a comma may belong to the value only lines and semicolons separate."""
    assert parsed("address", "Москва, 1; Тверь, 2", many=True) == ["Москва, 1", "Тверь, 2"]


def test_many_has_an_end() -> None:
    """A list of more than a hundred values is refused."""
    assert "101 values are too many" in refusal("number", list(range(101)), many=True)


def test_a_doubled_and_a_skipped_clock_time() -> None:
    """A doubled clock time is the first, one that DST skips the next that exists (Meaning 6)."""
    berlin = {"timezone": "Europe/Berlin"}
    assert parse_value(field("datetime"), "25.10.2026 02:30", **berlin) == "2026-10-25T00:30:00Z"
    assert parse_value(field("datetime"), "29.03.2026 02:30", **berlin) == "2026-03-29T01:00:00Z"


def test_a_number_without_its_country_is_of_the_region() -> None:
    """A phone written as at home belongs to the installation's country."""
    berlin = parse_value(field("phone"), "030 123456", region="DE")
    assert berlin == {"number": "+4930123456"}
