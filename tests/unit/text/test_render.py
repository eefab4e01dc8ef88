"""Values print in a text by type and reader; what is empty never goes to a client."""

import pytest
from hypothesis import given, strategies as st

from leadflow.engine.fields import Field
from leadflow.text import (
    Audience,
    EmptyValue,
    TemplateFailed,
    TemplateRefused,
    context_of,
    freeze,
    names_used,
    parse_template,
    render,
    thaw,
)
from tests.unit.text.sample import LEAD


def ours(source: str, language: str = "ru") -> str:
    return render(source, LEAD, language=language, timezone="Europe/Moscow")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ lead.name }}: {{ lead.price }}", "Анна Котова: 12 500 ₽"),
        ("{{ lead.name.first }} {{ lead.phone.ext }} {{ lead.phone.kind }}", "Анна 12 work"),
        ("{{ lead.phone }}", "+7 916 123-45-67 доб. 12"),
        ("{{ lead.phone.number }}", "+7 916 123-45-67"),
        ("{{ lead.visit }}", "25 ноября 2026, 14:00"),
        ('{{ lead.visit | date("short") }}', "25.11.2026, 14:00"),
        ('{{ lead.visit | date("time") }}', "14:00"),
        ('{{ lead.day | date("short") }} {{ lead.day | date }}', "25.11.2026 25 ноября 2026"),
        ("{{ lead.client }}, {{ lead.topics }}", "Юрлицо, Окна, Двери"),
        ("{{ owner }} {{ owner.phone }} {{ stage }}", "Анна К. +7 495 123-45-67 Новый"),
        ('{{ lead.guests }} {{ lead.guests | plural("гость", "гостя", "гостей") }}', "5 гостей"),
        ('{{ 1 | plural("day", "days") }}', "day"),
        ('{{ lead.topics | join(" / ") }} {{ lead.topics | length }}', "Окна / Двери 2"),
        ("{{ lead.topics | first }} {{ lead.topics | last }}", "Окна Двери"),
        ("{{ lead.name.first | first }}.", "А."),
        ("{{ lead.name | upper }} {{ lead.name | lower }}", "АННА КОТОВА анна котова"),
        ('{{ "анна к" | title }} {{ "АННА" | capitalize }}', "Анна К Анна"),
        ('[{{ " а " | trim }}] {{ "a-b-c" | replace("-", "+") }}', "[а] a+b+c"),
        ("{{ 2.345 | round(2) }} {{ lead.fee | round }}", "2,35 2 501 ₽"),
        ("{{ lead.price | number }} {{ 1234.5 | number }}", "12 500 1 234,5"),
        ('{{ 5 | money("USD") }} {{ lead.fee | money }} {{ 7 | money }}', "5 $ 2 500,50 ₽ 7 ₽"),
        ('{{ "89161234567" | phone }} {{ lead.phone | phone | length }}', "+7 916 123-45-67 24"),
        ("{{ lead.price * 0.9 }} {{ lead.price - lead.fee }}", "11 250 ₽ 9 999,50 ₽"),
        ("{{ (lead.price / lead.fee) | round }} {{ 1 / 3 }}", "5 0,3333333333"),
        ("{{ -lead.guests }} {{ +lead.guests }} {{ 2 * 3 + 1 }} {{ -2 }}", "-5 5 7 -2"),
        ('{{ lead.name ~ ", " ~ lead.guests }}', "Анна Котова, 5"),
        ('{{ "срочно" if lead.urgent }}{{ "нет" if lead.email }}', "срочно"),
        ('{{ "да" if lead.email else "без почты" }}', "без почты"),
        ("{{ lead.urgent }} {{ lead.price > 1000 }} {{ 1 == 2 }}", "да да нет"),
        ("{{ lead.email or lead.phone.number }}", "+7 916 123-45-67"),
        ("{{ none }}{{ [1, 0.5] }}", "1, 0,5"),
        ("{% for topic in lead.topics %}{{ loop.index }}. {{ topic }}\n{% endfor %}",
         "1. Окна\n2. Двери\n"),
        ("{% for x in ['a', lead.guests] %}{{ x }}{{ ';' if not loop.last }}{% endfor %}", "a;5"),
        ("{% for x in lead.tags %}{{ x }}{% else %}пусто{% endfor %}", "пусто"),
        ("{% for x in lead.topics if x == 'b' %}{{ x }}{% endfor %}", "Двери"),
        ("раз\n{% if lead.urgent %}\nдва\n{% endif %}\nтри", "раз\nдва\nтри"),
        ("{# a word to the author #}да", "да"),
        ("{% raw %}{{ lead.name }}{% endraw %}", "{{ lead.name }}"),
    ],
)  # fmt: skip
def test_a_text_prints_values_by_type(source: str, text: str) -> None:
    """Names, parts, filters, arithmetic, loops and conditions give what the reader expects."""
    assert ours(source) == text


def test_the_language_is_the_messages() -> None:
    """The same template prints its values in the language that the message is in."""
    said = ours(
        "{{ lead.day }}, {{ lead.guests | plural('guest', 'guests') }}, {{ lead.urgent }}", "en"
    )
    assert said == "November 25, 2026, guests, yes"


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("lead.price > 1000", True),
        ("lead.price == 12500", True),
        ("1000 < lead.price <= 12500", True),
        ('lead.client == "legal"', True),
        ('lead.client in ["person", "known"]', False),
        ('lead.client not in ["person", "known"]', True),
        ('"a" in lead.topics', True),
        ('"zz" in lead.topics', False),
        ('lead.day > "2026-11-24" and lead.day > today', True),
        ("lead.email < 5", False),
        ('lead.email == "a"', False),
        ('lead.email != "a"', True),
        ("lead.email == none", False),
        ("lead.price >= 12500 and lead.price < 1", False),
        ("lead.email is set", False),
        ("lead.email is empty and lead.name is set", True),
        ("task.contact is open", True),
        ("task.contact is done", False),
        ("task.other is open", False),
        ("task.contact.count * 2 == 4", True),
        ("lead.urgent", True),
        ("lead.urgent == true", True),
        ('lead.topics == ["a", "b"]', True),
        ("not lead.urgent", False),
        ("lead.guests - 5", True),
        ("lead.name > 5", False),
    ],
)
def test_a_condition_in_a_text_is_a_condition(condition: str, holds: bool) -> None:
    """An `if` in a text follows the rules of conditions: empty compares false, a zero is filled."""
    assert ours(f"{{% if {condition} %}}yes{{% else %}}no{{% endif %}}") == (
        "yes" if holds else "no"
    )


def test_an_empty_value_is_a_dash_for_us() -> None:
    """Our own people see a dash where nothing is known, in parts, filters and sums alike."""
    source = "{{ lead.email }} {{ lead.name.middle }} {{ lead.email | upper }} {{ lead.x * 2 }} {{ lead.x.y }}"
    assert ours(source) == "— — — — —"


@pytest.mark.parametrize(
    ("source", "name", "line"),
    [
        ("{{ lead.name }}\n\n{{ lead.email }}", "lead.email", 3),
        ("{{ lead.name.middle }}", "lead.name.middle", 1),
        ("a\n{{ lead.email | upper }}", "lead.email", 2),
        ("{{ 'mail ' ~ lead.email }}", "lead.email", 1),
        ("{{ lead.discount * 2 }}", "lead.discount", 1),
        ("{{ 2 * lead.discount }}", "lead.discount", 1),
        ("{{ lead.price * lead.discount }}", "lead.discount", 1),
        ("{{ lead.tags | join }}", "lead.tags", 1),
        ("{% if lead.urgent %}\n{{ lead.email or lead.site }}{% endif %}", "lead.site", 2),
        ("{{ signal.reason }}", "signal.reason", 1),
        ("{{ lead }}", "lead", 1),
    ],
)
def test_an_empty_value_never_goes_to_a_client(source: str, name: str, line: int) -> None:
    """A client's text with an empty value and no default is not rendered; the error says which and where."""
    with pytest.raises(EmptyValue) as caught:
        render(source, LEAD, audience="client")
    assert (caught.value.name, caught.value.line) == (name, line)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('{{ lead.email | default("нет") }}', "нет"),
        ('{{ lead.email | upper | default("нет") }}', "нет"),
        ('{{ lead.day2 | date("short") | default("скоро") }}', "скоро"),
        ("{{ lead.email | default(lead.phone.number) }}", "+7 916 123-45-67"),
        ('{{ lead.name | default("клиент") }}', "Анна Котова"),
        ('{{ lead.x * 2 | default("0") }}', "—"),
        ('{{ (lead.x * 2) | default("0") }}', "0"),
        ("{{ lead.tags | length }}", "0"),
        ("{{ lead.urgent | default(5) }}", "да"),
    ],
)
def test_a_default_stands_in_for_nothing(source: str, text: str) -> None:
    """A default is printed for an empty value, also behind filters, and only then."""
    audience: Audience = "us" if text == "—" else "client"
    assert render(source, LEAD, audience=audience) == text


@pytest.mark.parametrize(
    ("source", "said", "line"),
    [
        ("a\n{{ laed.name }}", "'laed' is undefined", 2),
        ("{{ laed | upper }}", "'laed' is undefined", 1),
        ("{% if laed is set %}{% endif %}", "'laed' is undefined", 1),
        ("{{ laed * 2 }}", "'laed' is undefined", 1),
        ("{{ -laed }}", "'laed' is undefined", 1),
        ("{{ lead.name + 1 }}", "lead.name is not a number; join texts with ~", 1),
        ("{{ lead.guests * lead.note }}", "lead.note is not a number", 1),
        ("{% for x in lead.name %}{% endfor %}", "lead.name is not a list", 1),
        ("\n\n{{ lead.price | date }}", "the filter date is for dates", 3),
        (
            '{{ lead.day | date("time") }}',
            "date cannot be written as 'time'; there is long, short, time",
            1,
        ),
        ('{{ lead.name | plural("a", "b") }}', "lead.name is not a number", 1),
        ("{{ true | number }}", "this is not a number", 1),
        ("{{ lead.guests | round(11) }}", "round to 0 to 10 decimals", 1),
        ("{{ lead.note | phone }}", "is not a phone number", 1),
        ("{{ 5 | length }}", "only a list or a text has a length", 1),
        ("{{ '' | first }}", "there is nothing in it to take", 1),
        ("{{ 5 | first }}", "there is nothing in it to take", 1),
    ],
)
def test_what_cannot_be_rendered_says_why_and_where(source: str, said: str, line: int) -> None:
    """A filter or operator that cannot take its value fails with the line of the template."""
    with pytest.raises(TemplateFailed, match=said) as caught:
        ours(source)
    assert caught.value.line == line


def test_html_is_escaped_and_text_is_not() -> None:
    """In a document values are text, whatever they contain; in an SMS they stay as they are."""
    note = "<b>мы & [вы](http://evil.example)</b>"
    assert ours("<p>{{ lead.note }}</p>") == f"<p>{note}</p>"
    page = render("<p>{{ lead.note }}{{ '<i>' ~ lead.note | first }}</p>", LEAD, html=True)
    assert page == ("<p>&lt;b&gt;мы &amp; [вы](http://evil.example)&lt;/b&gt;&lt;i&gt;&lt;</p>")


def test_a_text_is_at_most_256_kb() -> None:
    """A longer text is refused while it is being made, not after."""
    source = "{% for x in lead.list %}{{ x }}{% endfor %}"
    long = "я" * 15_000
    context = {"lead.list": LEAD["lead.tags"].__class__(LEAD["lead.tags"].field, [long] * 8)}
    assert len(render(source, context)) == 120_000
    context = {"lead.list": LEAD["lead.tags"].__class__(LEAD["lead.tags"].field, [long] * 9)}
    with pytest.raises(TemplateFailed, match="longer than 256 KB"):
        render(source, context)


def test_a_refused_template_is_not_rendered() -> None:
    """What the checks do not let through raises with all the issues, and is never run."""
    with pytest.raises(TemplateRefused) as caught:
        render("{% set a = 1 %}\n{{ range(3) }}", {})
    assert [(issue.line, issue.column) for issue in caught.value.issues] == [(1, 4), (2, 1)]
    with pytest.raises(TemplateRefused):
        parse_template("{{ lead.name")


def test_a_frozen_context_says_the_same() -> None:
    """Frozen as JSON and thawed, the values that a template names render to the same text."""
    source = (
        "{{ lead.name.first }} {{ lead.client }} {{ owner }} {{ lead.price }}"
        "{% if task.contact is open %} {{ lead.topics }}{% endif %}"
    )
    frozen = freeze(LEAD, [use.path for use in names_used(source)])
    assert set(frozen) == {
        "lead.name", "lead.client", "owner", "owner.phone", "lead.price", "task.contact",
        "task.contact.count", "lead.topics",
    }  # fmt: skip
    assert frozen["lead.client"]["field"]["options"] == {"legal": "Юрлицо"}
    assert render(source, thaw(frozen)) == render(source, LEAD)
    assert thaw(freeze(LEAD)).keys() == LEAD.keys()


def test_values_that_only_know_their_type_get_their_fields() -> None:
    """What an effect froze prints with the labels and currencies of the pipeline's fields."""
    client = LEAD["lead.client"].field
    context = context_of(
        {
            "lead.client": ("choice", "legal"),
            "was.lead.price": ("money", "100"),
            "task.contact": ("task", "done"),
            "owner.name": ("text", "Анна"),
            "signal.client": ("text", "other"),
        },
        {
            "client": client,
            "lead.price": LEAD["lead.price"].field,
            "price": LEAD["lead.price"].field,
        },
    )
    source = (
        "{{ lead.client }} {{ was.lead.price }} {{ owner.name }} {{ signal.client }}"
        "{{ ' done' if task.contact is done }}"
    )
    assert render(source, context) == "Юрлицо 100 ₽ Анна other done"
    assert context["signal.client"].field == Field(id="client", type="text", label="")


@given(st.text(max_size=200))
def test_a_text_without_braces_is_itself(text: str) -> None:
    """Whatever is no template comes out as it is, but for newlines and what looks like a tag."""
    plain = text.replace("{", "").replace("\r\n", "\n").replace("\r", "\n")
    assert render(plain, {}) == plain.removesuffix("\n")
