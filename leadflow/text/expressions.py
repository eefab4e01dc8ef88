"""The expressions a text may use, and the names in them (the rules: `leadflow.text.check`)."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from jinja2 import nodes

from leadflow.text.errors import TemplateIssue
from leadflow.text.filters import FILTERS
from leadflow.text.guards import Names, filled_when, is_filled, path_of
from leadflow.text.sandbox import LOOP_PARTS, TESTS
from leadflow.text.source import Place, Places, WordKind

_LARGEST = 10**15
_RESERVED = ("caller", "kwargs", "self", "super", "varargs")
_OPERATORS: dict[type[nodes.Node], str] = {
    nodes.Add: "+", nodes.Sub: "-", nodes.Mul: "*", nodes.Div: "/",
    nodes.FloorDiv: "//", nodes.Mod: "%", nodes.Pow: "**",
}  # fmt: skip
_COUNTING = ("+", "-", "*", "/")
_NOT_HERE: dict[type[nodes.Node], tuple[str, str]] = {
    nodes.Call: (
        "nothing can be called in a text",
        'write a filter: {{ lead.date | date("short") }}',
    ),
    nodes.Dict: ("a text has no { … } values", "write the value itself"),
    nodes.Getitem: (
        "a text has no square brackets after a name",
        "write lead.name, or use | first",
    ),
}


class NameUse(NamedTuple):
    """A name in a text."""

    path: tuple[str, ...]
    """``("lead", "name", "first")``."""
    line: int
    column: int
    defaulted: bool
    """Whether an empty value does no harm there: a default stands by, it is only tested, or tested before."""


class FilterUse(NamedTuple):
    """A filter right behind a name."""

    path: tuple[str, ...]
    filter: str
    line: int
    column: int


class Around(NamedTuple):
    """What holds where an expression stands."""

    filled: Names = frozenset()
    """Names that cannot be empty here, because a condition around has tested them."""
    harmless: bool = False
    """Whether an empty value here is not printed but tested or replaced."""
    items: frozenset[str] = frozenset()
    """Names of loop items."""

    def knowing(self, filled: Names) -> Around:
        """The same where these names are filled."""
        return self._replace(filled=self.filled | filled)


class Expressions:
    """Walks expressions in the order of the source; collects issues and names."""

    def __init__(self, places: Places) -> None:
        self.issues: list[TemplateIssue] = []
        self.names: list[NameUse] = []
        self.filters: list[FilterUse] = []
        self.places = places
        self.here = Place(1, 1)
        """The braces around what is being looked at."""

    def issue(self, place: Place | None, message: str, hint: str = "") -> None:
        """Notes an issue; without a place at the braces around."""
        self.issues.append(TemplateIssue(*(place or self.here), message, hint))

    def place(self, kind: WordKind, word: str = "") -> Place:
        """The next place of a word; that of the braces around if the tokens know none."""
        return self.places.take(kind, word) or self.here

    def expression(self, node: nodes.Node, around: Around) -> None:
        """Looks at an expression of any kind."""
        look = _LOOK.get(type(node))
        if look is not None:
            look(self, node, around)
            return
        message, hint = _NOT_HERE.get(type(node), ("this is not allowed in a text", ""))
        self.issue(None, message, hint)
        self.parts(node, around)

    def parts(self, node: nodes.Node, around: Around) -> None:
        for child in node.iter_child_nodes():
            self.expression(child, around)

    def name(self, node: nodes.Name | nodes.Getattr, around: Around) -> None:
        path = path_of(node)
        if path is None:
            self._part_of_no_name(node, around)
            return
        place = self.place("name", path[0])
        for part in path[1:]:
            self._not_private(part, self.place("attribute", part))
        if path[0] in around.items:
            if path[0] == "loop" and path[1:] not in [(part,) for part in LOOP_PARTS]:
                known = ", ".join(f"loop.{part}" for part in sorted(LOOP_PARTS))
                self.issue(place, "loop has no such part", f"there is {known}")
            return
        self._not_private(path[0], place)
        if path[0] in _RESERVED:
            self.issue(place, f"there is no '{path[0]}' in a text")
        if isinstance(node, nodes.Name) and node.ctx != "load":
            return  # given a value here, not used
        defaulted = around.harmless or is_filled(path, around.filled)
        self.names.append(NameUse(path, *place, defaulted))

    def _part_of_no_name(self, node: Any, around: Around) -> None:
        self.expression(node.node, around)
        place = self.place("attribute", node.attr)
        self._not_private(node.attr, place)
        self.issue(
            place, "only a name can have a part after a dot", "write it like lead.name.first"
        )

    def _not_private(self, word: str, place: Place) -> None:
        if word.startswith("_"):
            self.issue(place, f"'{word}' begins with an underscore; no name in a text does")

    def constant(self, node: nodes.Const, _: Around) -> None:
        value = node.value
        if isinstance(value, int | float) and not abs(value) < _LARGEST:
            self.issue(None, "a number has more than 15 digits")

    def filter(self, node: nodes.Filter, around: Around) -> None:
        replaced = node.name in ("default", "length")
        if node.node is not None:
            self.expression(node.node, around._replace(harmless=around.harmless or replaced))
        place = self.place("filter", node.name)
        path = path_of(node.node) if node.node is not None else None
        if path is not None and path[0] not in around.items:
            self.filters.append(FilterUse(path, node.name, *place))
        known = FILTERS.get(node.name)
        if known is None:
            self.issue(place, f"there is no filter '{node.name}'", _near(node.name, FILTERS))
        elif not known.least <= len(node.args) <= known.most:
            self.issue(place, f"the filter {node.name} takes {_count(known.least, known.most)}")
        if node.kwargs or node.dyn_args or node.dyn_kwargs:
            self.issue(place, f"the filter {node.name} takes plain values only", "write no name=")
        inside = around if node.name == "default" else around._replace(harmless=False)
        for argument in node.args:
            self.expression(argument, inside)

    def test(self, node: nodes.Test, around: Around) -> None:
        self.expression(node.node, around._replace(harmless=True))
        place = self.place("test", node.name)
        if node.name not in TESTS:
            known = ", ".join(f"is {name}" for name in TESTS)
            self.issue(place, f"there is no test 'is {node.name}'", f"there is {known}")
        if node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
            self.issue(place, f"'is {node.name}' takes no value", "compare with ==")

    def either(self, node: nodes.Or, around: Around) -> None:
        self.expression(node.left, around._replace(harmless=True))
        self.expression(node.right, around)

    def both(self, node: nodes.And, around: Around) -> None:
        self.expression(node.left, around)
        self.expression(node.right, around.knowing(filled_when(node.left, holds=True)))

    def choice(self, node: nodes.CondExpr, around: Around) -> None:
        self.expression(node.expr1, around.knowing(filled_when(node.test, holds=True)))
        self.expression(node.test, around._replace(harmless=True))
        if node.expr2 is not None:
            self.expression(node.expr2, around.knowing(filled_when(node.test, holds=False)))

    def tested(self, node: nodes.Node, around: Around) -> None:
        self.parts(node, around._replace(harmless=True))

    def joined(self, node: nodes.Node, around: Around) -> None:
        self.parts(node, around._replace(harmless=False))

    def counted(self, node: nodes.BinExpr, around: Around) -> None:
        sign = _OPERATORS[type(node)]
        self.expression(node.left, around)
        place = self.place("operator", sign)
        if sign not in _COUNTING:
            self.issue(place, f"{sign} is not allowed in a text", "there are + - * /")
        elif any(_is_text(side) for side in (node.left, node.right)):
            self.issue(place, f"{sign} counts with numbers, not with texts", "join texts with ~")
        self.expression(node.right, around)


_LOOK: dict[type[nodes.Node], Callable[[Expressions, Any, Around], None]] = {
    nodes.Name: Expressions.name,
    nodes.Getattr: Expressions.name,
    nodes.Const: Expressions.constant,
    nodes.Filter: Expressions.filter,
    nodes.Test: Expressions.test,
    nodes.Or: Expressions.either,
    nodes.And: Expressions.both,
    nodes.CondExpr: Expressions.choice,
    nodes.Not: Expressions.tested,
    nodes.Compare: Expressions.tested,
    nodes.Operand: Expressions.tested,
    nodes.Concat: Expressions.joined,
    nodes.Neg: Expressions.parts,
    nodes.Pos: Expressions.parts,
    nodes.List: Expressions.parts,
    nodes.Tuple: Expressions.parts,
    nodes.Slice: Expressions.parts,  # only inside what is refused already
    nodes.Pair: Expressions.parts,
    **dict.fromkeys(_OPERATORS, Expressions.counted),
}


def _is_text(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Concat) or (
        isinstance(node, nodes.Const) and isinstance(node.value, str)
    )


def _near(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"did you mean '{near[0]}'?" if near else f"there are {', '.join(sorted(known))}"


def _count(least: int, most: int) -> str:
    if most == 0:
        return "no value in brackets"
    many = f"{least}" if least == most else f"{least} to {most}"
    return f"{many} value{'' if most == 1 else 's'} in brackets"
