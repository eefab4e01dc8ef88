"""The events of a YAML text, from ruamel.yaml's own parser, with bounds that hold before anything is built.

ruamel looks ahead to find out whether a bracket begins a key; a line of ten thousand opening brackets would cost it
minutes. So the scanner itself refuses to go deeper than `MAX_DEPTH`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import Event
from ruamel.yaml.parser import Parser
from ruamel.yaml.reader import Reader
from ruamel.yaml.scanner import Scanner
from typing_extensions import override

MAX_DEPTH = 40

_NO_CHARACTER = re.compile(r"\\U(?!000|0010)")
"""An escape beyond the last character there is, on which ruamel fails without a place."""


class TooDeep(Exception):
    """Brackets stand too deep inside each other; ``index`` is where the first one too many begins."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


class Unreadable(Exception):
    """The text is not YAML.

    Args:
        problem: what the parser says, in its own words; empty when it gave up without a word.
        index: where it noticed.
        context: what it was reading then.
        began: where that begins, or None.
    """

    def __init__(
        self, problem: str, index: int, context: str = "", began: int | None = None
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.index = index
        self.context = context
        self.began = began


def events(text: str) -> Iterator[Event]:
    """The events of the text, read as far as they are asked for.

    Raises:
        TooDeep: brackets nest deeper than `MAX_DEPTH`.
        Unreadable: a syntax error.
    """
    yaml = YAML(typ="safe", pure=True)
    yaml.Reader, yaml.Scanner, yaml.Parser = _Text, _BoundedScanner, _Parser
    try:
        yield from yaml.parse(text)
    except MarkedYAMLError as error:
        mark, context = error.problem_mark or error.context_mark, error.context_mark
        began = context.index if context else None
        raise Unreadable(
            str(error.problem or ""), mark.index, str(error.context or ""), began
        ) from error
    except (ValueError, OverflowError) as error:
        escape = _NO_CHARACTER.search(text)
        raise Unreadable(problem="", index=escape.start() if escape else 0) from error


class _Text(Reader):
    """The reader for a text that is in memory: no refilling, lines end in a line feed only."""

    @override
    def peek(self, index: int = 0) -> str:
        return self.buffer[self.pointer + index]

    @override
    def forward(self, length: int = 1) -> None:
        begin = self.pointer
        self.pointer += length
        self.index += length
        lines = self.buffer.count("\n", begin, self.pointer)
        if lines:
            self.line += lines
            self.column = self.pointer - self.buffer.rfind("\n", begin, self.pointer) - 1
        else:
            self.column += length


class _BoundedScanner(Scanner):
    """The scanner, bounded in depth; what the base class looks up for every character is looked up once."""

    reader: Any = None
    scanner_processing_version: Any = (1, 2)

    def __init__(self, loader: Any) -> None:
        self.reader = loader.reader
        self._enough = -1
        super().__init__(loader)

    @override
    def need_more_tokens(self) -> bool:
        """Whether the next token is not certain yet; once it is, it stays so until it is taken."""
        if self._enough == self.tokens_taken:
            return False
        if super().need_more_tokens():
            return True
        self._enough = self.tokens_taken
        return False

    @override
    def fetch_flow_collection_start(self, TokenClass: Any, to_push: str) -> None:
        if self.flow_level >= MAX_DEPTH:
            raise TooDeep(self.reader.index)
        super().fetch_flow_collection_start(TokenClass, to_push)


class _Parser(Parser):
    """The parser; it too looks its scanner up once."""

    scanner: Any = None

    def __init__(self, loader: Any) -> None:
        self.scanner = loader.scanner
        super().__init__(loader)
