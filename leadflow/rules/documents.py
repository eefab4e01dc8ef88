"""Numbers of documents: ``КП-{YYYY}-{0001}`` (language.md, **documents**)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime

from leadflow.engine.clock import wall, zone
from leadflow.engine.pipeline import Document, Pipeline

DEFAULT = "{0001}"
_PART = re.compile(r"\{(YYYY|YY|MM|0*1)\}")


def next_document(
    pipeline: Pipeline, name: str, now: datetime, next_number: Callable[[str], int]
) -> str:
    """The number of a new document, by the day in the pipeline's zone.

    Args:
        pipeline: whose.
        name: the document's id.
        now: UTC.
        next_number: a counter's name → its next number.
    """
    document = pipeline.documents.get(name) or Document(id=name, title=name)
    today = wall(now, zone(pipeline.timezone)).date()
    counter = f"document/{pipeline.id}/{document.id}/{period(document, today)}"
    return number_text(document, today, next_number(counter))


def period(document: Document, today: date) -> str:
    """What its counter begins anew with: ``2026-11``, ``2026``, ``ever``."""
    return {"monthly": f"{today:%Y-%m}", "yearly": f"{today:%Y}"}.get(document.restart, "ever")


def number_text(document: Document, today: date, number: int) -> str:
    """The number as its pattern writes it; ``{0001}`` is the number with at least so many digits."""

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

    return _PART.sub(part, document.number or DEFAULT)
