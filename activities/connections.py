"""The ways out of the house: which server a message goes to, and the adapter that speaks to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


class Connections:
    """Finds connections and keeps their adapters, which are safe to share."""

    def __init__(
        self,
        installation: Callable[[], Installation],
        environ: Mapping[str, str],
        urls: Mapping[ConnectionType, str],
    ) -> None:
        """Reads nothing yet.

        Args:
            installation: the one published last. Blocking.
            environ: where ``${NAME}`` gets its value.
            urls: type → server that takes the place of the installation's default one (`LEADFLOW_SMTP_URL` …); it speaks
                our own protocol, whatever the one that it replaces wants to hear.
        """
        self._installation = installation
        self._environ = environ
        self._urls = urls
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
        make: Callable[[Connection], SmsChannel] = HttpSmsChannel
        if connection.url.partition("://")[0] in SCHEMES:
            make = SmppChannel
        elif is_ours(connection):
            make = MessengerChannel
        return cast("SmsChannel", self._adapter(connection, lambda: make(connection)))

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
