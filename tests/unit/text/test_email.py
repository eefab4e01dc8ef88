"""Letters: one template line of subject, then Markdown, once as text and once as safe HTML."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, strategies as st

from leadflow.engine.fields import Field
from leadflow.text import Context, EmptyValue, TemplateFailed, render_email, split_subject, typed
from tests.unit.text.sample import LEAD

NOTE = Field(id="note", type="long_text", label="")


def body_of(html: str) -> str:
    found = re.search(r"<body>\n(.*)</body>", html, re.DOTALL)
    assert found
    return found[1].strip()


def letter(body: str, **values: str) -> tuple[str, str]:
    context: Context = {f"lead.{name}": typed(NOTE, value) for name, value in values.items()}
    rendered = render_email(f"Subject: x\n\n{body}", context)
    return rendered.text, body_of(rendered.html)


def test_a_letter() -> None:
    """Subject, text and HTML say the same words; values print for the client."""
    source = (
        "Subject: {{ lead.name.first }}, ваше предложение\n\n# Здравствуйте!\n\n"
        "Стоимость **{{ lead.price }}**,\nдо {{ lead.visit }}.\n\n- окна\n- [двери](https://x.example/d)\n\n"
        "1. раз\n2. два\n\n---\n*Анна*"
    )
    rendered = render_email(source, LEAD, timezone="Europe/Moscow")
    assert rendered.subject == "Анна, ваше предложение"
    assert rendered.text == (
        "Здравствуйте!\n\nСтоимость 12 500 ₽,\nдо 25 ноября 2026, 14:00.\n\n"
        "- окна\n- двери (https://x.example/d)\n\n1. раз\n2. два\n\n---\n\nАнна\n"
    )
    assert body_of(rendered.html) == (
        "<h1>Здравствуйте!</h1>\n<p>Стоимость <strong>12 500 ₽</strong>,<br>\nдо 25 ноября 2026, 14:00.</p>\n"
        '<ul>\n<li>окна</li>\n<li><a href="https://x.example/d">двери</a></li>\n</ul>\n'
        "<ol>\n<li>раз</li>\n<li>два</li>\n</ol>\n<hr>\n<p><em>Анна</em></p>"
    )
    assert rendered.html.startswith('<!DOCTYPE html>\n<html lang="ru"><head><meta charset="utf-8">')


@pytest.mark.parametrize(
    "value",
    [
        "[x](http://evil.example)",
        "![x](https://evil.example/t.gif)",
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "**bold** _it_ `code` ~no~ | a |",
        "# heading",
        "- item",
        "+ item",
        "1. item",
        "12) item",
        "> quote",
        "===",
        "---",
        "a\n- b\n2. c\n# d\n    e",
        "&copy; &#60;b&#62;",
        "\\*escaped\\",
        "```\nfence\n```",
    ],
)
def test_a_value_is_only_text(value: str) -> None:
    """Nothing that a client wrote becomes markup: it comes out as it went in, in both parts."""
    text, html = letter("{{ lead.note }}", note=value)
    assert [line.strip() for line in text.splitlines()] == [
        line.strip() for line in value.splitlines()
    ]
    assert set(re.findall(r"<(\w+)", html)) <= {"p", "br", "a"}
    links = re.findall(r'<a href="([^"]*)">([^<]*)</a>', html)
    assert all(href == shown for href, shown in links), "a bare link shows where it leads"


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_value_is_only_text(first: str, second: str) -> None:
    """Property: whatever two values hold, a letter's HTML has no elements but paragraphs, breaks and bare links."""
    _, html = letter("{{ lead.a }} и {{ lead.b }}\n{{ lead.a }}", a=first or "x", b=second or "x")
    seen: list[str] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: seen.append(tag)  # type: ignore[method-assign] # a recorder
    parser.feed(html)
    assert set(seen) <= {"p", "br", "a"}


def test_a_link_may_hold_a_value() -> None:
    """A value inside a link's address, or bare in the text, keeps every character."""
    url = "https://pay.example/a_b-c?x=1&copy=2~(3)*4"
    text, html = letter("[Оплатить]({{ lead.url }}) или {{ lead.url }}.", url=url)
    assert text == f"Оплатить ({url}) или {url}.\n"
    written = url.replace("&", "&amp;")
    assert html.count(f'href="{written}"') == 2


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("<https://x.example/a>", '<p><a href="https://x.example/a">https://x.example/a</a></p>'),
        ("(см. https://x.example/a).", '<p>(см. <a href="https://x.example/a">https://x.example/a</a>).</p>'),
        ("[a](javascript:alert)", "<p>[a](javascript:alert)</p>"),
        ("[a](mailto:b@x.example)", '<p><a href="mailto:b@x.example">a</a></p>'),
        ("[https://a.example](https://b.example)",
         '<p><a href="https://b.example">https://a.example</a></p>'),
        ("<b onclick=x>a</b>", "<p>&lt;b onclick=x&gt;a&lt;/b&gt;</p>"),
        ("    four spaces", "<p>four spaces</p>"),
        ("Анна\n---", "<p>Анна</p>\n<hr>"),
        ("![Логотип](https://x.example/l.png)", '<p><img src="https://x.example/l.png" alt="Логотип"></p>'),
    ],
)  # fmt: skip
def test_what_markdown_becomes(body: str, html: str) -> None:
    """Links as given, only safe ones; no HTML of the author's; no traps for who writes letters."""
    assert letter(body)[1] == html


def test_lists_in_text() -> None:
    """Nested and numbered lists keep their marks and indents in the text part."""
    text, _ = letter(
        "- a\n  - b\n- c\n\n7. d\n8. e\n\nend [mail](mailto:a@x.example) [a@x.example](mailto:a@x.example)"
    )
    assert text == ("- a\n  - b\n- c\n\n7. d\n8. e\n\nend mail (mailto:a@x.example) a@x.example\n")


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("Добрый день\x00\u202e", "Добрый день"),
        ("{{ lead.note }}", "one Bcc: x@x.example"),
        ("a" * 250, "a" * 199 + "…"),
        ("*{{ lead.name.first }}*", "*Анна*"),
    ],
)
def test_a_subject_is_one_clean_line(subject: str, said: str) -> None:
    """Newlines and control characters cannot reach a header; it is cut at 200 characters; it is not Markdown."""
    context = dict(LEAD) | {"lead.note": typed(NOTE, "one\r\nBcc: x@x.example\x00")}
    assert render_email(f"Subject: {subject}\nbody", context).subject == said


def test_a_given_subject_goes_first() -> None:
    """The action's own subject replaces the template's, and makes one needless."""
    for source in ("Subject: theirs\nbody", "body"):
        rendered = render_email(source, LEAD, subject="{{ lead.price }}")
        assert (rendered.subject, rendered.text) == ("12 500 ₽", "body\n")


def test_a_letter_needs_a_subject() -> None:
    """Without a subject, or with one that comes to nothing, there is no letter."""
    with pytest.raises(TemplateFailed, match="no subject") as caught:
        render_email("body", LEAD)
    assert "Subject:" in caught.value.hint
    with pytest.raises(TemplateFailed, match="subject is empty"):
        render_email("Subject: {{ '' }}\nbody", LEAD)


def test_lines_of_the_body_are_those_of_the_file() -> None:
    """An empty value in the body is reported at its line of the whole template."""
    with pytest.raises(EmptyValue) as caught:
        render_email("Subject: x\n\n{{ lead.email }}", LEAD)
    assert caught.value.line == 3


@pytest.mark.parametrize(
    ("source", "subject", "body"),
    [
        ("Subject: a\nb", "a", "\nb"),
        ("\ufeffsubject:a\r\nb\r\n", "a", "\nb\n"),
        ("Subject:", "", ""),
        ("b\nSubject: a", None, "b\nSubject: a"),
    ],
)
def test_the_first_line_is_the_subject(source: str, subject: str | None, body: str) -> None:
    """Only a first line that begins with `Subject:` is one."""
    assert split_subject(source) == (subject, body)
