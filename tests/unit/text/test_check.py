"""What a text may use, said all at once and in its place; and the names in it."""

import pytest
from hypothesis import given, strategies as st

from leadflow.text import (
    TemplateFailed,
    TemplateRefused,
    check_template,
    filters_used,
    names_used,
    render,
)
from leadflow.text.filters import FILTERS
from leadflow.text.sandbox import ENVIRONMENTS
from leadflow.text.source import DEEPEST, LONGEST, MOST_NODES


def issues(source: str) -> list[tuple[int, int, str]]:
    return [(issue.line, issue.column, issue.message) for issue in check_template(source)]


@pytest.mark.parametrize(
    ("source", "line", "column", "message", "hint"),
    [
        ("{{ lead.x | dat }}", 1, 13, "there is no filter 'dat'", "did you mean 'date'?"),
        ("{{ lead.x | zzzz }}", 1, 13, "there is no filter 'zzzz'", "there are capitalize, date"),
        ("{{ 'a'|plural('b') }}", 1, 8, "the filter plural takes 2 to 3 values in brackets", ""),
        ("{{ lead.x|upper(1) }}", 1, 11, "the filter upper takes no value in brackets", ""),
        ("{{ lead.x|default }}", 1, 11, "the filter default takes 1 value in brackets", ""),
        ("{{ lead.x|default('a', boolean=true) }}", 1, 11, "the filter default takes plain", "no name="),
        ("{{ lead.x|join(*lead.y) }}", 1, 11, "the filter join takes plain values only", ""),
        ("a\n  {{ lead.x is odd }}", 2, 16, "there is no test 'is odd'", "there is is set, is empty"),
        ("{{ lead.x is set(1) }}", 1, 14, "'is set' takes no value", "compare with =="),
        ("{{ lead.x() }}", 1, 1, "nothing can be called in a text", "write a filter"),
        ("{{ plural(1, 'a', 'b') }}", 1, 1, "nothing can be called in a text", "write a filter"),
        ("{{ lead['x'] }}", 1, 1, "a text has no square brackets after a name", "lead.name"),
        ("{{ lead.x[0:2] }}", 1, 1, "a text has no square brackets", ""),
        ("{{ {'a': 1} }}", 1, 1, "a text has no { … } values", ""),
        ("{{ 2 ** 3 }}", 1, 6, "** is not allowed in a text", "there are + - * /"),
        ("{{ 'a' % 3 }}", 1, 8, "% is not allowed in a text", ""),
        ("{{ 7 // 3 }}", 1, 6, "// is not allowed in a text", ""),
        ("{{ 2 * 3 * 'a' }}", 1, 10, "* counts with numbers, not with texts", "~"),
        ("{{ 'a' + lead.x }}", 1, 8, "+ counts with numbers, not with texts", "~"),
        ("{{ (lead.x ~ 'a') * 2 }}", 1, 19, "* counts with numbers, not with texts", "~"),
        ("{{ lead.x | upper }}{{ lead.__class__ }}", 1, 29, "'__class__' begins with an underscore", ""),
        ("{{ _x }}", 1, 4, "'_x' begins with an underscore", ""),
        ("{{ self }}", 1, 4, "there is no 'self' in a text", ""),
        ("{{ (lead.x | upper).y }}", 1, 21, "only a name can have a part after a dot", "lead.name.first"),
        ("{{ 'a'.b }}", 1, 8, "only a name can have a part after a dot", ""),
        ("{{ " + " ~ ".join(["lead.x"] * 11) + " }}", 1, 1, "more than 10 texts are joined", "in a row"),
        ("{{ 9999999999999999 }}", 1, 1, "a number has more than 15 digits", ""),
        ("{{ 1e999 }}", 1, 1, "a number has more than 15 digits", ""),
        ("{% for a in lead.x %}{% for b in lead.y %}{% endfor %}{% endfor %}", 1, 25,
         "a loop may not stand in another loop", "one {% for %}"),
        ("{% for a in lead.x recursive %}{% endfor %}", 1, 4, "a loop may not be recursive", ""),
        ("{% for a in lead.x | join %}{% endfor %}", 1, 4, "a loop goes through a list", ""),
        ("{% for a in 'abc' %}{% endfor %}", 1, 4, "a loop goes through a list", ""),
        ("{% for lead in lead.x %}{% endfor %}", 1, 8, "a loop gives each item one name of its own", ""),
        ("{% for a in lead.x %}{{ loop.cycle }}{% endfor %}", 1, 25, "loop has no such part", "loop.first"),
        ("{% set x = lead.y %}", 1, 4, "the tag 'set' is not allowed in a text", "where it is needed"),
        ("{% set x %}a{% endset %}", 1, 4, "the tag 'set' is not allowed in a text", ""),
        ("{% with x = 1 %}{% endwith %}", 1, 4, "the tag 'with' is not allowed in a text", ""),
        ("{% filter upper %}a{% endfilter %}", 1, 4, "the tag 'filter' is not allowed", "behind"),
        ("{% block a %}{% endblock %}", 1, 4, "the tag 'block' is not allowed in a text", "in full"),
        ("{% autoescape false %}{% endautoescape %}", 1, 4, "the tag 'autoescape' is not allowed", ""),
        ("{% include 'a' %}", 1, 4, "the tag 'include' is not allowed in a text", "in full"),
        ("{% import 'a' as b %}", 1, 4, "the tag 'import' is not allowed in a text", ""),
        ("{% from 'a' import b %}", 1, 4, "the tag 'from' is not allowed in a text", ""),
        ("{% extends 'a' %}", 1, 4, "the tag 'extends' is not allowed in a text", ""),
        # What Jinja cannot read: one issue, in words.
        ("a\n{{ lead.x ", 2, 1, "a {{ or {% is not closed", "close it with }} or %}"),
        ("{{ }}", 1, 1, "there is nothing between the braces", "{{ lead.name }}"),
        ("{% if lead.x %}a", 1, 4, "the tag 'if' is never closed", "{% endif %}"),
        ("a\n b {% whatever %}", 2, 7, "there is no tag 'whatever' in a text", "{% if … %}"),
        ("{{ lead.x № }}", 1, 11, "the character '№' cannot stand between the braces", ""),
        ("{{ lead.x lead.y }}", 1, 4, "'lead' is not expected here", "write a name"),
        ("{% if lead.x = 1 %}{% endif %}", 1, 14, "'=' is not expected here", "two signs: =="),
        ("a\n{% endif %}", 2, 4, "'endif' has no beginning here", "{% if … %}"),
        ("{% raw %}a", 1, 1, "the tag 'raw' is never closed", "{% endraw %}"),
        ("{% %}", 1, 1, "there is nothing between the braces", "{% if … %}"),
        ("{{ lead.x | }}", 1, 1, "'end of print statement' is not expected here", ""),
        ("{{ lead. }}", 1, 1, "a name ends in a dot", "lead.name"),
        ("{{ '\\x' }}", 1, 1, "escape", ""),
        ("{{\n}}", 2, 1, "there is nothing between the braces", ""),
        ("a {# b", 1, 3, "a comment is not closed", "#}"),
        ("{{ " + "9" * 5000 + " }}", 1, 1, "a number in the template is too long", ""),
        ("{{ " + "(" * 2000 + "1" + ")" * 2000 + " }}", 1, 1, "nested too deeply", ""),
    ],
)  # fmt: skip
def test_what_a_text_may_not_use_is_said_in_its_place(
    source: str, line: int, column: int, message: str, hint: str
) -> None:
    """Each thing outside the allow-list is an issue at the word that is wrong, with what to write instead."""
    found = check_template(source)
    assert [(issue.line, issue.column) for issue in found] == [(line, column)], found
    assert message in found[0].message
    assert hint in found[0].hint


def test_all_issues_come_at_once() -> None:
    """Issues inside refused parts are found too, in the order of the source."""
    source = (
        "{% macro m(a) %}\n{{ a.__x }}\n{% endmacro %}\n"
        "{{ lead.x | nope }} {{ lead.y | nope }}\n{% set z = 2 ** 2 %}{{ lead.x ** 2 }}"
    )
    assert [(line, column) for line, column, _ in issues(source)] == [
        (1, 4), (2, 6), (4, 13), (4, 33), (5, 4), (5, 14), (5, 31),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "source",
    [
        "{{ lead.name }}",
        "{%- if lead.a and not lead.b or lead.c is not set -%} x {%- elif lead.d in ['a'] %}{% else %}{% endif %}",
        "{% for a in lead.x %}{{ a.first }}{{ loop.index }}{% endfor %}{% for b in [1] %}{% endfor %}",
        "{{ (lead.price + 1) * 0.9 - lead.fee / 2 }}{{ 'a' ~ lead.b }}{{ 'a' if lead.c else none }}",
        "{{ lead.a | default(lead.b) | upper }}{# set #}{% raw %}{% set %}{% endraw %}",
        "{{ lead.set.include }} {{ lead.for }}",
        "",
        "Без скобок: { } 100% #1",
    ],
)
def test_what_a_text_may_use_is_let_through(source: str) -> None:
    """The allowed part of the language has no issues."""
    assert issues(source) == []


def test_limits_of_size() -> None:
    """A template that is too long, too deep or has too many parts is refused before it is compiled."""
    assert "131,073 characters" in issues("a" * (LONGEST + 1))[0][2]
    assert issues("a" * LONGEST) == []
    assert "nested too deeply" in issues("{{ " + "not " * DEEPEST + "lead.x }}")[0][2]
    assert "too many parts" in issues("{{ 1 }}\n" * MOST_NODES)[0][2]


def test_places_survive_stripped_white_space_and_windows_newlines() -> None:
    """Columns stay right after `-%}`, over several lines and with CRLF."""
    source = "x  {%- if lead.a -%}\r\n\r\n   {{ lead.b\r\n  .c | nope }}{% endif %}"
    assert [(use.path, use.line, use.column) for use in names_used(source)] == [
        (("lead", "a"), 1, 11),
        (("lead", "b", "c"), 3, 7),
    ]
    assert issues(source)[0][:2] == (4, 8)


@pytest.mark.parametrize(
    ("source", "uses"),
    [
        ("{{ lead.name }}", "lead.name!"),
        ("{{ lead.name.first }} {{ today }}", "lead.name.first! today!"),
        ('{{ lead.a | default("x") }}', "lead.a"),
        ("{{ lead.a | upper | default(lead.b) | lower }}", "lead.a lead.b!"),
        ("{{ lead.a | length }}", "lead.a"),
        ('{{ lead.a | replace("x", lead.b) | default("") }}', "lead.a lead.b!"),
        ("{{ lead.a or lead.b }}", "lead.a lead.b!"),
        ('{{ lead.a or lead.b or "x" }}', "lead.a lead.b"),
        ("{{ lead.a and lead.a }}", "lead.a! lead.a"),
        ("{{ lead.a * 2 + lead.b }} {{ -lead.c }}", "lead.a! lead.b! lead.c!"),
        ('{{ (lead.a ~ lead.b) | default("") }}', "lead.a! lead.b!"),
        ("{{ lead.a > 1 }} {{ lead.b is set }} {{ not lead.c }}", "lead.a lead.b lead.c"),
        ('{{ lead.a if lead.a else "x" }}', "lead.a lead.a"),
        ('{{ "x" if lead.a is empty else lead.a }}', "lead.a lead.a"),
        ("{{ lead.b if lead.a }}", "lead.b! lead.a"),
        ("{% if lead.a %}{{ lead.a }}{% endif %}{{ lead.a }}", "lead.a lead.a lead.a!"),
        ("{% if lead.a %}{% else %}{{ lead.a }}{% endif %}", "lead.a lead.a!"),
        ("{% if lead.a is empty %}{{ lead.a }}{% else %}{{ lead.a }}{% endif %}",
         "lead.a lead.a! lead.a"),
        ("{% if not lead.a %}{% elif lead.b %}{{ lead.a }}{{ lead.b }}{% else %}{{ lead.b }}{% endif %}",
         "lead.a lead.b lead.a lead.b lead.b!"),
        ('{% if lead.a == "x" and lead.b > lead.c %}{{ lead.a }}{{ lead.b }}{{ lead.c }}{% endif %}',
         "lead.a lead.b lead.c lead.a lead.b lead.c"),
        ('{% if lead.a != "x" %}{{ lead.a }}{% else %}{{ lead.a }}{% endif %}', "lead.a lead.a! lead.a"),
        ('{% if lead.a not in ["x"] %}{{ lead.a }}{% endif %}', "lead.a lead.a!"),
        ("{% if lead.a or lead.b %}{{ lead.a }}{% endif %}", "lead.a lead.b lead.a!"),
        ("{% if lead.a or lead.a > 1 %}{{ lead.a }}{% endif %}", "lead.a lead.a lead.a"),
        ("{% if not (lead.a is empty or lead.b is empty) %}{{ lead.b }}{% endif %}", "lead.a lead.b lead.b"),
        ("{% if lead.name.first %}{{ lead.name }}{{ lead.name.last }}{% endif %}",
         "lead.name.first lead.name lead.name.last!"),
        ("{% if lead.name %}{{ lead.name.first }}{% endif %}", "lead.name lead.name.first!"),
        ("{% for x in lead.a if x != lead.b %}{{ x.y }}{{ loop.last }}{{ lead.a }}{% endfor %}",
         "lead.a lead.b lead.a"),
        ("{% if task.contact is open %}{{ task.contact.outcome }}{% endif %}",
         "task.contact task.contact.outcome!"),
    ],
)  # fmt: skip
def test_names_and_whether_an_empty_one_does_harm(source: str, uses: str) -> None:
    """Every name is found in order; `!` marks those whose empty value would be printed."""
    found = names_used(source)
    assert " ".join(".".join(use.path) + "!" * (not use.defaulted) for use in found) == uses


def test_an_unreadable_template_has_no_names() -> None:
    """Names of a template that cannot be read are not guessed; of one that is refused they are found."""
    assert names_used("{{ lead.a }}{{ lead.b") == []
    assert [use.path for use in names_used("{% set x = lead.a %}{{ lead.b ** 2 }}")] == [
        ("lead", "a"),
        ("lead", "b"),
    ]


@given(
    st.lists(st.sampled_from(["lead.a", "owner.name", "task.x.outcome"]), min_size=1, max_size=8),
    st.lists(
        st.sampled_from([" ", "\n", "\r\n", "я { ", "\t", " lead.a "]), min_size=1, max_size=8
    ),
)
def test_every_name_is_where_it_is_said_to_be(names: list[str], between: list[str]) -> None:
    """The line and column of a use point at the name in the source."""
    source = "".join(f"{{{{ {name} }}}}{between[n % len(between)]}" for n, name in enumerate(names))
    lines = source.replace("\r\n", "\n").split("\n")
    uses = names_used(source)
    assert [".".join(use.path) for use in uses] == names
    for use in uses:
        assert lines[use.line - 1][use.column - 1 :].startswith(".".join(use.path))


PIECES = st.sampled_from(
    ["{{", "}}", "{%", "%}", "{#", "#}", "-", "if", "for", "in", "endif", "endfor", "else", "elif", "lead",
     ".", "name", "|", "upper", "default", "(", ")", "'a'", '"', "1", "~", "*", "**", "[", "]", ",", "is",
     "not", "set", "and", "or", "loop", "_x", "=", "raw", "endraw", "macro", " ", "\n", "я", "\x00", "٣"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=25).map(" ".join) | st.text(max_size=60))
def test_any_source_is_checked(source: str) -> None:
    """No source brings the checks down; one without issues can be rendered or fails in its own terms."""
    found = check_template(source)
    names_used(source)
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert all(1 <= issue.line <= len(lines) and issue.column >= 1 for issue in found)
    try:
        render(source, {})
    except TemplateRefused as refused:
        assert list(refused.issues) == found  # noqa: PT017 - either way is right, and both are checked
    except TemplateFailed:
        assert not found
    else:
        assert not found


def test_only_our_filters_and_tests_exist() -> None:
    """The environments have no filter, test or global but those that texts are documented to have."""
    for environment in ENVIRONMENTS.values():
        assert environment.filters.keys() == FILTERS.keys()
        assert environment.tests.keys() == {"set", "empty", "open", "done", "failed"}
        assert not environment.globals


def test_filters_are_found_behind_names() -> None:
    """Each with the name it stands behind and its own place; behind a loop's item or another filter it is not told."""
    source = """{{ lead.price | money }} {{ lead.name|upper|trim }}
{% for tag in lead.tags %}{{ tag|upper }}{% endfor %}{{ owner.phone|phone }}"""
    found = [(".".join(use.path), use.filter, use.line, use.column) for use in filters_used(source)]
    assert found == [
        ("lead.price", "money", 1, 17),
        ("lead.name", "upper", 1, 39),
        ("owner.phone", "phone", 2, 69),
    ]
