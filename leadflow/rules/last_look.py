"""The last look before a message leaves: may it still (language.md, Meaning 8)?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec


class HandOver(msgspec.Struct, frozen=True):
    """What the last look decided. ``go``: the first byte may be written, and only by this fence.

    postponed: not before ``until``; held: the operator, a paused channel or an installation that is not confirmed holds it back, try again later;
    lost: another attempt took over, or has ended it (`Ledger.claim` tells).
    """

    verdict: Literal["go", "postponed", "held", "suppressed", "expired", "lost"]
    reason: str = ""
    until: datetime | None = None


class Message(NamedTuple):
    """What the last look has to know of a message."""

    not_after: datetime | None
    manual: bool
    """A manager's own: passes opt-out, quiet hours, window and snooze (Meaning 9)."""
    service: bool
    """Passes opt-outs."""
    waits: bool = True
    """For the client: quiet hours, window and snooze are for him."""


def last_look(
    message: Message,
    now: datetime,
    next_allowed: datetime,
    opted_out: Callable[[], bool],
    held: Callable[[], str],
) -> HandOver:
    """The verdict on a message whose turn it is.

    Args:
        message: it.
        now: the instant.
        next_allowed: ``now``, or when quiet hours, window and snooze allow it.
        opted_out: whether its address is barred; asked where that counts.
        held: what holds it back here; empty: nothing.
    """
    if message.not_after is not None and now > message.not_after:
        return HandOver("expired", "too_late")
    if not (message.manual or message.service) and opted_out():
        return HandOver("suppressed", "opted_out")
    if reason := held():
        return HandOver("held", reason)
    if next_allowed > now and message.waits and not message.manual:
        return HandOver("postponed", "not_now", next_allowed)
    return HandOver("go")
