"""Pages of the documentation as their reader meets them: headings and fenced blocks, in order.

The first line of a block says what becomes of it (the whole convention):

* ``yaml kitchens.yaml``, ``md templates/offer.email.md`` …: a file; from here on it stands in the reader's folder. With
  the word ``wrong`` it stands there only for the next terminal; with ``changed`` the block shows what is new or changed in
  the file (`tests.docs.joining`).
* ``console``: a terminal; each ``$ leadflow …`` is run in the folder and prints exactly what follows it. Of ``lead why``
  the lead is the one that the ``yaml lead`` before has begun.
* ``yaml top``, ``yaml stage [NAME]``, ``yaml actions``, ``yaml scenario``, ``yaml lead``, ``text conditions``,
  ``text moments``, ``text durations``, ``text values [LANGUAGE]``, ``text prints [LANGUAGE]``: a part of the pipeline that
  the page shows last (`tests.docs.parts`).
* anything else is only read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

FENCE = "```"


class Block(NamedTuple):
    """A fenced block."""

    language: str
    words: tuple[str, ...]
    """What follows the language in the block's first line."""
    text: str
    where: str
    """``language.md:41 (A task)``: for messages."""

    @property
    def file(self) -> str:
        """Name of the file that it is; empty: it is none."""
        return next((word for word in self.words[:1] if "." in word), "")

    @property
    def kind(self) -> str:
        """``console``, ``file``, the name of a part, or nothing."""
        if self.language == "console" or self.file:
            return "file" if self.file else "console"
        return next(iter(self.words), "")


class Heading(NamedTuple):
    """A heading: what stood before it is over."""

    text: str


def read_page(path: Path) -> Iterator[Block | Heading]:
    """The headings and blocks of a page."""
    lines = enumerate(path.read_text("utf-8").splitlines(keepends=True), 1)
    heading = ""
    for number, line in lines:
        if found := re.fullmatch(r"#+ (.+)\n?", line):
            heading = found[1]
            yield Heading(heading)
        elif line.startswith(FENCE):
            language, *words = line.removeprefix(FENCE).split() or [""]
            text = "".join(inner for _, inner in takewhile(_inside, lines))
            yield Block(language, tuple(words), text, f"{path.name}:{number} ({heading})")


def _inside(line: tuple[int, str]) -> bool:
    return not line[1].startswith(FENCE)
