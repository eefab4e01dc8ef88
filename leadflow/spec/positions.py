"""Where a node of a YAML file stands: places by node path, and the way from a character of a value back to the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from typing_extensions import override

NodePath = tuple[str | int, ...]
"""The way from the top of a file to a node: keys of maps, indexes of lists. ``()`` is the whole file."""


class Position(NamedTuple):
    """A character of a file; line and column count from 1, columns in characters."""

    line: int
    column: int

    @override
    def __str__(self) -> str:
        return f"{self.line}:{self.column}"


START = Position(1, 1)


class Place(NamedTuple):
    """Where a node stands: its value, the key it hangs on (None in lists and at the top), the slice of the text."""

    value: Position
    key: Position | None
    start: int
    end: int


class Places:
    """The places of all nodes of one file.

    Args:
        text: the text that ``start`` and ``end`` of the places count in.
        places: a place for every node.
    """

    def __init__(self, text: str, places: Mapping[NodePath, Place]) -> None:
        self.text = text
        self._places = places

    def __getitem__(self, path: NodePath) -> Place:
        return self._places[path]

    def __contains__(self, path: object) -> bool:
        return path in self._places

    def __iter__(self) -> Iterator[NodePath]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def value(self, path: NodePath) -> Position:
        """Where the value stands. For a node that is not there: the key of the nearest map or list around it."""
        place = self._places.get(path)
        return place.value if place else self._around(path)

    def key(self, path: NodePath) -> Position:
        """Where the key stands; for list items and the top, the value."""
        place = self._places.get(path)
        if place is None:
            return self._around(path)
        return place.key or place.value

    def character(self, path: NodePath, value: str, offset: int) -> Position:
        """Where a character of a text value stands, through quotes, escapes, folding and block indentation.

        Args:
            path: the node of the text; for one that is not there, the same answer as `value`.
            value: the text itself.
            offset: of the character in ``value``, from 0; its length means just after its end.
        """
        place = self._places.get(path)
        if place is None:
            return self._around(path)
        raw = self.text[place.start : place.end]
        return position_at(self.text, place.start + _index_in(raw, value, offset))

    def _around(self, path: NodePath) -> Position:
        while path:
            path = path[:-1]
            place = self._places.get(path)
            if place:
                return place.key or place.value
        return START


def position_at(text: str, index: int) -> Position:
    """The position of the character at ``index`` of a text whose lines end in a line feed."""
    before = text.rfind("\n", 0, index)
    return Position(text.count("\n", 0, index) + 1, index - before)


_WHITE = " \t\n"
_ESCAPED = re.compile(r"\\(?:x..|u.{4}|U.{8}|.)|.", re.DOTALL)
_DOUBLED = re.compile("''|.", re.DOTALL)
_ANY = re.compile(".", re.DOTALL)


def _index_in(raw: str, value: str, offset: int) -> int:
    """The index in ``raw`` (a scalar as written) of a character of its value.

    Folding and indentation change white space only: the n-th other character of the value is the n-th one written.
    """
    written = list(_characters(raw))
    nth = min(sum(character not in _WHITE for character in value[:offset]), len(written))
    if nth < len(written) and value[offset : offset + 1] not in _WHITE:
        return written[nth][0]
    if nth:
        return written[nth - 1][1]
    return 1 if raw[:1] in {"'", '"'} else 0


def _characters(raw: str) -> Iterator[tuple[int, int]]:
    """The slices of ``raw`` that make one character of the value each, white space left out."""
    first, last, unit = 0, len(raw), _ANY
    if raw[:1] in {"'", '"'}:
        first, last, unit = 1, last - 1, _ESCAPED if raw[0] == '"' else _DOUBLED
    elif raw[:1] in {"|", ">"}:
        first = raw.find("\n") + 1 or last
    for found in unit.finditer(raw, first, last):
        if not _makes_white(found.group()):
            yield found.span()


def _makes_white(unit: str) -> bool:
    if len(unit) > 2:  # noqa: PLR2004  longer than a backslash and a letter: a code point in hexadecimal
        code_point = unit[2:]
        return chr(int(code_point, 16)) in _WHITE
    return unit in _WHITE or unit in {"\\n", "\\t", "\\ ", "\\\t", "\\\n"}
