"""Messages to messengers by our own protocol: a signed JSON ``POST`` to a gateway that knows WhatsApp, Telegram or another.

``{"id": key, "to": "+79161234567", "channel": "whatsapp", "text": "…"}`` with ``Idempotency-Key: key`` and, where the
connection has a secret, the signature of `leadflow.channels.webhook`. ``channel`` is the connection's id, so that one
gateway can serve several messengers. 2xx means accepted; an ``id`` in the answer is the gateway's. What each failure
means is as with SMS (`leadflow.channels.sms`). A gateway that wants another request is described in `leadflow.yaml` and
needs only `leadflow.channels.sms.HttpSmsChannel`.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import UTC, datetime

from msgspec.structs import replace
from typing_extensions import override

from leadflow.channels.http import DEFAULT_TIMEOUTS, HttpTimeouts, Post
from leadflow.channels.request import Request, Values
from leadflow.channels.sms import HttpSmsChannel
from leadflow.channels.webhook import signature_headers, signing_key
from leadflow.installation import Connection, Reading

NAMELESS = "message"
"""``channel`` of a gateway that only the environment names."""

_TAKEN = (
    Reading("accepted", status=("2xx",), id="id"),
    Reading("accepted", status=("2xx",)),
)


def is_ours(connection: Connection) -> bool:
    """Whether a connection to a messenger says nothing of its own about requests."""
    described = connection.form or connection.json is not None or connection.method == "GET"
    return connection.type == "message" and not described


class MessengerChannel(HttpSmsChannel):
    """See the module."""

    def __init__(
        self,
        connection: Connection,
        *,
        tls: ssl.SSLContext | None = None,
        timeouts: HttpTimeouts = DEFAULT_TIMEOUTS,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Reads the connection, its variables filled in; nothing is connected yet.

        Args:
            connection: `is_ours`.
            tls: what to verify the server's certificate by.
            timeouts: of connecting and of the answer.
            clock: whose time is signed; the receiver judges staleness by it.

        Raises:
            Misconfigured: URL or secret cannot be used; what is secret is masked.
        """
        told = {"id": "{key}", "to": "{to}", "channel": connection.id or NAMELESS, "text": "{text}"}
        answers = connection.answers or _TAKEN
        own = replace(connection, json=told, answers=answers)
        super().__init__(own, tls=tls, timeouts=timeouts)
        if connection.secret:
            self._request = _Signed(self._request, signing_key(connection.secret), clock)


class _Signed(Request):
    """A request whose body is signed as it leaves."""

    def __init__(self, request: Request, key: bytes, clock: Callable[[], datetime]) -> None:
        self.server = request.server
        self._request = request
        self._key = key
        self._clock = clock

    @override
    def filled(self, values: Values) -> Post:
        made = self._request.filled(values)
        signed = signature_headers(self._key, key=values["key"], body=made.body, now=self._clock())
        return replace(made, headers={**made.headers, **signed})
