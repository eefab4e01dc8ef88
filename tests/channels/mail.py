"""Sending one mail to a sink."""

from __future__ import annotations

import asyncio
import ssl

from aiosmtplib.protocol import SMTPProtocol

from leadflow.channels.outcome import Outcome
from leadflow.channels.smtp import SmtpChannel, SmtpTimeouts
from tests.channels.conftest import Ledger

KEY = "0123456789abcdef0123456789abcdef"
MAIL = f"X-Effect-Key: {KEY}\r\nSubject: hello\r\n\r\n.a dot first\r\nlast line\r\n".encode()
SHORT = SmtpTimeouts(connect=0.4, command=0.4, body=0.4, dot=0.4)


def answered() -> bool:
    """Whether the server has said something since its 354, or hung up: nobody reads its answers any more."""
    going_on = (getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks())
    return SMTPProtocol.read_response.__qualname__ not in going_on


async def send(
    url: str,
    ledger: Ledger,
    data: bytes = MAIL,
    *,
    to: str = "anna@example.com",
    tls: ssl.SSLContext | None = None,
    timeouts: SmtpTimeouts = SHORT,
) -> Outcome:
    channel = SmtpChannel(url, tls=tls, timeouts=timeouts)
    return await channel.send(data, sender="us@example.com", recipient=to, handover=ledger)
