"""Sending one mail to a sink."""

from __future__ import annotations

import ssl

from leadflow.channels.outcome import Outcome
from leadflow.channels.smtp import SmtpChannel, SmtpTimeouts
from tests.channels.conftest import Ledger

KEY = "0123456789abcdef0123456789abcdef"
MAIL = f"X-Effect-Key: {KEY}\r\nSubject: hello\r\n\r\n.a dot first\r\nlast line\r\n".encode()
SHORT = SmtpTimeouts(connect=0.4, command=0.4, body=0.4, dot=0.4)


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
