"""Values as a template meets them: they print by type and reader, compare as in conditions, and are nothing else.

`Shown` is the only thing that a name in a template leads to. It hands out further `Shown` values by name and has no
attribute that a template could walk along.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal, NamedTuple, get_args

from typing_extensions import override

from leadflow.engine.conditions import Scope, evaluate, holds
from leadflow.engine.expr import Arith, ArithOp, Compare, CompareOp, In, Ref, Test, TestName
from leadflow.engine.fields import Field, FieldType, Value, is_empty
from leadflow.engine.natives import plain
from leadflow.text.context import NUMBER, PHONE, TEXT, Context, Typed
from leadflow.text.errors import EmptyValue, Unfit
from leadflow.values import display
from leadflow.values.languages import word, write_number

Audience = Literal["us", "client"]
NOTHING = "—"
"""What an empty value prints as for our own people."""

_PARTS = {
    "person": {"first": TEXT, "last": TEXT, "middle": TEXT},
    "phone": {"number": PHONE, "kind": TEXT, "ext": TEXT},
}


class Reader(NamedTuple):
    """Who reads the text: its language, the reader's clock, and whether it is one of us."""

    language: str
    timezone: str
    audience: Audience


class Shown:
    """A named value, a part of one, or a group of them (``task.contact``)."""

    __slots__ = ("context", "item", "name", "reader")

    def __init__(self, name: str, item: Typed, context: Context, reader: Reader) -> None:
        self.name = name
        self.item = item
        self.context = context
        self.reader = reader

    @classmethod
    def of(cls, field: Field, value: Value, reader: Reader) -> Shown:
        """A value that has no name: computed from what the template itself says."""
        return cls("this", Typed(field, value), {}, reader)

    def member(self, part: str) -> Shown:
        """``lead`` → ``lead.name`` → ``lead.name.first``; empty if there is none such."""
        name = f"{self.name}.{part}"
        item = self.context.get(name) or _part(self.item, part)
        return Shown(name, item, self.context, self.reader)

    def like(self, field: Field, value: Value) -> Shown:
        """Another value under the same name: an item of a list, a rounded number."""
        return Shown(self.name, Typed(field, value), self.context, self.reader)

    @property
    def empty(self) -> bool:
        return is_empty(self.item.value)

    @override
    def __str__(self) -> str:
        if not self.empty:
            return display(
                self.item.field,
                self.item.value,
                language=self.reader.language,
                timezone=self.reader.timezone,
            )
        if self.reader.audience == "client":
            raise EmptyValue(self.name)
        return NOTHING

    def __bool__(self) -> bool:
        return not self.empty and self.item.value is not False

    def __iter__(self) -> Iterator[Shown]:
        value = self.item.value
        if self.empty:
            return iter(())
        if isinstance(value, list):
            return iter([self.like(self.item.field, item) for item in value])
        message = f"{self.name} is not a list and cannot be gone through one by one"
        raise Unfit(message)

    def __len__(self) -> int:
        value = self.item.value
        return len(value) if isinstance(value, list | str) else int(not self.empty)

    def __contains__(self, item: object) -> bool:
        return holds(_IN, _scope(item, self))

    @override
    def __eq__(self, other: object) -> bool:
        return holds(_COMPARE["=="], _scope(self, other))

    @override
    def __ne__(self, other: object) -> bool:
        return holds(_COMPARE["!="], _scope(self, other))

    def __lt__(self, other: object) -> bool:
        return holds(_COMPARE["<"], _scope(self, other))

    def __le__(self, other: object) -> bool:
        return holds(_COMPARE["<="], _scope(self, other))

    def __gt__(self, other: object) -> bool:
        return holds(_COMPARE[">"], _scope(self, other))

    def __ge__(self, other: object) -> bool:
        return holds(_COMPARE[">="], _scope(self, other))

    __hash__ = None  # type: ignore[assignment] # equality here is the pipeline language's, no identity


_LEFT, _RIGHT = Ref(("left",)), Ref(("right",))
_IN = In(_LEFT, _RIGHT)
_COMPARE = {op: Compare(op, _LEFT, _RIGHT) for op in get_args(CompareOp)}
_ARITH = {op: Arith(op, _LEFT, _RIGHT) for op in get_args(ArithOp)}
_TESTS = {name: Test(name, _LEFT) for name in get_args(TestName)}


def _scope(left: object, right: object = None) -> Scope:
    known = {_LEFT.path: _canonical(left), _RIGHT.path: _canonical(right)}
    return known.__getitem__


def _canonical(value: object) -> tuple[FieldType, Value]:
    """A value of a template, be it named or written there, as conditions know it."""
    match value:
        case Shown():
            return value.item.field.type, value.item.value
        case bool():
            return "flag", value
        case int() | float() | Decimal():
            return "number", plain(Decimal(str(value)))
        case str():
            return "text", str(value)
        case list() | tuple():
            return "text", [_canonical(item)[1] for item in value]
        case None:
            return "text", None
        case _:
            message = "this is not a value that can be compared or counted with"
            raise Unfit(message)


def test(name: TestName, value: object) -> bool:
    """``lead.email is set``, ``task.contact is open``: as in conditions."""
    return holds(_TESTS[name], _scope(value))


def arithmetic(op: ArithOp, left: object, right: object, reader: Reader) -> Shown:
    """A number computed as in conditions: empty where it cannot be; money stays money of its currency."""
    sides = [side for side in (left, right) if isinstance(side, Shown)]
    money = [side for side in sides if side.item.field.type == "money"]
    ratio = op == "/" and len(money) == 2  # noqa: PLR2004 - money by money is a plain number
    field = money[0].item.field if money and not ratio else NUMBER
    for side in (left, right):
        if isinstance(side, str) or (isinstance(side, Shown) and not _countable(side)):
            message = f"{_named(side)} is not a number; join texts with ~"
            raise Unfit(message)
    result = evaluate(_ARITH[op], _scope(left, right))
    if sides:
        # An empty result is known by the name that made it empty.
        return min(sides, key=lambda side: not side.empty).like(field, result)
    return Shown.of(field, result, reader)


def _countable(value: Shown) -> bool:
    return value.empty or value.item.field.type in ("number", "money")


def _named(value: object) -> str:
    return value.name if isinstance(value, Shown) else f"'{value}'"


def _part(item: Typed, part: str) -> Typed:
    """A part of a person or a phone; empty of anything else."""
    field = _PARTS.get(item.field.type, {}).get(part, TEXT)
    if not isinstance(item.value, dict) or part not in _PARTS.get(item.field.type, {}):
        return Typed(field)
    if field is PHONE:
        return Typed(field, {"number": item.value["number"]})
    return Typed(field, item.value.get(part))


def written(value: object, reader: Reader) -> str:
    """What ``{{ … }}`` prints of anything that an expression can come to."""
    match value:
        case Shown() | str():
            return str(value)
        case None:
            return ""
        case bool():
            return word(reader.language, "yes" if value else "no")
        case int() | float() | Decimal():
            return write_number(Decimal(str(value)), reader.language)
        case list() | tuple():
            return ", ".join(written(item, reader) for item in value)
        case _:
            message = "this cannot be printed"
            raise Unfit(message)
