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
    path = home / LOGS / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        log = structlog.wrap_logger(
            structlog.WriteLogger(file),
            processors=[
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
        log.info(event, by=who(actor), **more)
