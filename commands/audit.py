"""What operators do to the whole installation and no lead's timeline tells: a JSON line each, in the data directory."""

from __future__ import annotations

from pathlib import Path

from commands.up.events import write
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
    write(home / LOGS / FILE, event, "info", by=who(actor), **more)
