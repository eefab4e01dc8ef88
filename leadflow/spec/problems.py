"""Problems: what is wrong with a file, where, and what to do; all of them at once, for people and for programs.

A problem's code is stable and has a page (`leadflow.spec.codes`, ``docs/problems/``). As text:

    specs/permits.yaml:41:9: LF301 stage 'consent' cannot be reached
        hint: let an exit lead to it with 'goto: consent', or delete the stage
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from typing_extensions import override

from leadflow.spec.codes import CODES, Severity
from leadflow.spec.positions import NodePath, Position

_QUOTED = 60


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in one file; problems sort by path, line and column, which count from 1."""

    path: str
    line: int
    column: int
    code: str
    severity: Severity
    message: str
    hint: str = ""

    @override
    def __str__(self) -> str:
        line = f"{self.path}:{self.line}:{self.column}: {self.code} {self.message}"
        return f"{line}\n    hint: {self.hint}" if self.hint else line

    def to_json(self) -> dict[str, str | int]:
        """The problem as ``check --format json`` lists it."""
        return {
            "path": self.path,
            "line": self.line,
            "column": self.column,
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "hint": self.hint,
        }


def problem(path: str, where: Position, code: str, message: str, hint: str = "") -> Problem:
    """A problem with the severity that its code has.

    Raises:
        KeyError: the code is not in the registry.
    """
    return Problem(path, where.line, where.column, code, CODES[code].severity, message, hint)


class Located(Protocol):
    """What problems need to know about a file (`leadflow.spec.loader.Document`)."""

    @property
    def path(self) -> str:
        """The file's name, as problems show it."""

    def locate(self, path: NodePath, *, key: bool = False, offset: int | None = None) -> Position:
        """Where a node stands: its value, its key, or a character of its text."""


@dataclass(slots=True)
class Problems:
    """Collects the problems of a file; the same one twice counts once."""

    source: Located
    _found: dict[Problem, None] = field(default_factory=dict)

    def add(
        self,
        code: str,
        where: NodePath | Position,
        message: str,
        hint: str = "",
        *,
        key: bool = False,
        offset: int | None = None,
    ) -> None:
        """Notes a problem.

        Args:
            code: its code in the registry.
            where: the node it stands at, or a position. A node that is missing stands where it should be added.
            message: what is wrong, without a full stop; names from the file in single quotes.
            hint: what to do.
            key: it stands at the node's key, not at its value.
            offset: it stands at this character of the node's text.
        """
        if not isinstance(where, Position):
            where = self.source.locate(where, key=key, offset=offset)
        self._found[problem(self.source.path, where, code, message, hint)] = None

    def extend(self, problems: Iterable[Problem]) -> None:
        """Takes over problems found elsewhere."""
        self._found.update(dict.fromkeys(problems))

    def __iter__(self) -> Iterator[Problem]:
        return iter(sorted(self._found))

    def __len__(self) -> int:
        return len(self._found)

    @property
    def errors(self) -> bool:
        """Whether any of them is an error."""
        return has_errors(self._found)


def has_errors(problems: Iterable[Problem]) -> bool:
    """Whether any of the problems is an error (warnings do not stop a pipeline)."""
    return any(found.severity == "error" for found in problems)


def render_text(problems: Iterable[Problem]) -> str:
    """All problems as lines of text, sorted; empty when there are none."""
    return "\n".join(map(str, sorted(set(problems))))


def render_json(problems: Iterable[Problem]) -> list[dict[str, str | int]]:
    """All problems as plain data, sorted."""
    return [found.to_json() for found in sorted(set(problems))]


def quoted(text: str) -> str:
    """Text from a file, fit for a one-line message: in quotes, shortened, without control characters."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return f"'{shown}'" if len(shown) <= _QUOTED else f"'{shown[: _QUOTED - 1]}…'"
