"""`leadflow recover`: leads whose Temporal data is gone begin again from the state that the store kept.

Nothing is sent meanwhile, nor until an admin confirms: whoever lost one half of an installation may have lost more. What
the ledger knows as accepted is not sent again, what nobody can know stays a question, what is planned is handed to the
new runs. It may be stopped at any moment and run again: a lead that runs is left alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

import msgspec
from temporalio.api.enums.v1 import WorkflowTaskFailedCause
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from leadflow.engine.events import AnyEvent
from leadflow.errors import LeadflowError
from leadflow.store.census import Counted, alive, counted
from leadflow.store.db import Store
from leadflow.store.intake import tell_again, unheard
from leadflow.store.keys import Vault
from leadflow.store.seat import unseat
from leadflow.store.seen import met
from leadflow.store.texts import Render
from workflows.delivery import Delivery
from workflows.histories import Histories

NOT_DETERMINISTIC = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR
PACE = 20.0
"""Leads a second."""
AT_ONCE = 20


class Recovered(msgspec.Struct):
    """What was found, and done."""

    running: int = 0
    begun: int = 0
    """Begun again from the store; in a dry run: to be begun."""
    untold: int = 0
    """Events that the lost Temporal was told and that the store has not seen come back: told once more."""
    caught_up: int = 0
    """Ended since, as Temporal still knows: the store has caught up."""
    messages: int = 0
    """Under way in those leads: they wait for `leadflow confirm`."""
    failed: dict[int, str] = {}
    """Number of the lead → why it could not be begun."""


class Recovery:
    """Begins leads again. Raises what Temporal's client raises."""

    def __init__(self, client: Client, store: Store, vault: Vault, render: Render) -> None:
        self.client = client
        self.store = store
        self.vault = vault
        self.delivery = Delivery(client, store, vault)
        self.histories = Histories(client, store, vault, render)

    async def recover(self, now: datetime, *, dry: bool, pace: float = PACE) -> Recovered:
        """Begins every lead again that should have a run and has none.

        Args:
            now: the instant.
            dry: only says what it would do.
            pace: leads a second.
        """
        found = Recovered()

        async def see(lead: Counted) -> None:
            untold = await asyncio.to_thread(unheard, self.store, lead.id)
            status = await self.status(lead.id)
            if status == WorkflowExecutionStatus.RUNNING:
                found.running += 1
                return
            if not (lead.version or untold):
                return  # it is just being begun
            found.untold += untold
            found.begun += bool(lead.version and dry)
            found.messages += len(lead.unfinished)
            if not dry:
                await self._begin(lead, status, now, found)

        await self.each(see, pace)
        if not dry and not found.failed:
            await asyncio.to_thread(met, self.store)
        return found

    async def _begin(
        self,
        lead: Counted,
        status: WorkflowExecutionStatus | None,
        now: datetime,
        found: Recovered,
    ) -> None:
        """Nothing that begins now sends anything until `confirm`."""
        await asyncio.to_thread(self.store.write, lambda c: unseat(c, "recovered", now))
        try:
            if not lead.version:
                await asyncio.to_thread(tell_again, self.store, lead.id)
            elif await self.begin_again(lead, status, now):
                found.begun += 1
            else:
                found.caught_up += 1
        except LeadflowError as error:
            found.failed[lead.number] = error.message

    async def begin_again(
        self, lead: Counted, status: WorkflowExecutionStatus | None, now: datetime
    ) -> bool:
        """A run from the store, with the messages under way, what was decided and not stored, and what it was told of.

        False: the lead has ended, and the store had forgotten it.
        """
        decided: list[AnyEvent] = []
        if status is not None:  # its last run may know more than the store
            await self.histories.catch_up(lead.id, now)
            if not (await asyncio.to_thread(counted, self.store, lead.id)).alive:
                return False
            decided = await self.histories.decisions(lead.id)
        await asyncio.to_thread(tell_again, self.store, lead.id)  # the relay does
        await self.delivery.restart(lead.id, decided)
        return True

    async def status(self, lead: str) -> WorkflowExecutionStatus | None:
        """Of the lead's last run; None: Temporal knows of none."""
        try:
            return (await self.client.get_workflow_handle(lead).describe()).status
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
            return None

    async def stuck(self, lead: str) -> bool:
        """Whether no worker has got its history to replay since its last task that was done."""
        last = None
        async for event in self.client.get_workflow_handle(lead).fetch_history_events():
            if event.HasField("workflow_task_failed_event_attributes"):
                last = event.workflow_task_failed_event_attributes.cause
            elif event.HasField("workflow_task_completed_event_attributes"):
                last = None
        return last == NOT_DETERMINISTIC

    async def each(self, see: Callable[[Counted], Awaitable[None]], pace: float) -> None:
        """Calls for every lead that should be alive, several at once, no more a second than the pace."""
        limit = asyncio.Semaphore(AT_ONCE)

        async def one(lead: Counted) -> None:
            async with limit:
                await see(lead)

        try:
            async with asyncio.TaskGroup() as group:
                async for lead in self._alive():
                    group.create_task(one(lead))
                    await asyncio.sleep(1 / pace)
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def _alive(self) -> AsyncIterator[Counted]:
        last = 0
        while page := await asyncio.to_thread(alive, self.store, last):
            for lead in page:
                yield lead
            last = page[-1].number
