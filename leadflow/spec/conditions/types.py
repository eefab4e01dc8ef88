"""What can be compared with what in a condition, and what to write instead."""

from __future__ import annotations

import re
from typing import NamedTuple

from leadflow.engine.expr import CompareOp, Expr, Lit, Ref, text
from leadflow.engine.natives import to_date, to_datetime
from leadflow.spec.conditions.names import Name
from leadflow.spec.suggest import hint_for_unknown


class Typed(NamedTuple):
    """A part of a condition and what it is."""

    expr: Expr
    name: Name


class Mismatch(NamedTuple):
    """What is wrong, where, and what to do."""

    at: Expr
    message: str
    hint: str = ""
    code: str = "LF117"


_FAMILIES = {
    "money": "number",
    **dict.fromkeys(("long_text", "email", "url", "address", "inn"), "text"),
    "choices": "choice",
}
_WORDS = {"number": "a number", "text": "a text", "flag": "yes or no", "datetime": "a moment"}
_ORDERED = frozenset({"number", "date", "datetime"})
_TEXTUAL = frozenset({"text", "choice", "user", "phone"})
"""Have a text in quotes to be compared with: a choice its option's id, a user his id, a phone its number."""
_NUMERIC = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_DOTTED_DATE = re.compile(r"([0-3]?[0-9])\.([01]?[0-9])\.([12][0-9]{3})")


def family(name: Name) -> str:
    """What compares with its like: money is a number, an e-mail a text."""
    return _FAMILIES.get(name.type, name.type)


def in_words(name: Name) -> str:
    """What a name is, for a message: ``a number``, ``a date``."""
    kind = family(name)
    return _WORDS.get(kind, f"a {kind}")


def compare_problem(op: CompareOp, left: Typed, right: Typed) -> Mismatch | None:
    """Why two parts cannot be compared, ``None`` if they can."""
    pairs = [(left, right), (right, left)]
    problems = [_incomparable(this, other) for this, other in pairs]
    problems += [
        _literal_problem(lit.expr, other) for lit, other in pairs if isinstance(lit.expr, Lit)
    ]
    problems.append(_unlike(left, right))
    if op not in {"==", "!="}:
        problems += [_orderless(this) for this, other in pairs if not isinstance(this.expr, Lit)]
    return next((problem for problem in problems if problem), None)


def _incomparable(this: Typed, other: Typed) -> Mismatch | None:
    written = text(this.expr)
    match family(this.name):
        case _ if this.name.several:
            return Mismatch(
                this.expr,
                f"{written} holds several values",
                f"write {text(other.expr)} in {written}",
            )
        case "task" | "track" as kind:
            return Mismatch(this.expr, f"{written} is a {kind}", f"write {written} is done")
        case "file":
            return Mismatch(
                this.expr, f"{written} is a file", f"a condition can ask: {written} is set"
            )
        case _:
            return None


def _literal_problem(lit: Lit, other: Typed) -> Mismatch | None:
    if lit.type == "text":
        return _text_problem(lit, str(lit.value), other)
    kind = family(other.name)
    if kind == lit.type:
        return None
    written = text(other.expr)
    hint = f"write {written} or not {written}" if kind == "flag" else ""
    if lit.type == "number" and kind in _TEXTUAL:
        hint = f'a text stands in quotes: "{lit.value}"'
    expected = in_words(Name(lit.type))
    return Mismatch(lit, f"{written} is {in_words(other.name)}, not {expected}", hint)


def _text_problem(lit: Lit, value: str, other: Typed) -> Mismatch | None:
    """A text in quotes beside something of a type: does it say a value of that type?"""
    written = text(other.expr)
    if not value:
        return Mismatch(lit, "nothing equals an empty text", f"write {written} is empty")
    if other.name.options:
        return _option_problem(lit, value, other)
    kind = family(other.name)
    if (
        kind in _TEXTUAL
        or (kind == "date" and to_date(value))
        or (kind == "datetime" and to_datetime(value))
    ):
        return None
    return Mismatch(
        lit, f"{written} is {in_words(other.name)}, not a text", _remedy(kind, value, written)
    )


def _remedy(kind: str, value: str, written: str) -> str:
    if kind == "number" and _NUMERIC.fullmatch(value):
        return f"write it without quotes: {value}"
    if kind == "date" and (found := _DOTTED_DATE.fullmatch(value)):
        return f'write "{found[3]}-{int(found[2]):02}-{int(found[1]):02}"'
    return {
        "flag": f"write {written} or not {written}",
        "date": 'write a date like "2026-11-25"',
        "datetime": 'write a moment with its zone, like "2026-11-25T14:00+03:00"',
        "person": f"compare a part of the name: {written}.last",
    }.get(kind, "")


def _option_problem(lit: Lit, value: str, other: Typed) -> Mismatch | None:
    options = other.name.options
    if value in options:
        return None
    kind = "user" if other.name.type == "user" else "option"
    by_label = [option for option, label in options.items() if label.casefold() == value.casefold()]
    hint = f'write its id: "{by_label[0]}"' if by_label else hint_for_unknown(kind, value, options)
    message = f'{text(other.expr)} has no {kind} "{value}"'
    return Mismatch(lit, message, hint, _option_code(other))


def _option_code(other: Typed) -> str:
    """A choice's option, or what else is named by one of a few ids: a user, a stage, an outcome, a source."""
    match other.expr:
        case Ref(path=("task", _, "outcome")):
            return "LF204"
        case Ref(path=(*_, "stage")):
            return "LF202"
        case Ref(path=("lead" | "deal", "source") | ("was", _, "source")):
            return "LF215"
        case _:
            return "LF207" if other.name.type == "user" else "LF206"


def _unlike(left: Typed, right: Typed) -> Mismatch | None:
    kinds = {family(left.name), family(right.name)}
    if (
        len(kinds) == 1
        or kinds <= _TEXTUAL
        or isinstance(left.expr, Lit)
        or isinstance(right.expr, Lit)
    ):
        return None
    hint = "compare a date with today, a moment with now" if kinds == {"date", "datetime"} else ""
    said = (
        f"{text(left.expr)} is {in_words(left.name)}, {text(right.expr)} is {in_words(right.name)}"
    )
    return Mismatch(left.expr, said, hint)


def _orderless(this: Typed) -> Mismatch | None:
    if family(this.name) in _ORDERED:
        return None
    return Mismatch(
        this.expr, f"{text(this.expr)} is {in_words(this.name)}, which has no order", "use == or !="
    )


def assign_problem(expr: Expr, found: Name, target: Name) -> Mismatch | None:
    """Why a computed value cannot be written into a field, ``None`` if it can: anything can be written as text."""
    if isinstance(expr, Lit):
        return _literal_problem(expr, Typed(Ref(("the field",)), target))
    into, what = family(target), family(found)
    if what in {"task", "track"} or (found.several and not target.several):
        return Mismatch(expr, f"{text(expr)} is {_what(found)}, the field takes {in_words(target)}")
    if into in {"text", what}:
        return None
    return Mismatch(expr, f"{text(expr)} is {in_words(found)}, the field takes {in_words(target)}")


def _what(name: Name) -> str:
    return f"a list of {family(name)}s" if name.several else in_words(name)
