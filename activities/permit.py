"""When a message may be handed over: quiet hours and window, asked once more at the last moment (language.md, Meaning 8).

The rest of that last look (visit, stop, opt-out, snooze, ``max_late``) is a question to the database and part of its
transaction: `leadflow.store.ledger.Ledger.hand_over`.
"""

from __future__ import annotations

from datetime import datetime

from leadflow.engine.calendar import Calendar, quiet_until, window_next
from leadflow.engine.effects import SendMessage
from leadflow.engine.pipeline import Pipeline

ROUNDS = 8
"""Window and quiet hours move a message into each other's gap at most once a day."""


def next_allowed(effect: SendMessage, pipeline: Pipeline, at: datetime) -> datetime:
    """``at``, or when quiet hours and window first allow the message after it; a manager's own goes at any time."""
    if effect.manual:
        return at
    window = _window(effect, pipeline)
    for _ in range(ROUNDS):
        later = at
        if effect.quiet_hours is not None:
            later = quiet_until(later, effect.quiet_hours, effect.timezone)
        if window is not None:
            later = window_next(later, window, effect.timezone)
        if later == at:
            break
        at = later
    return at


def _window(effect: SendMessage, pipeline: Pipeline) -> Calendar | None:
    """Of the program whose step sends it."""
    if not effect.window:
        return None
    programs = (program for stage in pipeline.stages.values() for program in stage.programs)
    return next((each.window for each in programs if effect.ref.startswith(f"{each.ref}/")), None)
