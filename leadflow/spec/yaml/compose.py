"""Builds plain data and places from YAML events, and refuses what the language leaves out of YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NoReturn

from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    StreamEndEvent,
)

from leadflow.spec.positions import NodePath, Place, Position, position_at
from leadflow.spec.problems import Problem, problem
from leadflow.spec.scalars import Data, Plain, kind_of
from leadflow.spec.yaml import mistake
from leadflow.spec.yaml.events import MAX_DEPTH, TooDeep, Unreadable, events
from leadflow.spec.yaml.explain import explain
from leadflow.spec.yaml.mistake import Mistake
from leadflow.spec.yaml.source import hidden_in, name_of

MAX_NODES = 50_000
MAX_PROBLEMS = 100
"""After so many nobody reads on, and neither do we."""

_SEPARATORS = re.compile(r"[\n,]")
"""Values side by side have one of these between them, so they bound the number of values beforehand."""

_ENTRY_ENDS = re.compile(r"\s*[,}]")
_DIRECTIVE = re.compile(r"^%", re.MULTILINE)


class _Stop(Exception):
    """Reading on makes no sense; the reason is among the problems."""


class Composer:
    """Reads one file; `compose` is called once.

    Args:
        text: the file's text, lines ending in a line feed.
        path: its name, as problems show it.
    """

    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.path = path
        self.places: dict[NodePath, Place] = {}
        self.problems: list[Problem] = []
        self.work = 0
        """Events read so far."""
        self._nodes = 0
        self._discarding = 0
        self._events: Iterator[Event] = iter(())

    def compose(self) -> dict[str, Data] | None:
        """The file's data; None when it could not be read to the end, or is no map."""
        try:
            if len(_SEPARATORS.findall(self.text)) > MAX_NODES:
                self._stop(mistake.too_many(0, MAX_NODES))
            self._events = events(self.text)
            return self._document()
        except TooDeep as error:
            self._note(mistake.too_deep(error.index, MAX_DEPTH))
        except Unreadable as error:
            self._note(explain(self.text, error))
        except _Stop:
            pass
        return None

    # ---- nodes ------------------------------------------------------------------------------------------------------

    def _document(self) -> dict[str, Data] | None:
        self._next()  # the stream begins
        event = self._next()
        if isinstance(event, StreamEndEvent):
            self._note(mistake.empty(0))
            return None
        order = _DIRECTIVE.search(self.text, 0, event.end_mark.index)
        if order:
            self._note(mistake.directive(order.start()))
        top = self._next()
        data = self._node(top, (), 0, None)
        self._next()  # the document ends
        after = self._next()
        if not isinstance(after, StreamEndEvent):
            self._note(mistake.second_document(after.start_mark.index))
        if isinstance(data, dict):
            return data
        start = top.start_mark.index
        self._note(mistake.empty(0) if data is None else mistake.no_map(start, kind_of(data)))
        return None

    def _node(self, event: Event, path: NodePath, depth: int, key: Position | None) -> Data:
        """Composes the node that an event begins; ``key`` is where its key stands."""
        self._count(event, depth)
        if isinstance(event, AliasEvent):
            self._note(mistake.reference(event.start_mark.index, event.anchor))
            data: Data = None
        else:
            self._no_properties(event)
            data = self._content(event, path, depth)
        if not self._discarding:
            self.places[path] = _place(event, key, data)
        return data

    def _content(self, event: Event, path: NodePath, depth: int) -> Data:
        if isinstance(event, ScalarEvent):
            return self._scalar(event)
        if not isinstance(event, MappingStartEvent):
            return self._list(path, depth)
        start = event.start_mark.index
        if event.flow_style and self.text.startswith("{{", start):
            self._note(mistake.braces(start))
            return self.text[start : self._skip(depth)]
        return self._map(path, depth)

    def _scalar(self, event: ScalarEvent) -> Data:
        text, start = str(event.value), event.start_mark.index
        if event.style is None:
            hidden = _odd_edge(text)
            if "{{" in text or "{%" in text:
                self._note(mistake.bare_template(start, text))
        else:
            hidden = hidden_in(text) if event.style == '"' else ""  # made by an escape
        if hidden:
            self._note(mistake.hidden(start, "the text holds", name_of(hidden)))
        if event.style is not None:
            return text
        return None if text in {"", "~", "null"} else Plain(text)

    def _list(self, path: NodePath, depth: int) -> list[Data]:
        items: list[Data] = []
        event = self._next()
        while not isinstance(event, CollectionEndEvent):
            items.append(self._node(event, (*path, len(items)), depth + 1, None))
            event = self._next()
        return items

    def _map(self, path: NodePath, depth: int) -> dict[str, Data]:
        items: dict[str, Data] = {}
        event = self._next()
        while not isinstance(event, CollectionEndEvent):
            key = self._key(event, depth)
            value = self._next()
            if key is None:
                self._discard(value, depth)
            elif key in items:
                self._note(mistake.twice(event.start_mark.index, key, self._line((*path, key))))
                self._discard(value, depth)
            else:
                items[key] = self._node(value, (*path, key), depth + 1, _position(event))
            event = self._next()
        return items

    def _key(self, event: Event, depth: int) -> str | None:
        """The key that an event begins; None when it cannot be one."""
        self._count(event, depth)
        start = event.start_mark.index
        if isinstance(event, AliasEvent):
            self._note(mistake.reference(start, event.anchor))
            return None
        self._no_properties(event)
        if _ENTRY_ENDS.match(self.text, event.end_mark.index) and isinstance(event, ScalarEvent):
            self._note(mistake.entry_without_value(start, str(event.value)))
            return None
        if not isinstance(event, ScalarEvent):
            written = self.text[start : self._skip(depth)]
            template = written.startswith("{{")
            self._note(
                mistake.braces(start) if template else mistake.structured_key(start, written)
            )
            return None
        text = str(event.value)
        if event.style is not None:
            return text
        edge = _odd_edge(text)
        if edge:
            self._note(mistake.hidden(start, "the key begins or ends with", name_of(edge)))
        wrong = mistake.bare_key(start, text)
        if wrong:
            self._note(wrong)
            return {"LF023": text, "LF011": text.removeprefix("-")}.get(wrong.code)
        return text

    # ---- reading ----------------------------------------------------------------------------------------------------

    def _next(self) -> Event:
        self.work += 1
        if len(self.problems) >= MAX_PROBLEMS:
            raise _Stop
        return next(self._events)

    def _count(self, event: Event, depth: int) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._stop(mistake.too_many(event.start_mark.index, MAX_NODES))
        if depth > MAX_DEPTH and isinstance(event, CollectionStartEvent):
            self._stop(mistake.too_deep(event.start_mark.index, MAX_DEPTH))

    def _discard(self, event: Event, depth: int) -> None:
        """Reads a value that has no place in the data, for its problems."""
        self._discarding += 1
        self._node(event, (), depth + 1, None)
        self._discarding -= 1

    def _skip(self, depth: int) -> int:
        """Passes over the rest of the collection just begun; the index of its end."""
        still_open, end = 1, 0
        while still_open:
            event = self._next()
            self._count(event, depth + still_open)
            if isinstance(event, CollectionStartEvent):
                still_open += 1
            elif isinstance(event, CollectionEndEvent):
                still_open -= 1
            end = event.end_mark.index
        return end

    # ---- problems ---------------------------------------------------------------------------------------------------

    def _no_properties(self, event: Event) -> None:
        if isinstance(event, NodeEvent) and event.anchor:
            self._note(mistake.anchor(event.start_mark.index, event.anchor))
        if isinstance(event, ScalarEvent | CollectionStartEvent) and event.ctag is not None:
            self._note(mistake.tag(event.start_mark.index))

    def _line(self, path: NodePath) -> int | None:
        """The line of the key of a node composed before, where that is known."""
        place = self.places.get(path)
        return place.key.line if place and place.key and not self._discarding else None

    def _note(self, found: Mistake) -> None:
        where = position_at(self.text, found.index)
        self.problems.append(problem(self.path, where, found.code, found.message, found.hint))

    def _stop(self, found: Mistake) -> NoReturn:
        self._note(found)
        raise _Stop


def _odd_edge(text: str) -> str:
    """A space at the edge of a text that is no usual one: YAML strips those, so it is a no-break space or the like."""
    if text == text.strip():
        return ""
    return text[0] if text[0].isspace() else text[-1]


def _position(event: Event) -> Position:
    return Position(event.start_mark.line + 1, event.start_mark.column + 1)


def _place(event: Event, key: Position | None, data: Data) -> Place:
    start, end = event.start_mark.index, event.end_mark.index
    if data is None and key and start == end:
        return Place(key, key, start, start)  # left empty: all that is there is the key
    if not isinstance(event, ScalarEvent):
        end = start + len(data) if isinstance(data, str) else start
    return Place(_position(event), key, start, end)
