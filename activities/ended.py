"""How an attempt at a send ends: what the lead hears of it, or that another one is worth while."""

from __future__ import annotations

from datetime import timedelta

import structlog

from leadflow.engine.clock import iso
from leadflow.engine.events import EffectDone
from leadflow.store.entries import RESULTS, Entry

SOON = timedelta(seconds=1)
"""Until what another attempt is busy with is looked at again."""
AWAY = timedelta(seconds=3)
"""Until a database that does not answer is asked again: what was waited for before is no reason to wait longer."""
FIRST, LONGEST = timedelta(seconds=2), timedelta(minutes=10)
"""Until a message that was refused only for now is offered again: at first, doubled each time, and at most."""

log = structlog.get_logger(__name__)


class Later(Exception):
    """This attempt is over, nothing was sent and nothing is wrong with the message."""

    def __init__(self, reason: str, after: timedelta | None = None) -> None:
        """``after``: until the next attempt; None: the longer the more there were."""
        super().__init__(reason)
        self.after = after

    def pause(self, attempt: int) -> timedelta:
        """Until the next attempt, after so many."""
        doubled = FIRST * 2 ** min(attempt - 1, 10)
        return min(doubled, LONGEST) if self.after is None else self.after


def told(entry: Entry) -> EffectDone:
    """The row as the lead hears of it.

    Raises:
        Later: it has not ended.
    """
    result = RESULTS.get(entry.state)
    if result is None:
        said = f"another attempt is {entry.state}"
        raise Later(said, SOON)
    tell = log.warning if entry.state in {"refused", "ambiguous"} else log.info
    tell("a message has ended", state=entry.state, **ids(entry))
    return EffectDone(
        id=entry.key,
        key=entry.key,
        result=result,
        reason=entry.reason or entry.reply,
        at=iso(entry.finished) if entry.finished else "",
        provider_id=entry.provider_id,
    )


def ids(entry: Entry) -> dict[str, str]:
    """What a line of the log may say of a message."""
    return {
        "lead": entry.lead,
        "effect": entry.hash,
        "pipeline": entry.pipeline,
        "channel": entry.channel,
        "connection": entry.connection,
    }
