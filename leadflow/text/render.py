"""Rendering in this process: for the simulator, and inside the process that bounds it (`leadflow.text.pool`)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from types import TracebackType
from typing import NamedTuple, NoReturn

import jinja2
from jinja2 import nodes

from leadflow.text.check import findings
from leadflow.text.context import ROOTS, TEXT, Context, Typed
from leadflow.text.errors import EmptyValue, TemplateFailed, TemplateRefused
from leadflow.text.expressions import NameUse
from leadflow.text.filters import READER
from leadflow.text.sandbox import ENVIRONMENTS, Markings
from leadflow.text.shown import Audience, Reader, Shown
from leadflow.text.source import parse, unified

MOST_BYTES = 262_144
"""UTF-8 bytes of a rendered text."""

_EMPTY = Typed(TEXT)


class Template(NamedTuple):
    """A template that may be rendered."""

    source: str
    names: tuple[NameUse, ...]


def parse_template(source: str) -> Template:
    """Checks a template.

    Raises:
        TemplateRefused: it uses what a text may not; carries all the issues.
    """
    found = findings(source)
    if found.issues:
        raise TemplateRefused(found.issues)
    return Template(source, found.names)


def render(
    source: str,
    context: Context,
    *,
    language: str = "ru",
    timezone: str = "UTC",
    audience: Audience = "us",
    html: bool = False,
) -> str:
    """The text that a template makes of a context.

    Args:
        source: The template.
        context: Dotted name → value; a name that is not there is empty.
        language: In which values print (``ru``, ``en``).
        timezone: The reader's zone (IANA).
        audience: For ``us`` an empty value prints "—"; to a ``client`` it raises `EmptyValue`.
        html: Whether the template is HTML, so that values are escaped in it.

    Raises:
        TemplateRefused: `check_template` has something against it.
        TemplateFailed: it cannot be rendered with these values, or makes more than 256 KB.
        EmptyValue: it is for a client and prints an empty value.
    """
    reader = Reader(language, timezone, audience)
    return fill(source, context, reader, "html" if html else "plain")


def fill(source: str, context: Context, reader: Reader, markings: Markings) -> str:
    """`render`, with values made inert in what the template is written in."""
    template = _compiled(source, markings)
    names: dict[str, object] = {
        root: Shown(root, context.get(root, _EMPTY), context, reader) for root in ROOTS
    }
    try:
        return _joined(template.root_render_func(template.new_context(names | {READER: reader})))
    except Exception as error:  # noqa: BLE001 - whatever a template brings about is its own failure
        _fail(error, template)


def _joined(pieces: Iterable[str]) -> str:
    kept: list[str] = []
    size = 0
    for piece in pieces:
        size += len(piece.encode())
        if size > MOST_BYTES:
            message = f"the text is longer than {MOST_BYTES // 1024} KB"
            raise TemplateFailed(message)
        kept.append(piece)
    return "".join(kept)


def _fail(error: Exception, template: jinja2.Template) -> NoReturn:
    line = _line(error.__traceback__, template)
    match error:
        case MemoryError():
            raise error  # not of the template alone: who set the limit knows what it means
        case EmptyValue():
            raise EmptyValue(error.name, line) from None
        case TemplateFailed():
            raise TemplateFailed(error.message, line) from None
        case jinja2.UndefinedError():
            hint = f"a name begins with one of: {', '.join(ROOTS)}"
            raise TemplateFailed(str(error), line, hint) from None
        case _:
            raise TemplateFailed(str(error) or type(error).__name__, line) from error


def _line(trace: TracebackType | None, template: jinja2.Template) -> int:
    """The template's line that was being rendered."""
    line = 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = template.get_corresponding_lineno(trace.tb_lineno)
        trace = trace.tb_next
    return line


@lru_cache(maxsize=512)
def _compiled(source: str, markings: Markings) -> jinja2.Template:
    parse_template(source)
    tree = parse(unified(source))
    for choice in tree.find_all(nodes.CondExpr):
        # {{ "срочно" if lead.urgent }}: nothing, where Jinja would print an undefined value.
        choice.expr2 = choice.expr2 or nodes.Const("", lineno=choice.lineno)
    return ENVIRONMENTS[markings].from_string(tree)
