"""The ways out of the house: which server a message goes to, and the adapter that speaks to it."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Awaitable, Callable, Mapping
from typing import cast

import msgspec

from leadflow.channels.messenger import MessengerChannel, is_ours
from leadflow.channels.outcome import (
    EmailChannel,
    SmsChannel,
)
from leadflow.channels.smpp.channel import SCHEMES, SmppChannel
from leadflow.channels.sms import HttpSmsChannel
from leadflow.channels.smtp import SmtpChannel
from leadflow.channels.webhook import WebhookChannel
from leadflow.errors import Misconfigured
from leadflow.installation import Connection, ConnectionType, Installation, filled

USUAL_PORTS = (80, 443)
ANY_PORT = range(1, 65_536)
"""Of a connection that the installation lets into its own network."""
_OF_CENTRES: tuple[ConnectionType, ...] = ("sms", "message")


class Connections:
    """Finds connections and keeps their adapters, which are safe to share."""

    def __init__(
        self,
        installation: Callable[[], Installation],
        environ: Mapping[str, str],
        urls: Mapping[ConnectionType, str],
        hear: Callable[[str, bytes], Awaitable[None]] | None = None,
    ) -> None:
        """Reads nothing yet.

        Args:
            installation: the one published last. Blocking.
            environ: where ``${NAME}`` gets its value.
            urls: type → server that takes the place of the installation's default one (`LEADFLOW_SMTP_URL` …); it speaks
                our own protocol, whatever the one that it replaces wants to hear.
            hear: keeps what an SMS centre brings by itself (`leadflow.channels.smpp.session.Take`), given the connection's
                id as well; None: nobody listens.
        """
        self._installation = installation
        self._environ = environ
        self._urls = urls
        self._hear = hear
        self._adapters: dict[bytes, EmailChannel | SmsChannel | WebhookChannel] = {}

    def find(self, kind: ConnectionType, name: str = "") -> Connection:
        """The named connection, or the default of its kind, its variables filled in.

        Raises:
            Misconfigured: there is none, or a variable of it is not set.
        """
        found = self._installation().connection(kind, name)
        if not name and (instead := self._urls.get(kind, "")):
            sender = found.sender if found else ""
            found = Connection(found.id if found else "", kind, instead, sender)
        if found is None or not found.url:
            which = f"connection '{name}'" if name else f"connection of type {kind}"
            message = f"there is no {which} to send by"
            raise Misconfigured(message, "add it to leadflow.yaml and publish again")
        # The secret of its callbacks is the web part's: who sends may not have it.
        return filled(msgspec.structs.replace(found, callbacks=None), self._environ)

    def audience(self, name: str) -> Connection | None:
        """The advertiser who is told of every change of an audience; None: its file is fetched (`leadflow audience`).

        Raises:
            Misconfigured: a variable of it is not set.
        """
        found = self._installation().connection("audience", name)
        return filled(found, self._environ) if found and found.url else None

    def email(self, connection: Connection) -> EmailChannel:
        """The adapter of a mail server."""
        return cast("EmailChannel", self._adapter(connection, lambda: SmtpChannel(connection.url)))

    def sms(self, connection: Connection) -> SmsChannel:
        """The adapter of an SMS or messenger gateway, or of an SMS centre."""
        if _is_smpp(connection):
            return self.centre(connection)
        make = MessengerChannel if is_ours(connection) else HttpSmsChannel
        return cast("SmsChannel", self._adapter(connection, lambda: make(connection)))

    def centre(self, connection: Connection) -> SmppChannel:
        """The adapter of an SMS centre."""
        hear = self._hear
        take = None if hear is None else functools.partial(hear, connection.id)
        return cast(
            "SmppChannel", self._adapter(connection, lambda: SmppChannel(connection, take=take))
        )

    def centres(self) -> list[Connection]:
        """The SMS centres that messages leave by: each connection, and what takes the place of a default one. Blocking.

        One whose variables are not set is left out: its messages say so.
        """
        published = self._installation()
        found: list[Connection] = []
        for kind in _OF_CENTRES:
            default = published.connection(kind)
            others = (each for each in published.connections.values() if each.type == kind)
            for name in ("", *(each.id for each in others if each != default)):
                with contextlib.suppress(Misconfigured):
                    found.append(self.find(kind, name))
        return [each for each in found if _is_smpp(each)]

    def webhook(self, connection: Connection) -> WebhookChannel:
        """The adapter of a webhook's receiver, or of an advertiser."""

        def make() -> WebhookChannel:
            return WebhookChannel(
                connection.url,
                secret=connection.secret,
                allow_private=connection.allow_private,
                ports=ANY_PORT if connection.allow_private else USUAL_PORTS,
                headers=connection.headers,
            )

        return cast("WebhookChannel", self._adapter(connection, make))

    async def close(self) -> None:
        """Ends the sessions that are still open."""
        for adapter in self._adapters.values():
            if isinstance(adapter, SmppChannel):
                await adapter.close()

    def _adapter(
        self, connection: Connection, make: Callable[[], EmailChannel | SmsChannel | WebhookChannel]
    ) -> EmailChannel | SmsChannel | WebhookChannel:
        name = msgspec.json.encode(connection)
        if name not in self._adapters:
            self._adapters[name] = make()
        return self._adapters[name]


def _is_smpp(connection: Connection) -> bool:
    return connection.url.partition("://")[0] in SCHEMES
