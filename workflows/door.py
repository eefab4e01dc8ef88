"""What a long-lived door stores itself, so that a workflow need not (docs/decisions/0011).

A commit of the workflow's own costs six events of its history and a round through the server. Two things do without:

* A **new lead** is decided where it comes in and stored before its workflow begins: it is on the board, with its owner
  and its task, even while Temporal is away.
* A **decision** that its door waits for comes back, durable, with all that has to be stored; the door stores it. An
  intent, written before the question, tells the relay of a door that died in between (`workflows.delivery.Delivery.heal`).
"""

from __future__ import annotations

import asyncio
from datetime import datetime

from activities.clock import Clock
from leadflow.engine.decide import begin, decide
from leadflow.engine.events import AnyEvent, Created
from leadflow.engine.pipeline import Pipeline
from leadflow.errors import EngineError
from leadflow.ports import Commit, Committed
from leadflow.store.commit import commit
from leadflow.store.db import Store
from leadflow.store.intents import intend, withdraw
from leadflow.store.keys import Vault
from leadflow.store.texts import Render
from workflows import steps


class Door:
    """Decides beginnings, stores what was left to it. Shared between tasks; what it raises is the store's."""

    def __init__(self, store: Store, vault: Vault, render: Render, clock: Clock) -> None:
        self._store = store
        self._vault = vault
        self._render = render
        self._clock = clock

    async def begin(self, pipeline: Pipeline, lead: str, created: Created) -> bool:
        """Decides and stores how a lead begins; False: its workflow has to (an engine error parks it there)."""
        now = await self._clock.now()
        state = begin(pipeline, lead)
        try:
            decision = decide(pipeline, state, created, now)
        except EngineError:
            return False
        if decision.refusals:
            return False
        await self.store(Commit(decision.state, (steps.happened(created, decision, now),)))
        return True

    async def store(self, batch: Commit) -> Committed:
        """The commit, done here."""
        now = await self._clock.now()
        return await asyncio.to_thread(self._commit, batch, now)

    async def intend(self, lead: str, event: AnyEvent) -> None:
        """Before a workflow is asked."""
        await asyncio.to_thread(intend, self._store, lead, event.id, await self._clock.now())

    async def withdraw(self, lead: str, event: AnyEvent) -> None:
        """There is nothing to store."""
        await asyncio.to_thread(withdraw, self._store, lead, event.id)

    def _commit(self, batch: Commit, now: datetime) -> Committed:
        return commit(self._store, self._vault, batch, self._render, now, by_door=True)
