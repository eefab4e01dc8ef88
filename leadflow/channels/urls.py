"""Server addresses as URLs with credentials: taking them apart, and showing them without their secrets."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import NoReturn
from urllib.parse import SplitResult, unquote, unquote_plus, urlsplit, urlunsplit

import msgspec

from leadflow.errors import Misconfigured

HIDDEN = "***"

_CREDENTIALS = re.compile(r"(?<=://)([^/?#@:]*)(:[^/?#]*)?@")
_VALUE = re.compile(r"(?<==)[^&#]+")


class ServerUrl(msgspec.Struct, frozen=True):
    """A server as `LEADFLOW_SMTP_URL` and its like name it."""

    scheme: str
    host: str
    """ASCII (IDNA), lower case."""
    port: int
    username: str
    password: str
    options: dict[str, str]
    """Our own options, taken out of the query."""
    target: str
    """``scheme://host:port/path?query`` without credentials and options: what an HTTP request goes to."""


def parse_server_url(
    url: str,
    *,
    schemes: Mapping[str, int],
    options: Mapping[str, tuple[str, ...]],
    foreign_options: bool = False,
) -> ServerUrl:
    """Takes a server's URL apart.

    Args:
        url: ``scheme://user:password@host:port/path?option=value``; user and password percent-encoded.
        schemes: allowed schemes and their default ports.
        options: our own query options and their allowed values; none: any.
        foreign_options: whether other query options may stand there: they stay in ``target`` as written.

    Raises:
        Misconfigured: with the URL masked and what to change.
    """
    parts, port = _split(url)
    if parts.scheme not in schemes:
        _refuse(
            url, f"does not begin with {_listing(f'{name}://' for name in schemes)}", "add that"
        )
    if not parts.hostname:
        _refuse(url, "names no host", f"write it as {parts.scheme}://host:port")
    ours: dict[str, str] = {}
    theirs: list[str] = []
    for pair in filter(None, parts.query.split("&")):
        name, _, value = map(unquote_plus, pair.partition("="))
        if name in options:
            ours[name] = _allowed(url, name, value, options[name])
        elif foreign_options:
            theirs.append(pair)
        else:
            near = difflib.get_close_matches(name, options, n=1) or options
            _refuse(url, f"has an unknown option {name!r}", f"did you mean {_listing(near)}?")
    host = _ascii_host(url, parts.hostname)
    number = port or schemes[parts.scheme]
    place = f"[{host}]" if ":" in host else host
    netloc = place if number == schemes[parts.scheme] else f"{place}:{number}"
    target = urlunsplit((parts.scheme, netloc, parts.path or "/", "&".join(theirs), ""))
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return ServerUrl(parts.scheme, host, number, user, password, ours, target)


def mask(url: str) -> str:
    """The URL with password and query values hidden; works on any text, broken URLs too.

    ``smtp://bot:secret@mail.example.com:587?starttls=required`` →
    ``smtp://bot:***@mail.example.com:587?starttls=required``
    """
    shown = _CREDENTIALS.sub(lambda m: f"{m[1]}:{HIDDEN}@" if m[2] else f"{HIDDEN}@", url)
    head, mark, query = shown.partition("?")
    if not mark:
        return head
    kept = [
        pair if pair.partition("=")[0] in _PUBLIC_OPTIONS else _VALUE.sub(HIDDEN, pair)
        for pair in query.split("&")
    ]
    return head + mark + "&".join(kept)


_PUBLIC_OPTIONS = frozenset({"starttls", "5xx", "long", "alphabet", "receipts", "system_type"})


def _split(url: str) -> tuple[SplitResult, int | None]:
    """``urlsplit`` and the port, whose errors would show the URL with its password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        _refuse(url, "cannot be read as a URL", "percent-encode @ : / in user and password")
    return parts, port


def _allowed(url: str, name: str, value: str, values: tuple[str, ...]) -> str:
    if values and value not in values:
        _refuse(
            url, f"has {name}={value}", f"use {_listing(f'{name}={known}' for known in values)}"
        )
    return value


def _ascii_host(url: str, host: str) -> str:
    try:
        return host if ":" in host else host.encode("idna").decode("ascii")
    except UnicodeError:
        _refuse(url, "has a host name that cannot be looked up", "check the name's spelling")


def _listing(words: Iterable[str]) -> str:
    return " or ".join(words)


def _refuse(url: str, what: str, hint: str) -> NoReturn:
    message = f"{mask(url)} {what}"
    raise Misconfigured(message, hint)
