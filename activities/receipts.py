"""Listening to SMS centres: a session at each that brings receipts, as long as the worker lives (fault S4, promise P8).

The session is the one that sends use: centres allow few. What they bring is stored before it is acknowledged, and read with
the callbacks of others (`activities.callbacks`). An installation that is not confirmed where it sits listens to none: the
receipts are its original's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from activities.clock import Clock
from activities.connections import Connections
from leadflow.channels.outcome import ChannelDown
from leadflow.channels.smpp.channel import SmppChannel
from leadflow.channels.smpp.session import Session
from leadflow.errors import Misconfigured
from leadflow.installation import Connection
from leadflow.store.callbacks import keep
from leadflow.store.db import Store
from leadflow.store.keys import Vault
from leadflow.store.seat import look

EVERY_SECONDS = 5.0
"""Until it is seen that other settings were published, or that a copy was confirmed."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before binding anew; doubled each time, and back to the first one after a session that has lived so long as the
longest."""

log = structlog.get_logger(__name__)


def kept_by(store: Store, vault: Vault, clock: Clock) -> Callable[[str, bytes], Awaitable[None]]:
    """Keeps what a centre brings, given the connection's id and the PDU; raises when it is not on the disk."""

    async def hear(source: str, pdu: bytes) -> None:
        try:
            await asyncio.to_thread(keep, store, vault, source, "smpp", pdu, await clock.now())
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
            log.warning("a receipt could not be stored: it will come again", why=why)
            raise

    return hear


async def listen(store: Store, connections: Connections) -> None:
    """Runs until it is cancelled; sessions that nobody listens by any more end when they are idle."""
    listening: dict[SmppChannel, asyncio.Task[None]] = {}
    try:
        while True:
            try:
                wanted = _channels(
                    connections, await asyncio.to_thread(_wanted, store, connections)
                )
                for gone in [each for each in listening if each not in wanted]:
                    listening.pop(gone).cancel()
                for channel, name in wanted.items():
                    if channel not in listening or listening[channel].done():
                        listening[channel] = asyncio.create_task(_stay(channel, name))
            except Exception as error:  # noqa: BLE001 -- whatever it is: the next round may do better
                log.warning(
                    "SMS centres are looked for later", why=f"{type(error).__name__}: {error}"
                )
            await asyncio.sleep(EVERY_SECONDS)
    finally:
        for task in listening.values():
            task.cancel()
        await asyncio.gather(*listening.values(), return_exceptions=True)


def _wanted(store: Store, connections: Connections) -> list[Connection]:
    return connections.centres() if look(store) is None else []


def _channels(connections: Connections, centres: list[Connection]) -> dict[SmppChannel, str]:
    found = {}
    for each in centres:
        try:
            channel = connections.centre(each)
        except Misconfigured:  # its messages say so
            continue
        if channel.brings_receipts:
            found[channel] = each.id
    return found


async def _stay(channel: SmppChannel, name: str) -> None:
    """Keeps a session bound; tells when that changes."""
    clock = asyncio.get_running_loop()
    said, pause = "", FIRST_PAUSE
    with channel.held():
        while True:
            began = clock.time()
            found = await channel.bound()
            if isinstance(found, Session):
                log.info("an SMS centre is listened to", connection=name)
                await found.ended()
                said, why = "", found.why
            else:
                why = (
                    found.detail
                    if isinstance(found, ChannelDown)
                    else f"{found.code} {found.reply}"
                )
            if why != said:
                log.warning("an SMS centre is not listened to", connection=name, why=why.strip())
            said = why
            pause = FIRST_PAUSE if clock.time() - began >= LONGEST_PAUSE else pause
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
