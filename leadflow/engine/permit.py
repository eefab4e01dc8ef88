"""When a message to the client may go, as far as clocks decide it: quiet hours and window (language.md, Meaning 8).

Asked when the engine plans a message and once more at the last moment before it leaves. The rest of that last look
(visit, stop, opt-out, snooze, ``max_late``) is a question to the database and part of its transaction.
"""

from __future__ import annotations

from datetime import datetime

from leadflow.engine.calendar import Calendar, quiet_until, window_next
from leadflow.engine.effects import SendMessage
from leadflow.engine.pipeline import Pipeline
from leadflow.engine.refs import index

ROUNDS = 8
"""Each moves a message into the other's gap at most once a day; a window inside quiet hours never opens."""


def first_allowed(
    at: datetime, quiet: tuple[int, int] | None, window: Calendar | None, timezone: str
) -> datetime:
    """The first instant from ``at`` on that is in the window and not in quiet hours, by the client's clock."""
    for _ in range(ROUNDS):
        later = quiet_until(at, quiet, timezone) if quiet is not None else at
        later = window_next(later, window, timezone) if window is not None else later
        if later == at:
            break
        at = later
    return at


def next_allowed(effect: SendMessage, pipeline: Pipeline, at: datetime) -> datetime:
    """``at``, or when a planned message may first go after it; a manager's own goes at any time."""
    if effect.manual:
        return at
    return first_allowed(at, effect.quiet_hours, _window(effect, pipeline), effect.timezone)


def _window(effect: SendMessage, pipeline: Pipeline) -> Calendar | None:
    """Of the program whose step sends it."""
    if not effect.window:
        return None
    programs = index(pipeline).programs.values()
    return next((one.window for one in programs if effect.ref.startswith(f"{one.ref}/")), None)
