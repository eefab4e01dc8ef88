"""Heartbeats: the server learns within seconds that a worker is gone, though a mail server may take ten minutes."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager

from temporalio import activity

from activities.beside import beside
from activities.policies import HEARTBEAT_SECONDS


def beating() -> AbstractAsyncContextManager[None]:
    """Beats as long as the block lasts."""
    return beside(_beat())


async def _beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(HEARTBEAT_SECONDS)
