"""Heartbeats: the server learns within seconds that a worker is gone, though a mail server may take ten minutes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from temporalio import activity

from activities.policies import HEARTBEAT_SECONDS


@contextlib.asynccontextmanager
async def beating() -> AsyncIterator[None]:
    """Beats as long as the block lasts."""
    heart = asyncio.create_task(_beat())
    try:
        yield
    finally:
        heart.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await heart


async def _beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(HEARTBEAT_SECONDS)
