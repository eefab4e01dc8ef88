"""What one send to the outside can come to, and the handover that is asked before it.

Between "we wrote" and "they answered" a message is alive on both sides (RFC 1047; RFC 5321 §6.1), so an
adapter never guesses: it says whether the message is certainly there, certainly not there, or unknown.

Persisted in the ledger and passed through Temporal: these shapes only grow (new fields last, with a default).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Literal, Protocol

import msgspec

Handover = Callable[[], Awaitable[bool]]
"""Called once by a send, right before the first byte that cannot be taken back; at most once, and not at
all when the send ends earlier. It commits `handing over` to the ledger. False: nothing may be sent any more
(stopped, suppressed, too late), and nothing is. What it raises leaves the send as it is, nothing sent."""

REPLY_CHARACTERS = 500

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


class Sent(msgspec.Struct, frozen=True, tag="sent"):
    """The other side has taken the message over, in its own words."""

    provider_id: str
    """The id the provider gave it: a gateway's message id, a mail server's queue id; may be empty."""
    reply: str


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The other side certainly does not have the message; ``permanent``: and will not take it later."""

    permanent: bool
    code: str
    """``"550 5.1.1"`` (SMTP), ``"422"`` (HTTP), or one of ``lost timeout unreachable dns tls bad_address``."""
    reply: str
    retry_after: float | None = None
    """Seconds to wait, where the other side said so."""
    suppress: bool = False
    """The address itself is dead (RFC 3463 5.1.x about the recipient): never write to it again."""


class Ambiguous(msgspec.Struct, frozen=True, tag="ambiguous"):
    """Nobody here can know whether the message arrived. Never resend it silently."""

    detail: str


class ChannelDown(msgspec.Struct, frozen=True, tag="channel_down"):
    """The channel cannot send at all: not this lead's fault, and its message was not sent.

    ``unreachable`` may heal by itself; ``login``, ``tls`` and ``misconfigured`` wait for a person.
    """

    detail: str
    reason: Literal["login", "tls", "unreachable", "misconfigured"]


class Withheld(msgspec.Struct, frozen=True, tag="withheld"):
    """The handover said no: nothing was sent, and nothing is wrong with the channel."""


class Missing(msgspec.Struct, frozen=True, tag="missing"):
    """Asked what became of a message, the other side says that it has none such."""


Outcome = Sent | Refused | Ambiguous | ChannelDown | Withheld


class EmailChannel(Protocol):
    """Port: hands frozen bytes to a mail server. One message has one recipient (fault M6)."""

    async def send(
        self, data: bytes, *, sender: str, recipient: str, handover: Handover
    ) -> Outcome:
        """Sends ``data`` (RFC 5322, as `leadflow.channels.mime` builds it); addresses are bare."""
        ...


Found = Sent | Refused | Missing | Ambiguous
"""What asking for a message can come to."""


class SmsChannel(Protocol):
    """Port: hands one text to an SMS or messenger gateway."""

    idempotent_for: float
    """Seconds: so long the other side takes a message with the same key only once; 0: it does not know keys."""
    missing_after: float | None
    """Seconds after a hand-over from which on `Missing` can be believed; None: it cannot be asked."""

    async def send(self, *, key: str, to: str, text: str, handover: Handover) -> Outcome:
        """``key``: hash of the effect key; ``to``: E.164."""
        ...

    async def look_up(self, *, key: str, to: str) -> Found:
        """What became of a message that was handed over with this key; asked where ``missing_after`` is given."""
        ...


def clean(text: str | bytes) -> str:
    """What a stranger's server said, fit for a log, a database and a page: one line, at most 500 characters."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return _UNPRINTABLE.sub(" ", text).strip()[:REPLY_CHARACTERS]
