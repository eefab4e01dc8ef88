"""The Jinja environments: Jinja's own sandbox, with every way from a value to Python closed.

Walls, from the outside in: `leadflow.text.check` lets only a small part of the language through; here attributes lead
from `Shown` to `Shown` and nowhere else, nothing can be called, operators count with bounded decimals; and
`leadflow.text.pool` renders in a process with limits. Each holds alone (reference: what Jinja's sandbox does not stop).
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any, Literal, NoReturn, cast, get_args

from jinja2 import StrictUndefined, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context as JinjaContext, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from typing_extensions import override

from leadflow.engine.expr import ArithOp, TestName
from leadflow.text.filters import FILTERS, known, reader_of
from leadflow.text.shown import Shown, arithmetic, test, written

Markings = Literal["plain", "html", "markdown"]
"""What the template is written in, and so how values are made inert in it."""

LOOP_PARTS = frozenset({"first", "index", "last", "length"})
TESTS: tuple[TestName, ...] = get_args(TestName)

_MARKDOWN_INSIDE = re.compile(r"([\\`*_\[\]<>&!~|])")
_MARKDOWN_AT_LINE_START = re.compile(r"(?m)^([ \t]*(?:[0-9]+(?=[.)]))?)([-+#=.)])")


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment without globals, in which templates meet only `Shown` values."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})
    intercepted_unops = frozenset({"+", "-"})

    def __init__(self, markings: Markings) -> None:
        super().__init__(
            autoescape=markings == "html",
            undefined=StrictUndefined,
            finalize=_print_markdown if markings == "markdown" else _print,
            optimized=False,
            trim_blocks=True,
            lstrip_blocks=True,
            cache_size=0,
        )
        self.globals.clear()
        self.filters = {name: found.apply for name, found in FILTERS.items()}
        self.tests = dict[str, Any]((name, partial(_test, name)) for name in TESTS)

    @override
    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Shown):
            return obj.member(attribute)
        if isinstance(obj, LoopContext) and attribute in LOOP_PARTS:
            return getattr(obj, attribute)
        known(obj)
        return _refuse(f"'.{attribute}' of this")

    @override
    def getitem(self, obj: Any, argument: Any) -> Any:
        del obj, argument
        return _refuse("square brackets after a name")

    @override
    def call(self, *_: Any, **__: Any) -> Any:
        return _refuse("a call")

    @override
    def call_binop(self, context: JinjaContext, operator: str, left: Any, right: Any) -> Any:
        if operator not in get_args(ArithOp):
            _refuse(f"the operator {operator}")
        sign = cast("ArithOp", operator)
        return arithmetic(sign, known(left), known(right), reader_of(context))

    @override
    def call_unop(self, context: JinjaContext, operator: str, arg: Any) -> Any:
        return arithmetic(cast("ArithOp", operator), 0, known(arg), reader_of(context))


def _refuse(what: str) -> NoReturn:
    message = f"{what} is not allowed in a text"
    raise SecurityError(message)


def _test(name: TestName, value: object) -> bool:
    return test(name, known(value))


@pass_context
def _print(context: JinjaContext, value: object) -> str:
    return written(known(value), reader_of(context))


@pass_context
def _print_markdown(context: JinjaContext, value: object) -> str:
    return inert_in_markdown(_print(context, value))


def inert_in_markdown(text: str) -> str:
    """A value as it must stand in Markdown to come out as written: a client named ``[x](…)`` is not a link."""
    escaped = _MARKDOWN_INSIDE.sub(r"\\\1", text)
    return _MARKDOWN_AT_LINE_START.sub(r"\1\\\2", escaped)


ENVIRONMENTS: dict[Markings, Sandbox] = {name: Sandbox(name) for name in get_args(Markings)}
