"""Reading what providers have told later: a loop beside the activities in every worker, harmless when two do the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from activities.clock import Clock
from leadflow.channels.callbacks import reports
from leadflow.channels.smpp.incoming import Written, incoming
from leadflow.errors import Misconfigured
from leadflow.installation import Connection, Installation
from leadflow.ports import Report
from leadflow.store.callbacks import (
    Callback,
    is_read,
    let_go,
    look_again,
    opened,
    unheard,
    unread,
)
from leadflow.store.db import Store
from leadflow.store.deliveries import report
from leadflow.store.keys import Vault

EVERY_SECONDS = 2.0
AT_ONCE = 100
"""Callbacks a round; a full one is followed by the next without a pause."""

log = structlog.get_logger(__name__)


async def read_callbacks(
    store: Store, vault: Vault, published: Callable[[], Installation], clock: Clock
) -> None:
    """Runs until it is cancelled; what fails is tried again with the next round."""
    while True:
        try:
            now = await clock.now()
            if await asyncio.to_thread(work_off, store, vault, published, now) == AT_ONCE:
                continue
        except Exception as error:  # noqa: BLE001 -- whatever it is: others wait for the next round
            log.warning("callbacks are read later", error=f"{type(error).__name__}: {error}")
        await asyncio.sleep(EVERY_SECONDS)


def work_off(
    store: Store, vault: Vault, published: Callable[[], Installation], now: datetime
) -> int:
    """Reads what is due; what is about nothing known comes again later, and is let go after a day. Blocking.

    Returns:
        How many it has looked at.
    """
    found = unread(store, now, AT_ONCE)
    installation = published() if found else Installation()
    for one in found:
        # First of all: whatever goes wrong with this one, the others have their turn.
        look_again(store, one, now)
        if _is_settled(store, vault, installation, one):
            is_read(store, one)
    for source, name in let_go(store, now):
        log.warning("a callback was about no message of ours", connection=source, callback=name)
    return len(found)


def _is_settled(store: Store, vault: Vault, installation: Installation, one: Callback) -> bool:
    """Whether everything in it is written down; each part may be done twice."""
    way = installation.connections.get(one.source)
    if way is None and not one.source:  # an SMS centre that only `LEADFLOW_SMS_URL` names
        way = Connection("", "sms")
    if way is None:
        log.warning("a callback came for what is no connection any more", connection=one.source)
        return True
    try:
        found = _told(way, one, opened(vault, one))
    except Misconfigured as error:
        log.warning("a callback cannot be opened", connection=one.source, error=error.message)
        return False
    except (
        ValueError
    ) as error:  # garbage of an SMS centre; else the rules have changed since it came
        log.warning("a callback cannot be read", connection=one.source, error=str(error))
        return True
    if isinstance(found, Written):
        log.warning("a client has written, and nothing reads it", connection=one.source)
        unheard(store, one.source, one.since)
        return True
    known = [report(store, vault, installation, way, told, one.since) for told in found]
    return all(known)


def _told(way: Connection, one: Callback, body: bytes) -> list[Report] | Written:
    """What a callback says.

    Raises:
        ValueError: it cannot be read.
    """
    if one.kind == "smpp":
        told = incoming(body)
        return told if isinstance(told, Written) else [told] if told else []
    if way.callbacks is None:
        message = "its connection has no callbacks any more"
        raise ValueError(message)
    return reports(way.callbacks, one.kind, body)
