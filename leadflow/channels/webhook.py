"""Signed webhooks to other systems, by the Standard Webhooks scheme, and never to an inner address.

``webhook-id`` (and ``Idempotency-Key``) is the hash of the effect key, the same for every attempt: the receiver drops what
it has seen.
``webhook-signature`` is ``v1,`` and the base64 of HMAC-SHA256 over ``id.timestamp.body``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ssl
from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType

import httpx2

from leadflow.channels import guard
from leadflow.channels.http import DEFAULT_TIMEOUTS, Answer, HttpTimeouts, Post, post, said_no
from leadflow.channels.outcome import (
    ChannelDown,
    Handover,
    Outcome,
    Refused,
    Sent,
    clean,
)
from leadflow.channels.request import basic_login, fill
from leadflow.channels.urls import mask, parse_server_url
from leadflow.errors import Misconfigured

_SCHEMES = {"https": 443, "http": 80}
_USUAL_PORTS = frozenset(_SCHEMES.values())
_SECRET_PREFIX = "whsec_"  # noqa: S105 - the scheme's mark, not a secret
_OK = range(200, 300)


class WebhookChannel:
    """One connection of the installation: a URL, a secret, and what is allowed there.

    ``allow_private`` and ``ports`` come from the installation's settings only, never from a pipeline.
    """

    def __init__(  # noqa: PLR0913 -- one for each setting of a connection
        self,
        url: str,
        *,
        secret: str,
        allow_private: bool = False,
        ports: Collection[int] = _USUAL_PORTS,
        headers: Mapping[str, str] = MappingProxyType({}),
        tls: ssl.SSLContext | None = None,
        timeouts: HttpTimeouts = DEFAULT_TIMEOUTS,
    ) -> None:
        """Reads URL and secret; nothing is connected yet.

        Args:
            url: ``https://host/path``; credentials become a Basic login.
            secret: any text, or the scheme's own form ``whsec_`` and base64.
            allow_private: lets inner addresses through.
            ports: those that may be called.
            headers: further ones; ``{key}`` and ``{secret}`` in them are filled in.
            tls: what to verify the server's certificate by; default: the system's authorities.
            timeouts: of connecting and of the answer.

        Raises:
            Misconfigured: URL, port or secret cannot be used; what is secret is masked.
        """
        self._server = parse_server_url(url, schemes=_SCHEMES, options={}, foreign_options=True)
        if self._server.port not in ports:
            allowed = ", ".join(map(str, sorted(ports)))
            message = f"{mask(url)} uses port {self._server.port}"
            hint = f"use one of {allowed}, or allow the port in the connection's settings"
            raise Misconfigured(message, hint)
        self._key = signing_key(secret)
        self._known = {"secret": secret}
        self._headers = headers
        self._allow_private = allow_private
        self._tls = tls or httpx2.create_ssl_context()
        self._timeouts = timeouts

    async def send(self, *, key: str, body: bytes, now: datetime, handover: Handover) -> Outcome:
        """Posts a JSON body.

        Args:
            key: hash of the effect key.
            body: JSON in UTF-8, frozen before the first attempt.
            now: the attempt's time, aware: what the receiver judges staleness by.
            handover: see `leadflow.channels.outcome`.
        """
        server = self._server
        try:
            addresses = await guard.resolve(
                server.host, server.port, allow_private=self._allow_private
            )
        except guard.InnerAddressError as error:
            return ChannelDown(str(error), "misconfigured")
        except OSError as error:
            return Refused(permanent=False, code="dns", reply=clean(f"{server.host}: {error}"))
        headers = {
            "Host": httpx2.URL(server.target).netloc.decode("ascii"),
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "leadflow",
            "Idempotency-Key": key,
            **{
                name: fill(text, {**self._known, "key": key})
                for name, text in self._headers.items()
            },
            **signature_headers(self._key, key=key, body=body, now=now),
            **basic_login(server),
        }
        outcome = await self._first_that_answers(addresses, body, headers, handover)
        if not isinstance(outcome, Answer):
            return outcome
        return Sent("", outcome.said) if outcome.status in _OK else said_no(outcome)

    async def _first_that_answers(
        self, addresses: list[str], body: bytes, headers: dict[str, str], handover: Handover
    ) -> Answer | Outcome:
        """Goes through the judged addresses until one can be connected to."""
        outcome: Answer | Outcome = Refused(permanent=False, code="dns", reply="no address")
        for address in addresses:
            request = Post(
                url=str(httpx2.URL(self._server.target).copy_with(host=address)),
                body=body,
                headers=headers,
                server_name=self._server.host,
            )
            outcome = await post(request, handover, tls=self._tls, timeouts=self._timeouts)
            if not (isinstance(outcome, Refused) and outcome.code in {"unreachable", "timeout"}):
                return outcome
        return outcome


def signature_headers(secret: bytes, *, key: str, body: bytes, now: datetime) -> dict[str, str]:
    """The three headers of the Standard Webhooks scheme."""
    timestamp = str(int(now.timestamp()))
    signed = b".".join((key.encode(), timestamp.encode(), body))
    digest = hmac.new(secret, signed, hashlib.sha256).digest()
    return {
        "webhook-id": key,
        "webhook-timestamp": timestamp,
        "webhook-signature": "v1," + base64.b64encode(digest).decode("ascii"),
    }


def signing_key(secret: str) -> bytes:
    """The key that a webhook's secret means.

    Raises:
        Misconfigured: there is none, or it cannot be read.
    """
    if not secret:
        message = "the webhook has no secret"
        raise Misconfigured(message, "set one in the connection's settings")
    if not secret.startswith(_SECRET_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
    except binascii.Error:
        message = "what follows whsec_ in the webhook's secret is no base64"
        raise Misconfigured(message, "copy it again from the receiver") from None
