"""What an SMTP server's refusals and failures mean for the message, the address and the channel."""

from __future__ import annotations

import re
import ssl

import aiosmtplib

from leadflow.channels.outcome import ChannelDown, Refused, clean

_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?!\d)")
_QUEUE_ID = re.compile(r"(?:queued as|queued mail|\bid=)\s*<?([\w.+@=-]+)", re.IGNORECASE)

DEAD_ADDRESS = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
"""RFC 3463, RFC 7505: the recipient's mailbox or domain does not exist. 5.1.7 and 5.1.8 blame the sender."""

_TEMPORARY = range(400, 500)
_PERMANENT = range(500, 600)
_TOO_BIG = 552
_LOGIN_WANTED = 530


def refusal(code: int, reply: str, *, at_recipient: bool = False) -> Refused:
    """A reply that says no: 5xx is permanent, all else temporary (RFC 5321 §4.2.1)."""
    text = clean(reply)
    enhanced = match[0] if (match := _ENHANCED.match(text)) else ""
    return Refused(
        permanent=code in _PERMANENT,
        code=f"{code} {enhanced}".strip(),
        reply=text,
        suppress=at_recipient and code in _PERMANENT and enhanced in DEAD_ADDRESS,
    )


def queue_id(reply: str) -> str:
    """The id under which the server queued the message, where its 250 says so."""
    return match[1] if (match := _QUEUE_ID.search(reply)) else ""


def opening_failure(error: Exception) -> Refused | ChannelDown:
    """Connecting, EHLO, STARTTLS or AUTH failed: nothing of the message has left yet."""
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return ChannelDown(f"TLS failed: {clean(str(error))}", "tls")
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return _not_let_in(error)
    if isinstance(error, aiosmtplib.SMTPConnectError):
        return ChannelDown(clean(str(error)), "unreachable")
    return cut_off(error)


def _not_let_in(error: aiosmtplib.SMTPResponseException) -> Refused | ChannelDown:
    if error.code not in _PERMANENT:
        return refusal(error.code, error.message)
    said = f"the server answered {error.code} {clean(error.message)}"
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return ChannelDown(f"login refused: {said}", "login")
    if isinstance(error, aiosmtplib.SMTPConnectResponseError):
        return ChannelDown(f"no service: {said}", "unreachable")
    return ChannelDown(said, "misconfigured")


def envelope_failure(error: Exception) -> Refused | ChannelDown:
    """MAIL, RCPT or the DATA command failed: the body has not left."""
    if isinstance(error, aiosmtplib.SMTPRecipientRefused):
        return refusal(error.code, error.message, at_recipient=True)
    if isinstance(error, aiosmtplib.SMTPSenderRefused):
        return _sender_refused(error)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return refusal(error.code, error.message)
    return cut_off(error)


def _sender_refused(error: aiosmtplib.SMTPSenderRefused) -> Refused | ChannelDown:
    """At MAIL no recipient is known yet: a lasting no is about our settings, unless about the size."""
    if error.code not in _PERMANENT or error.code == _TOO_BIG:
        return refusal(error.code, error.message)
    said = f"sender {error.sender} refused: {error.code} {clean(error.message)}"
    return ChannelDown(said, "login" if error.code == _LOGIN_WANTED else "misconfigured")


def cut_off(error: Exception) -> Refused:
    """The connection ended or went silent while nothing had been accepted: try again later."""
    code = "timeout" if isinstance(error, TimeoutError) else "lost"
    return Refused(permanent=False, code=code, reply=clean(str(error)))
