"""What the people at the doors asked for and were told: a file of JSON lines a process, which outlives its death."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import msgspec

What = Literal["asked", "added", "acted", "refused", "told", "wrong"]
"""asked: an inquiry that is to become a lead, not answered yet · added: it is one · acted, refused: a decision's answer ·
told: a fact was taken · wrong: an answer that there should not be."""


class Line(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One of them."""

    time: float
    """Seconds of the epoch: when it was answered."""
    what: What
    number: int = 0
    """Of the inquiry: its external id."""
    lead: str = ""
    event: str = ""
    kind: str = ""
    """The event's class."""
    took: float = 0
    """Seconds, from the first try to the answer."""
    closed: bool = False
    """The act has ended the lead's life, and that is committed: nothing may go to the client from then on."""
    said: str = ""


_DECODE = msgspec.json.Decoder(Line).decode


class Journal:
    """Writes lines, each at once and whole."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, line: Line) -> None:
        """Adds a line."""
        with self._path.open("ab", buffering=0) as file:
            file.write(msgspec.json.encode(line) + b"\n")

    def note(self, what: What, **said: Any) -> None:
        """Adds a line of now."""
        self.write(Line(time=time.time(), what=what, **said))


def read(paths: Iterable[Path]) -> list[Line]:
    """All lines of some journals, by time; one that a death has cut short says nothing."""
    raw = (line for path in paths for line in path.read_bytes().split(b"\n"))
    return sorted((_DECODE(one) for one in raw if one.endswith(b"}")), key=lambda line: line.time)
