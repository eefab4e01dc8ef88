"""The text around the place where the parser gave up."""

from __future__ import annotations

import re

from leadflow.spec.yaml.events import Unreadable

_COMMENT = re.compile(r"(?:^|\s)#.*")


def without_comment(line: str) -> str:
    """A line without its comment and the spaces at its end."""
    return _COMMENT.sub("", line).rstrip()


def indent(line: str) -> int:
    """How many spaces a line begins with."""
    return len(line) - len(line.lstrip(" "))


class Spot:
    """The place and its surroundings, for rules to look at.

    Attributes:
        text: the whole text.
        problem: what the parser says.
        context: what it was reading.
        index: where it gave up.
        began: where that which it was reading begins.
        here: the character at the place; empty at the end of the text.
        line_start: the index of the line of the place.
        line: that line.
        before: the line up to the place.
    """

    def __init__(self, text: str, error: Unreadable) -> None:
        self.text = text
        self.problem = error.problem
        self.context = error.context
        self.index = error.index
        self.began = error.index if error.began is None else error.began
        self.here = self.at(self.index)
        self.line_start = self.start_of_line(self.index)
        self.line = self.line_at(self.line_start)
        self.before = text[self.line_start : self.index]

    def at(self, index: int) -> str:
        """The character at ``index``; empty outside the text."""
        return self.text[index : index + 1] if index >= 0 else ""

    def start_of_line(self, index: int) -> int:
        """The index of the first character of the line around ``index``."""
        return self.text.rfind("\n", 0, index) + 1

    def line_at(self, start: int) -> str:
        """The line that begins at ``start``."""
        end = self.text.find("\n", start)
        return self.text[start:] if end < 0 else self.text[start:end]

    def line_above(self, start: int) -> tuple[int, str]:
        """The nearest line above that says something: where it begins, and what it says without a comment."""
        while start > 0:
            start = self.start_of_line(start - 1)
            line = without_comment(self.line_at(start))
            if line:
                return start, line
        return 0, ""

    @property
    def first(self) -> int:
        """The index of the first visible character of the line."""
        return self.line_start + indent(self.line)

    @property
    def previous(self) -> int:
        """The index of the nearest visible character before the place; -1 if there is none."""
        return len(self.text[: self.index].rstrip()) - 1
