"""What stands between a message and its channel: an operator's hold, a pause because the channel cannot send now, a copy.

A pause is no lead's fault and no lead's business: its messages wait, one alert stands. Somebody looks every minute
whether the channel works again, so that a login that was put right needs no second act.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from activities.connections import Connections
from leadflow.channels.smpp.channel import SmppChannel
from leadflow.channels.smtp import SmtpChannel
from leadflow.engine.effects import SendMessage
from leadflow.errors import Misconfigured
from leadflow.rules.addresses import normal
from leadflow.store.db import Store
from leadflow.store.entries import Entry
from leadflow.store.hand_over import BOUNCED, suppress
from leadflow.store.keys import Vault
from leadflow.store.outbox import find_holds, find_pauses, pause, resume
from leadflow.store.seat import HELD, look

PROBE_EVERY = timedelta(minutes=1)


class Gate:
    """Asked before a channel is used; the hand-over's transaction asks again."""

    def __init__(self, store: Store, vault: Vault, connections: Connections) -> None:
        self._store = store
        self._vault = vault
        self.connections = connections
        self._probed: dict[str, datetime] = {}

    async def closed(self, entry: Entry, now: datetime) -> str:
        """Why the message may not be tried now; empty: it may."""
        if await asyncio.to_thread(look, self._store) is not None:
            return HELD
        what = {"all", f"pipeline:{entry.pipeline}", f"template:{entry.template}"}
        for hold in await asyncio.to_thread(find_holds, self._store):
            if hold.what in what:
                return f"held: {hold.what}"
        for one in await asyncio.to_thread(find_pauses, self._store):
            if one.name in {entry.channel, entry.connection} and not await self._works_again(
                one.name, entry, now
            ):
                return f"{one.name} is paused: {one.reason}"
        return ""

    async def close(self, entry: Entry, reason: str, now: datetime) -> None:
        """Pauses the channel, or the one connection of it, with one alert."""
        self._probed[_name(entry)] = now
        await asyncio.to_thread(pause, self._store, _name(entry), reason, now)

    async def suppress(self, entry: Entry, now: datetime) -> None:
        """The address is dead: nothing automatic goes there again, from any lead."""
        effect = entry.effect
        if isinstance(effect, SendMessage):
            mark = self._vault.mark(normal(effect.channel, effect.to))
            marks = [(effect.channel, mark)]
            await asyncio.to_thread(self._store.write, lambda c: suppress(c, marks, BOUNCED, now))

    async def _works_again(self, name: str, entry: Entry, now: datetime) -> bool:
        """Looks, once a minute; where only a message itself can show it, the next one may try."""
        last = self._probed.get(name)
        if last is not None and now - last < PROBE_EVERY:
            return False
        self._probed[name] = now
        if not await self._lets_in(entry):
            return False
        await asyncio.to_thread(resume, self._store, name)
        return True

    async def _lets_in(self, entry: Entry) -> bool:
        """Whether a server that has a login lets us in; of others only the next message can tell."""
        try:
            match entry.channel:
                case "email":
                    found = self.connections.find("email", entry.connection)
                    server: object = self.connections.email(found)
                case "sms" | "message" as kind:
                    server = self.connections.sms(self.connections.find(kind, entry.connection))
                case _:
                    return True
        except Misconfigured:
            return False
        return not isinstance(server, SmtpChannel | SmppChannel) or await server.check() is None


def _name(entry: Entry) -> str:
    return entry.connection or entry.channel
