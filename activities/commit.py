"""The commit: what one or more events changed in our own database, in one transaction (`leadflow.ports.Commit`)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from temporalio import activity

from activities.clock import Clock
from activities.policies import COMMIT_ACTIVITY
from leadflow.ports import Commit, Committed

Write = Callable[[Commit, datetime], Committed]
"""`leadflow.store`'s commit with the database bound to it. Blocking; raises `leadflow.errors.Unreachable`."""


class CommitActivity:
    """Stores what a lead has decided and answers what only the database knows."""

    def __init__(self, write: Write, clock: Clock) -> None:
        self._write = write
        self._clock = clock

    @activity.defn(name=COMMIT_ACTIVITY)
    async def commit(self, batch: Commit) -> Committed:
        """Once, however often it is tried: the store's version guards it. What it raises is tried again for ever."""
        return await asyncio.to_thread(self._write, batch, await self._clock.now())
