"""What operators do to the whole installation and no lead's timeline tells: a JSON line each, in the data directory."""

from __future__ import annotations

from pathlib import Path

import structlog

from commands.up.home import LOGS
from leadflow.engine.events import Actor

FILE = "operators.log"


def who(actor: Actor) -> str:
    """The user, and through which door."""
    return " ".join(part for part in (actor.user, actor.via) if part)


def record(home: Path, event: str, actor: Actor, **more: str) -> None:
    """Adds a line to ``logs/operators.log``.

    Args:
        home: the data directory.
        event: what was done, in the past tense.
        actor: who did it.
        more: to what.
    """
    write(home / LOGS / FILE, event, by=who(actor), **more)


def write(path: Path, event: str, level: str = "info", **more: object) -> None:
    """Adds a JSON line to a file of events, and the folder where that is missing."""
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
