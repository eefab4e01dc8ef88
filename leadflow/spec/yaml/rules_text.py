"""Rules for mistakes inside a text: templates and colons without quotes, quotes that do not fit, odd beginnings."""

from __future__ import annotations

import re

from leadflow.spec.problems import quoted
from leadflow.spec.yaml.mistake import Mistake, all_in_quotes, braces
from leadflow.spec.yaml.spot import Spot

_TEMPLATE_VALUE = re.compile(r"(?:^|:[ ]+|-[ ]+|[\[{,][ ]*)(\{[{%])")
_IN_QUOTES = re.compile("\"[^\"]*\"|'[^']*'")


def template(spot: Spot) -> Mistake | None:
    """A value begins with ``{{`` or ``{%``, or has one in brackets, where braces are YAML's own."""
    visible = _IN_QUOTES.sub(lambda text: "_" * len(text.group()), spot.before)
    found = _TEMPLATE_VALUE.search(visible)
    if found:
        return braces(spot.line_start + found.start(1))
    for index in (spot.index - 1, spot.index, spot.began - 1, spot.began):
        if index >= 0 and spot.text.startswith(("{{", "{%"), index):
            return braces(index)
    return None


def unclosed_quote(spot: Spot) -> Mistake | None:
    """A quote is open to the end of the file, or to the next document."""
    never_ends = "end of stream" in spot.problem or "separator" in spot.problem
    return _open_quote(spot.began) if "quoted scalar" in spot.context and never_ends else None


def _open_quote(index: int) -> Mistake:
    return Mistake("LF015", index, "this quote is not closed", "close it at the end of the text")


def escape(spot: Spot) -> Mistake | None:
    """A backslash in double quotes, as in a Windows path; the parser fails on some without a word."""
    silent = not spot.problem and not spot.context
    if "double-quoted" not in spot.context and not silent:
        return None
    index = spot.text.rfind("\\", 0, spot.index + 1)
    message = "a backslash in double quotes begins a special character, and there is no such one"
    place = spot.index if index < 0 else index
    return Mistake("LF015", place, message, "use single quotes, or write the backslash twice")


def after_quote(spot: Spot) -> Mistake | None:
    """Something follows a closing quote; or that quote was to open a text, and the one before it is not closed."""
    quote = spot.at(spot.previous) if spot.previous >= spot.line_start else ""
    if quote not in {'"', "'"} or not spot.problem.startswith("expected"):
        return None
    opening = _opening(spot.text, spot.previous)
    if "\n" in spot.text[opening : spot.previous]:
        return _open_quote(opening)
    if spot.context.startswith("while parsing a flow") and spot.here in {'"', "'", "[", "{"}:
        return None
    hint = "put the whole text in one pair of quotes"
    if quote == "'" and spot.previous + 1 == spot.index:
        hint = "double an apostrophe inside single quotes, or use double quotes"
    return Mistake("LF015", spot.index, "text follows the closing quote", hint)


def _opening(text: str, closing: int) -> int:
    """The quote that the one at ``closing`` ends: the nearest above that stands where a text can begin."""
    start = closing
    while start >= 0:
        start = text.rfind(text[closing], 0, start)
        if start >= 0 and text[start - 1 : start] in {"", " ", "\n", "[", "{", ","}:
            return start
    return closing


_STARTS = ("cannot start any token", "mapping keys are not allowed")
_PREFIXES = ("while scanning an anchor", "while scanning an alias")


def reserved(spot: Spot) -> Mistake | None:
    """A text begins with a character that means something to YAML."""
    if spot.context == "while scanning a block scalar":
        message = (
            f"'{spot.at(spot.began)}' announces text on the lines below, but some follows here"
        )
        hint = "begin the text on the next line, indented; or put it in quotes"
        return Mistake("LF017", spot.began, message, hint)
    if spot.context in _PREFIXES:
        index = spot.began
    elif any(words in spot.problem for words in _STARTS) or (
        "expected the node content" in spot.problem and spot.here in {",", "]", "}", "?"}
    ):
        index = spot.index
    else:
        return None
    message = f"a text cannot begin with {quoted(spot.text[index])} unless it is in quotes"
    return Mistake("LF017", index, message, all_in_quotes(spot.line))
