"""The commit: what one or more events changed in our own database, in one transaction (`leadflow.ports.Commit`)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog
from temporalio import activity

from activities.clock import Clock
from activities.policies import COMMIT_ACTIVITY
from leadflow.errors import Behind
from leadflow.ports import Commit, Committed

log = structlog.get_logger(__name__)

Write = Callable[[Commit, datetime], Committed]
"""`leadflow.store`'s commit with the database bound to it. Blocking; raises `leadflow.errors.Unreachable`."""

CatchUp = Callable[[Commit, datetime], Awaitable[None]]
"""Lets the database do again what it has forgotten of a lead before this commit (`workflows.histories`)."""


class CommitActivity:
    """Stores what a lead has decided and answers what only the database knows."""

    def __init__(self, write: Write, catch_up: CatchUp, clock: Clock) -> None:
        self._write = write
        self._catch_up = catch_up
        self._clock = clock

    @activity.defn(name=COMMIT_ACTIVITY)
    async def commit(self, batch: Commit) -> Committed:
        """Once, however often it is tried: the store's version guards it. What it raises is tried again for ever."""
        now = await self._clock.now()
        try:
            stored = await asyncio.to_thread(self._write, batch, now)
        except Behind:
            await self._catch_up(batch, now)
            stored = await asyncio.to_thread(self._write, batch, now)
        _tell(batch)
        return stored


def _tell(batch: Commit) -> None:
    """A line of the log: what has happened by its kind, and where the lead stands."""
    state = batch.state
    tell = log.error if state.quarantined else log.info
    tell(
        "a lead is quarantined" if state.quarantined else "a lead has moved on",
        lead=state.lead,
        pipeline=state.pipeline,
        stage=state.stage,
        version=state.version,
        closed=state.closed,
        events=[each.kind for each in batch.happened],
    )
