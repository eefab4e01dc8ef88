"""Letters: a first line ``Subject: …``, then Markdown, rendered once into a text part and an HTML part.

Values come out as they are: their Markdown is escaped before, HTML in the source is text, and what is left is cleaned
once more by nh3. Lines break where they break in the source; a bare link becomes a link.
"""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from leadflow.text.context import Context
from leadflow.text.errors import TemplateFailed
from leadflow.text.render import fill
from leadflow.text.shown import Audience, Reader
from leadflow.text.source import unified
from leadflow.values.clean import line

LONGEST_SUBJECT = 200
"""Characters; what is longer ends in an ellipsis."""

_SUBJECT = re.compile(r"\ufeff?\s*subject:[ \t]*(.*)", re.IGNORECASE)
_LINK = re.compile(r"<(?P<framed>https?://[^\s<>]+)>|(?P<bare>https?://[^\s<>«»\"]+)")
_AFTER_LINK = ".,;:!?'*_]"
_TAGS = {
    "a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p",
    "strong", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto", "tel"}

_ENDS_A_BLOCK = ("inline", "hr", "bullet_list_close", "ordered_list_close")

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(
    # Traps for who writes letters, not documents: four spaces, a line of dashes below a name.
    ["autolink", "code", "fence", "lheading", "reference"]
)


class RenderedEmail(NamedTuple):
    """A letter: one line, and two renderings of the same words."""

    subject: str
    text: str
    html: str


def split_subject(source: str) -> tuple[str | None, str]:
    """The subject's template and the body's, which keeps its line numbers; no subject: ``None``."""
    first, newline, rest = unified(source).partition("\n")
    found = _SUBJECT.fullmatch(first)
    return (found[1], newline + rest) if found else (None, source)


def render_email(
    source: str,
    context: Context,
    *,
    subject: str | None = None,
    language: str = "ru",
    timezone: str = "UTC",
    audience: Audience = "client",
) -> RenderedEmail:
    """A letter from a template ``Subject: …`` + Markdown.

    Args:
        source: The template.
        context: Dotted name → value.
        subject: A template that goes before the source's own subject, which then may be missing.
        language: In which values print.
        timezone: The reader's zone (IANA).
        audience: For a ``client`` an empty value raises `EmptyValue`.

    Raises:
        TemplateFailed: it cannot be rendered, or has no subject.
        EmptyValue: it is for a client and prints an empty value.
    """
    own, body = split_subject(source)
    chosen = own if subject is None else subject
    if chosen is None:
        message, hint = "the letter has no subject", "begin its template with a line Subject: …"
        raise TemplateFailed(message, 1, hint)
    reader = Reader(language, timezone, audience)
    written = line(fill(chosen, context, reader, "plain"))
    if not written:
        message = "the subject is empty"
        raise TemplateFailed(message, 1)
    if len(written) > LONGEST_SUBJECT:
        written = written[: LONGEST_SUBJECT - 1].rstrip() + "…"
    tokens = _MARKDOWN.parse(fill(body, context, reader, "markdown"))
    for token in tokens:
        token.children = list(_linked(token.children or []))
    return RenderedEmail(written, _as_text(tokens), _as_html(tokens, language))


def _linked(tokens: Iterable[Token]) -> Iterator[Token]:
    """Makes bare links links, outside of links."""
    inside = 0
    for token in tokens:
        inside += (token.type == "link_open") - (token.type == "link_close")
        if token.type != "text" or inside:
            yield token
            continue
        end = 0
        for found in _LINK.finditer(token.content):
            link = found["framed"] or _without_what_follows(found["bare"])
            yield Token("text", "", 0, content=token.content[end : found.start()])
            yield Token("link_open", "a", 1, attrs={"href": link})
            yield Token("text", "", 0, content=link)
            yield Token("link_close", "a", -1)
            end = found.end() if found["framed"] else found.start() + len(link)
        yield Token("text", "", 0, content=token.content[end:])


def _without_what_follows(link: str) -> str:
    """A bare link without the sentence's own full stop or closing bracket."""
    while link[-1] in _AFTER_LINK or (link[-1] == ")" and link.count(")") > link.count("(")):
        link = link[:-1]
    return link


def _as_html(tokens: list[Token], language: str) -> str:
    rendered = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    body = nh3.clean(
        str(rendered), tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{html.escape(language)}">'
        f'<head><meta charset="utf-8"></head>\n<body>\n{body}</body></html>\n'
    )


def _as_text(tokens: list[Token]) -> str:
    """Paragraphs apart by a blank line, list items with their marks, links behind their words."""
    blocks: list[str] = []
    lists: list[Iterator[str]] = []
    mark = ""
    for token in tokens:
        if token.type.endswith("_list_open"):
            lists.append(_marks(token))
        elif token.type.endswith("_list_close"):
            lists.pop()
        elif token.type == "list_item_open":
            mark = next(lists[-1])
        elif token.type in ("inline", "hr"):
            words = "---" if token.type == "hr" else _words(token.children or [])
            blocks.append("  " * (len(lists) - 1) + mark + words)
            mark = ""
        if not lists and token.type in _ENDS_A_BLOCK:
            blocks.append("")
    return "\n".join(blocks).strip() + "\n"


def _marks(opening: Token) -> Iterator[str]:
    """What goes before each item of a list."""
    if opening.type == "bullet_list_open":
        return itertools.repeat("- ")
    return (f"{number}. " for number in itertools.count(int(opening.attrGet("start") or 1)))


def _words(tokens: list[Token]) -> str:
    words: list[str] = []
    href, since = "", 0
    for token in tokens:
        match token.type:
            case "softbreak" | "hardbreak":
                words.append("\n")
            case "link_open":
                href, since = str(token.attrGet("href") or ""), len(words)
            case "link_close":
                shown = "".join(words[since:])
                if shown not in (href, href.removeprefix("mailto:").removeprefix("tel:")):
                    words.append(f" ({href})")
            case _:
                words.append(token.content)
    return "".join(words)
