"""What is done when nobody here can know whether a message arrived, before a person is asked (language.md, **if_unsure**).

A connection that can be asked is asked; one that takes a message with the same id only once gets it again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from activities.connections import Connections
from leadflow.channels.outcome import Ambiguous, Missing, Refused, Sent, SmsChannel
from leadflow.engine.effects import SendMessage
from leadflow.errors import Misconfigured
from leadflow.store.entries import Entry

ASKED_FOR = timedelta(minutes=15)
"""So long after the hand-over a gateway that gives no clear answer is asked again and again."""
ASK_EVERY = (
    timedelta(seconds=5),
    timedelta(seconds=20),
    timedelta(minutes=1),
    timedelta(minutes=3),
)


class Resend(msgspec.Struct, frozen=True):
    """It may go again: the other side remembers its id."""

    reason: str


class AskAgain(msgspec.Struct, frozen=True):
    """The other side may know later."""

    reason: str
    after: timedelta


async def find_out(
    connections: Connections, entry: Entry, detail: str, now: datetime
) -> Sent | Refused | Missing | Ambiguous | Resend | AskAgain:
    """What became of a message, or what to do about it; `Ambiguous`: nobody can know.

    Args:
        connections: the ways out.
        entry: its row, ``handing_over``.
        detail: why it is not known.
        now: the instant.
    """
    effect = entry.effect
    if not isinstance(effect, SendMessage) or effect.channel == "email":
        return Ambiguous(detail)
    try:
        gateway = connections.sms(connections.find(effect.channel, effect.via))
    except Misconfigured as error:
        return AskAgain(f"{detail}; {error.message}", ASK_EVERY[-1])
    waited = now - (entry.handed or now)
    if gateway.missing_after is not None:
        found = await gateway.look_up(key=entry.hash, to=effect.to)
        if not isinstance(found, Missing | Ambiguous):
            return found
        if isinstance(found, Missing) and waited >= timedelta(seconds=gateway.missing_after):
            return found
        if isinstance(found, Missing) or waited < ASKED_FOR:
            return AskAgain(detail, _pause(waited))
    return Resend(detail) if _takes_once(gateway, entry, now) else Ambiguous(detail)


def _takes_once(gateway: SmsChannel, entry: Entry, now: datetime) -> bool:
    """Whether the gateway still remembers the first hand-over.

    When that was is not kept of a message that has gone again: it counts from when the message was planned.
    """
    if not gateway.idempotent_for:  # whatever the clocks say: two of them may differ by a little
        return False
    first = entry.planned if entry.resends or entry.handed is None else entry.handed
    return now - first < timedelta(seconds=gateway.idempotent_for)


def _pause(waited: timedelta) -> timedelta:
    """Longer and longer between two questions."""
    return next((each for each in ASK_EVERY if each > waited / 2), ASK_EVERY[-1])
