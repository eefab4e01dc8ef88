"""Files of events in the data directory: a JSON line each, for people and machines."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import structlog


def write(path: Path, event: str, level: Literal["info", "error"] = "info", **more: object) -> None:
    """Adds a line with its instant, and makes the folder where that is missing.

    Args:
        path: the file.
        event: what happened, in the past tense.
        level: how bad it is.
        more: to what, ids only.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        log = structlog.wrap_logger(
            structlog.WriteLogger(file),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
        getattr(log, level)(event, **more)
