"""The relay: what is stored for workflows and has not reached them yet is brought to them, for ever.

It runs in every worker and needs no other: what two of them do at once harms nobody. New leads that were taken while
Temporal was away, facts about closed leads, leads that a conversion begins. And now and then what no event
brings about (`Delivery.sweep`).
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from activities.clock import Clock
from workflows.delivery import Delivery

EVERY_SECONDS = 2.0
ROUNDS_PER_SWEEP = 10

log = structlog.get_logger(__name__)


async def relay(delivery: Delivery, clock: Clock, mark: Callable[[datetime], object]) -> None:
    """Runs until it is cancelled; what fails is tried again with the next round. ``mark``: called at each sweep."""
    for number in itertools.count():
        try:
            now = await clock.now()
            told = await delivery.deliver(before=now - timedelta(seconds=EVERY_SECONDS / 2))
            await delivery.heal(now)
            if told:
                log.info("relayed", leads=told)
            if number % ROUNDS_PER_SWEEP == 0:
                await asyncio.to_thread(mark, now)
                await delivery.sweep(now)
        except Exception as error:  # noqa: BLE001 -- whatever it is: others wait for the next round
            log.warning("the relay tries again", error=f"{type(error).__name__}: {error}")
        await asyncio.sleep(EVERY_SECONDS)
