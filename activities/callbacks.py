"""Reading what providers have told later: a loop beside the activities in every worker, harmless when two do the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from activities.clock import Clock
from leadflow.channels.callbacks import reports
from leadflow.installation import Installation
from leadflow.store.callbacks import Callback, is_read, let_go, look_again, unread
from leadflow.store.db import Store
from leadflow.store.deliveries import report
from leadflow.store.keys import Vault

EVERY_SECONDS = 2.0

log = structlog.get_logger(__name__)


async def read_callbacks(
    store: Store, vault: Vault, published: Callable[[], Installation], clock: Clock
) -> None:
    """Runs until it is cancelled; what fails is tried again with the next round."""
    while True:
        try:
            now = await clock.now()
            await asyncio.to_thread(work_off, store, vault, published, now)
        except Exception as error:  # noqa: BLE001 -- whatever it is: others wait for the next round
            log.warning("callbacks are read later", error=f"{type(error).__name__}: {error}")
        await asyncio.sleep(EVERY_SECONDS)


def work_off(
    store: Store, vault: Vault, published: Callable[[], Installation], now: datetime
) -> None:
    """Reads what is due; what is about nothing known comes again later, and is let go after a day. Blocking."""
    found = unread(store, now)
    installation = published() if found else Installation()
    for one in found:
        # First of all: whatever goes wrong with this one, the others have their turn.
        look_again(store, one, now)
        if _is_settled(store, vault, installation, one):
            is_read(store, one)
    for source, name in let_go(store, now):
        log.warning("a callback was about no message of ours", connection=source, callback=name)


def _is_settled(store: Store, vault: Vault, installation: Installation, one: Callback) -> bool:
    """Whether everything in it is written down; each part may be done twice."""
    way = installation.connections.get(one.source)
    if way is None or way.callbacks is None:
        log.warning("a callback came for what is no connection any more", connection=one.source)
        return True
    try:
        found = reports(way.callbacks, one.kind, one.body)
    except ValueError as error:  # it was well-formed when it came: the rules have changed
        log.warning("a callback cannot be read", connection=one.source, error=str(error))
        return True
    known = [report(store, vault, installation, way, told, one.since) for told in found]
    return all(known)
