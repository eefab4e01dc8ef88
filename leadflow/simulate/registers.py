"""What a world keeps count of, where the store has tables: numbers given, turns taken, open leads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from leadflow.engine.state import State


class Registers:
    """One world's."""

    def __init__(self) -> None:
        self._numbers: Counter[str] = Counter()
        self._last: dict[str, str] = {}
        """Turn → who had the last one."""
        self._open: Counter[str] = Counter()
        """User → open leads."""

    def next_number(self, name: str) -> int:
        """The next of a counter, from 1."""
        self._numbers[name] += 1
        return self._numbers[name]

    def last(self, turn: str) -> str:
        """Who had the last one."""
        return self._last.get(turn, "")

    def took(self, turn: str, user: str) -> None:
        """This one has it now."""
        self._last[turn] = user

    def open_leads(self, turn: str, users: Sequence[str]) -> Mapping[str, int]:  # noqa: ARG002 -- `leadflow.rules.turns.Turns`
        """User → open leads, of everybody."""
        return self._open

    def moved(self, before: State, after: State) -> None:
        """Keeps count of open leads."""
        was = "" if before.closed else before.owner
        now = "" if after.closed else after.owner
        if was != now:
            self._open[was] -= 1
            self._open[now] += 1
