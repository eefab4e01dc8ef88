"""What a run has decided and does not know to be in the store."""

from __future__ import annotations

from collections.abc import Container

from leadflow.engine.state import State
from leadflow.ports import Commit, Happened
from workflows.shapes import Told


class Pending:
    """Events applied since a version, with what became of each; the oldest first."""

    def __init__(self, stored: int) -> None:
        self.stored = stored
        """The version that the store is known to have."""
        self._events: list[tuple[Told, Happened]] = []

    def __bool__(self) -> bool:
        return bool(self._events)

    def add(self, event: Told, happened: Happened) -> None:
        """An event was applied."""
        self._events.append((event, happened))

    def is_stored(self, version: int) -> None:
        """The store has come that far."""
        self.stored = max(self.stored, version)
        self._events = [one for one in self._events if one[1].version > self.stored]

    def batch(self, state: State) -> Commit:
        """All of it, to be stored; ``state``: after the last."""
        return Commit(state, tuple(happened for _, happened in self._events))

    def ids(self) -> tuple[str, ...]:
        """Of the events."""
        return tuple(event.id for event, _ in self._events)

    def begin_again(self, stored: int, known: Container[str]) -> list[Told]:
        """The store has another past: the events that it does not know, to be applied to that."""
        events = [event for event, _ in self._events if event.id not in known]
        self.stored, self._events = stored, []
        return events
