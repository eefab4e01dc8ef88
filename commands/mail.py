"""What `leadflow doctor` asks a mail server: whether it lets us in. Nothing is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from leadflow.channels.outcome import ChannelDown, Refused
from leadflow.channels.smtp import SmtpChannel, SmtpTimeouts
from leadflow.errors import LeadflowError, Misconfigured
from leadflow.installation import Installation, resolved

Told = tuple[str, Literal["ok", "warning", "wrong"], str, str]

_HINTS: Final[Mapping[str, str]] = {
    "login": "mend user and password in the address; as they stand no letter leaves",
    "tls": "mend the server's certificate, or the address",
    "unreachable": "start it, or mend the address",
    "misconfigured": "mend the address",
}


def look(part: str, url: str, shown: str, seconds: float) -> Told:
    """Connects, says EHLO, encrypts and logs in as a letter would.

    Args:
        part: what the doctor calls it.
        url: the server, as `leadflow.channels.smtp.SmtpChannel` takes it.
        shown: the same without its credentials.
        seconds: how long each answer may take.
    """
    try:
        channel = SmtpChannel(url, timeouts=SmtpTimeouts(connect=seconds, command=seconds))
    except Misconfigured as error:
        return part, "wrong", error.message, error.hint
    match asyncio.run(channel.check()):
        case None:
            return part, "ok", shown, ""
        case ChannelDown(detail=detail, reason=reason):
            return part, "wrong", f"{shown}: {_kept(detail, url)}", _HINTS[reason]
        case Refused(code=code, reply=reply):
            hint = "it may pass; if it does not, ask who runs the server"
            return part, "wrong", f"{shown}: {code} {_kept(reply, url)}", hint


def _kept(said: str, url: str) -> str:
    """What a server said, should it repeat the password."""
    password = unquote(urlsplit(url).password or "")
    return said.replace(password, "***") if password else said


def named(
    installation: Installation, environ: Mapping[str, str], *, instead: bool
) -> Iterator[tuple[str, str]]:
    """Mail servers of connections, id and address; one that lacks a variable is told of with the connections.

    Args:
        installation: whose connections.
        environ: where variables get their values.
        instead: another server takes the place of the first one, by which letters leave that name none.
    """
    default = installation.connection("email")
    for each in installation.connections.values():
        if each.type != "email" or not each.url or (instead and each is default):
            continue
        try:
            yield each.id, resolved(each.url, environ)
        except LeadflowError:
            continue
