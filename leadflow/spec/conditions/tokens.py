"""A condition cut into words and signs, each with its place; what other languages write is recognised and explained."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple


@dataclass(frozen=True, slots=True)
class ConditionIssue:
    """Something wrong in a condition. ``column_offset``: characters from the start of its text, from 0."""

    message: str
    column_offset: int
    hint: str = ""
    severity: Literal["error", "warning"] = "error"
    code: str = "LF110"
    """Of the problem it is (`leadflow.spec.codes`)."""


class Token(NamedTuple):
    """A word or sign, from ``start`` up to ``end``.

    ``text`` is how it is read: of a slip (``=``) what was meant (``==``), of a quoted text what stands in the quotes.
    ``bad`` is what is wrong with it; a token of the kind ``unread`` says nothing.
    """

    kind: Literal["name", "number", "string", "sign", "end", "unread"]
    text: str
    start: int
    end: int
    bad: ConditionIssue | None = None


_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<name>[^\W\d]\w*)
      | (?P<number>[0-9][\w.]*)
      | (?P<string>"[^"\\]*"|'[^'\\]*')
      | (?P<curly>[“”„][^“”„]*[“”]|«[^«»]*»)
      | (?P<slip>===|!==|<>|=>|=<|&&?|\|\||=(?!=)|!(?!=)|[≥≤≠×÷−–—])
      | (?P<sign>==|!=|<=|>=|<|>|\*(?!\*)|/(?!/)|[-+()\[\],.])
      | (?P<unread>\*\*|//|\{\{|\}\}|"[^"]*"?|'[^']*'?|.)
    """,
    re.VERBOSE | re.DOTALL,
)

_MEANT = {
    "===": "==", "=": "==", "!==": "!=", "<>": "!=", "≠": "!=", "=>": ">=", "=<": "<=", "≥": ">=", "≤": "<=",
    "&&": "and", "&": "and", "||": "or", "!": "not", "×": "*", "÷": "/", "−": "-", "–": "-", "—": "-",
}  # fmt: skip

_NUMBER = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_MAX_DIGITS = 28
"""What the engine computes with (`leadflow.engine.natives`)."""


def tokenise(text: str) -> list[Token]:
    """All words and signs of a condition, then the kind ``end``."""
    return [*_tokens(text), Token("end", "", len(text), len(text))]


def _tokens(text: str) -> Iterator[Token]:
    for found in _TOKEN.finditer(text):
        start, end = found.span()
        written = found[0]
        match found.lastgroup:
            case "space":
                continue
            case "name" | "sign" as kind:
                yield Token(kind, written, start, end)
            case "string":
                yield Token("string", written[1:-1], start, end)
            case "number":
                yield _number(written, start, end)
            case "curly":
                bad = ConditionIssue(
                    "these quotes are not straight", start, f'write "{written[1:-1]}"'
                )
                yield Token("string", written[1:-1], start, end, bad)
            case "slip":
                yield _slip(written, start, end)
            case _:
                bad = ConditionIssue(*_why_unread(written, start))
                yield Token("unread", written, start, end, bad)


def _number(written: str, start: int, end: int) -> Token:
    if _NUMBER.fullmatch(written) and len(written) <= _MAX_DIGITS:
        return Token("number", written, start, end)
    hint = "write it in digits, like 12500 or 0.5; a text stands in quotes"
    bad = ConditionIssue(f"'{written}' is not a number", start, hint)
    return Token("number", "0", start, end, bad)


def _slip(written: str, start: int, end: int) -> Token:
    meant = _MEANT[written]
    bad = ConditionIssue(f"'{written}' means nothing in a condition", start, f"write '{meant}'")
    return Token("name" if meant.isalpha() else "sign", meant, start, end, bad)


def _why_unread(written: str, start: int) -> tuple[str, int, str]:
    match written[0]:
        case '"' | "'" if "\\" in written:
            place = start + written.index("\\")
            return "a backslash cannot stand in a quoted text", place, "leave it out"
        case '"' | "'" as quote:
            return "a quote is opened and not closed", start, f"end the text with {quote}"
        case "{" | "}":
            return (
                "a condition stands without braces",
                start,
                "write it as it is: lead.price > 1000",
            )
        case "|":
            hint = "compare the value itself; for 'one or the other' write 'or'"
            return "filters work in texts, not in conditions", start, hint
        case _:
            hint = "a condition knows and, or, not, in, is, comparisons and + - * /"
            return f"'{written}' means nothing in a condition", start, hint


def why_missing(token: Token, before: Token | None) -> tuple[str, str]:
    """Message and hint where a value should stand and ``token`` does."""
    if before is None and token.kind == "end":
        return "the condition is empty", "write one like lead.price > 1000"
    hint = "a value is a name like lead.price, a number, or a text in quotes"
    if token.kind == "end":
        return f"a value is missing after '{before.text if before else ''}'", hint
    return f"a value is missing before '{token.text}'", hint


def why_left_over(token: Token, before: Token) -> tuple[str, str]:
    """Message and hint for a token that goes with nothing before it."""
    small = token.text.lower()
    if token.kind == "name" and small in {"and", "or", "not", "in", "is"}:
        return f"'{token.text}' is not expected here", f"write '{small}' in small letters"
    if token.text in {"if", "else"}:
        return (
            f"'{token.text}' means nothing in a condition",
            "a condition holds or not; it chooses no value",
        )
    if before.kind == "number" and (token.kind == "number" or token.text == ","):
        return "a number is written without spaces and commas", "like 12500 or 0.5"
    if token.text in {")", "]"}:
        return f"'{token.text}' closes nothing", "remove it"
    if token.kind == "sign":
        return f"'{token.text}' is not expected here", ""
    hint = "join conditions with 'and' or 'or'; a text stands in quotes"
    return f"a word is missing before '{token.text}'", hint
