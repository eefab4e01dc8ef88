"""Templates that want more than a text: refused by the checks, and harmless where there are no checks."""

from collections.abc import Callable, Iterator

import pytest
from jinja2 import TemplateAssertionError, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context as JinjaContext

from leadflow.text import (
    Context,
    Limits,
    RenderPool,
    TemplateFailed,
    TemplateRefused,
    check_template,
    typed,
)
from leadflow.text.errors import Unfit
from leadflow.text.filters import READER
from leadflow.text.sandbox import ENVIRONMENTS
from leadflow.text.shown import Reader, Shown
from tests.unit.text.sample import LEAD, value

CORPUS = {
    "a hundred megabytes": "{{ 'a' * 100000000 }}",
    "a hundred megabytes the other way round": "{{ 100000000 * 'a' }}",
    "nested ranges": "{% for a in range(3000) %}{% for b in range(1000) %}x{% endfor %}{% endfor %}",
    "centred": "{{ 'x'.center(10**8) }}",
    "format": "{{ '%100000000d'|format(1) }}",
    "the operator %": "{{ '%100000000d' % 1 }}",
    "str.format": "{{ '{0.__class__}'.format(lead) }}",
    "format_map": "{{ '{a.__class__}'.format_map(lead) }}",
    "a power": "{{ 3**3000000 }}",
    "a power of a power": "{{ 9**9**9**9 }}",
    "lipsum": "{{ lipsum(n=100000) }}",
    "the globals of lipsum": "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "cycler": "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "joiner": "{{ joiner.__init__.__globals__ }}",
    "namespace": "{% set ns = namespace(a=[]) %}",
    "a class of a text": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "a class of a value": "{{ lead.name.__class__.__init__.__globals__ }}",
    "a class by attr": "{{ lead|attr('__class__') }}",
    "a class by map": "{{ [lead]|map(attribute='__class__')|list }}",
    "a class in brackets": "{{ lead['__class__'] }}",
    "a context": "{{ self._TemplateReference__context }}",
    "the config": "{{ config.items() }}",
    "a value's own parts": "{{ lead.name.item.field._x }}",
    "doubling": "{% set a = 'aaaaaaaaaa' %}{% set a = a ~ a %}{{ a }}",
    "joined and joined": "{{ lead.note" + " ~ lead.note" * 1000 + " }}",
    "a macro that calls itself": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "a recursive loop": "{% for a in lead.topics recursive %}{{ loop(lead.topics) }}{% endfor %}",
    "include": "{% include '/etc/passwd' %}",
    "import": "{% import 'os' as os %}",
    "extends": "{% extends '/etc/passwd' %}",
    "a block": "{% block a %}{{ self.a() }}{% endblock %}",
    "xmlattr": "{{ {'a onload=x': 1}|xmlattr }}",
    "tojson": "{{ lead|tojson }}",
    "safe": "{{ lead.note|safe }}",
    "autoescape": "{% autoescape false %}{{ lead.note }}{% endautoescape %}",
    "pprint": "{{ lead|pprint }}",
    "indent": "{{ 'a\n'|indent(100000000) }}",
    "wordwrap": "{{ 'a'|wordwrap(1, wrapstring='b') }}",
    "batch": "{{ lead.topics|batch(100000000, 'x')|list }}",
    "slices": "{{ lead.topics|slice(100000000)|list }}",
    "a number of many digits": "{{ " + "9" * 4000 + " }}",
    "an infinite number": "{{ 1e400 * 1e400 }}",
    "deep brackets": "{{ " + "(" * 10000 + "1" + ")" * 10000 + " }}",
    "deep not": "{{ " + "not " * 10000 + "1 }}",
    "deep ifs": "{% if lead.x %}" * 500 + "{% endif %}" * 500,
    "many parts": "{{ lead.note }}" * 10_000,
    "a source of ten megabytes": "a" * 10_000_000,
    "unclosed a hundred thousand times": "{{" * 50_000,
    "comments a hundred thousand times": "{#" * 50_000,
}


@pytest.fixture(name="pool", scope="module")
def _pool() -> Iterator[RenderPool]:
    with RenderPool(size=1) as pool:
        yield pool


@pytest.mark.parametrize("name", CORPUS)
def test_an_attack_is_refused(name: str, pool: RenderPool) -> None:
    """The checks refuse it when a pipeline is published, and rendering it refuses it again."""
    assert check_template(CORPUS[name])
    with pytest.raises(TemplateFailed):
        pool.render(CORPUS[name], LEAD)


LONG = "я" * 20_000
HEAVY: dict[str, tuple[str, Context, str]] = {
    "more than 256 KB": (
        "{% for x in lead.list %}{{ x }}{{ x }}{% endfor %}",
        {"lead.list": value("long_text", [LONG] * 100, many=True)},
        "longer than 256 KB",
    ),
    "a filter that grows": (
        "{{ lead.note | replace('я', lead.note) | replace('я', lead.note) }}",
        {"lead.note": value("long_text", LONG)},
        "at most 65,536 characters",
    ),
    "an insertion everywhere": (
        "{{ lead.note | replace('', lead.note) }}",
        {"lead.note": value("long_text", LONG)},
        "at most 65,536 characters",
    ),
    "a join that grows": (
        "{{ lead.list | join(lead.note) }}",
        {"lead.note": value("long_text", LONG), "lead.list": value("text", ["a"] * 100, many=True)},
        "at most 65,536 characters",
    ),
    "a second of processor time": (
        "{% for x in lead.list %}{% if (lead.a | replace('b', 'c') | upper | length) < 0 %}x{% endif %}{% endfor %}",
        {
            "lead.a": value("long_text", LONG),
            "lead.list": value("text", ["a"] * 300_000, many=True),
        },
        "more than 1 second of processor time",
    ),
}


@pytest.mark.parametrize("name", HEAVY)
def test_what_the_checks_cannot_see_is_bounded(name: str, pool: RenderPool) -> None:
    """An allowed template with values that make it grow fails in its own terms, and the next text is rendered."""
    source, context, said = HEAVY[name]
    assert check_template(source) == []
    with pytest.raises(TemplateFailed, match=said) as caught:
        pool.render(source, context)
    assert not isinstance(caught.value, TemplateRefused)
    assert pool.render("{{ lead.price }}", LEAD) == "12 500 ₽"


def test_a_text_that_needs_too_much_memory_fails() -> None:
    """Past the limit of memory the text fails, the process is replaced and the next text is rendered."""
    hungry = typed(value("text", None).field, [LONG] * 1000)
    with RenderPool(size=1, limits=Limits(memory=80 << 20)) as pool:
        with pytest.raises(TemplateFailed, match="memory"):
            pool.render("{{ lead.list }}{{ lead.list }}", {"lead.list": hungry})
        assert pool.render("{{ lead.price }}", LEAD) == "12 500 ₽"


def _unchecked(source: str) -> str:
    """Renders in the sandbox alone, as if the checks had let everything through."""
    reader = Reader("ru", "UTC", "us")
    lead = Shown("lead", value("text", None), LEAD, reader)
    template = ENVIRONMENTS["plain"].from_string(source)
    context: JinjaContext = template.new_context({"lead": lead, READER: reader})
    render: Callable[[JinjaContext], Iterator[str]] = template.root_render_func
    return "".join(render(context))


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("{{ ''.__class__ }}", SecurityError),
        ("{{ ''.center(5) }}", SecurityError),
        ("{{ lead.name.__class__.x() }}", SecurityError),
        ("{{ lead() }}", SecurityError),
        ("{{ lead['name'] }}", SecurityError),
        ("{{ 2 ** 3 }}", SecurityError),
        ("{{ 7 % 3 }}", SecurityError),
        ("{{ 7 // 3 }}", SecurityError),
        ("{{ '%d' % 1 }}", SecurityError),
        ("{% for x in lead.topics %}{{ loop.cycle('a') }}{% endfor %}", SecurityError),
        ("{{ 'a' * 3 }}", Unfit),
        ("{{ lead.note * 3 }}", Unfit),
        ("{{ 'a' + 'b' }}", Unfit),
        ("{% for x in lead.name %}{% endfor %}", Unfit),
        ("{% for x in lead.topics %}{{ loop }}{% endfor %}", Unfit),
        ("{{ self }}", Unfit),
        ("{{ {'a': 1} }}", Unfit),
        ("{{ range }}", UndefinedError),
        ("{{ lead|attr('name') }}", TemplateAssertionError),
        ("{% include 'a' %}", TypeError),
    ],
)
def test_the_sandbox_holds_without_the_checks(source: str, error: type[Exception]) -> None:
    """Attributes, calls, brackets, repetition and powers lead nowhere even where no check has refused them."""
    with pytest.raises(error):
        _unchecked(source)


def test_a_private_name_leads_to_an_empty_value() -> None:
    """A part with a Python name is a lead's part like any other: there is none such, and it prints a dash."""
    assert _unchecked("{{ lead.name.__class__.__init__.__globals__ }}") == "—"
    assert _unchecked("{{ lead.item }} {{ lead.context }}") == "— —"
