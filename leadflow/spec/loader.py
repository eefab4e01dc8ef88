"""From the bytes of a YAML file to plain data, with the place of every node, and everything that is wrong with it.

The accepted YAML is smaller than YAML (language.md, "Rules it follows"): one document, a map at the top, words as
keys; no anchors, merge keys, tags, directives. Scalars stay as written (`leadflow.spec.scalars`). Size, depth and the
number of values are bounded before anything is built, so a hostile file costs no more than an honest one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from leadflow.spec.positions import START, NodePath, Places, Position
from leadflow.spec.problems import Problem, problem
from leadflow.spec.scalars import Data
from leadflow.spec.yaml.compose import Composer
from leadflow.spec.yaml.source import MAX_BYTES, read_source


@dataclass(frozen=True, slots=True)
class Document:
    """A file as read."""

    path: str
    data: dict[str, Data]
    """Empty when the file could not be read to its end (`complete`)."""
    positions: Places
    problems: tuple[Problem, ...]
    complete: bool
    """Whether ``data`` holds the whole file. If not, looking for more problems in it makes no sense."""
    work: int
    """How many parser events were read: the measure of the work done."""

    def locate(self, path: NodePath, *, key: bool = False, offset: int | None = None) -> Position:
        """Where a node stands.

        Args:
            path: the node. For one that is not in the file: the key of the nearest map or list around it.
            key: its key instead of its value.
            offset: a character of its text, from 0, instead of its beginning.
        """
        if key:
            return self.positions.key(path)
        value = self.get(path)
        if offset is None or not isinstance(value, str):
            return self.positions.value(path)
        return self.positions.character(path, value, offset)

    def get(self, path: NodePath) -> Data:
        """The value at a node; None where there is none."""
        node: Data = self.data
        for step in path:
            match node, step:
                case dict(), str():
                    node = node.get(step)
                case list(), int() if 0 <= step < len(node):
                    node = node[step]
                case _:
                    return None
        return node


def load_text(text: bytes, path: str) -> Document:
    """Reads the bytes of a file; whatever they are, the answer is a document with problems, never an exception.

    Args:
        text: the file's content.
        path: its name, as problems show it.
    """
    source, problems = read_source(text, path)
    if problems:
        return _unread(path, problems)
    composer = Composer(source, path)
    data = composer.compose()
    return Document(
        path=path,
        data=data or {},
        positions=Places(source, composer.places if data is not None else {}),
        problems=tuple(sorted(set(composer.problems))),
        complete=data is not None,
        work=composer.work,
    )


def load_file(file: Path, path: str | None = None) -> Document:
    """Reads a file, no more of it than a file may have.

    Args:
        file: where it is.
        path: its name, as problems show it; otherwise the one given.
    """
    shown = path if path is not None else str(file)
    try:
        if not file.is_file():
            reason = "is not a file" if file.exists() else "does not exist"
            return _unread(
                shown, [problem(shown, START, "LF001", f"the file {reason}", "check the name")]
            )
        with file.open("rb") as stream:
            text = stream.read(MAX_BYTES + 1)
    except OSError as error:
        message = f"the file cannot be opened: {(error.strerror or str(error)).lower()}"
        return _unread(shown, [problem(shown, START, "LF001", message, "check who may read it")])
    return load_text(text, shown)


def _unread(path: str, problems: list[Problem]) -> Document:
    return Document(path, {}, Places("", {}), tuple(sorted(problems)), complete=False, work=0)
