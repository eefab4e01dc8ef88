"""Numbers that only a commit gives: of leads, of documents (``КП-{YYYY}-{0001}``; language.md, **documents**)."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

from leadflow.engine.pipeline import Document

_DEFAULT = "{0001}"
_PART = re.compile(r"\{(YYYY|YY|MM|0*1)\}")


class Numbers:
    """The counters of a world."""

    def __init__(self) -> None:
        self._counters: Counter[str] = Counter()

    def next(self, name: str) -> int:
        """The next of a counter, from 1."""
        self._counters[name] += 1
        return self._counters[name]

    def document(self, pipeline: str, document: Document, today: date) -> str:
        """The number of a new document, by its pattern."""
        period = {"monthly": f"{today:%Y-%m}", "yearly": f"{today:%Y}"}.get(document.restart, "")
        number = self.next(f"{pipeline}/{document.id}/{period}")

        def part(found: re.Match[str]) -> str:
            match found[1]:
                case "YYYY":
                    return f"{today:%Y}"
                case "YY":
                    return f"{today:%y}"
                case "MM":
                    return f"{today:%m}"
                case zeros:
                    return str(number).zfill(len(zeros))

        return _PART.sub(part, document.number or _DEFAULT)
