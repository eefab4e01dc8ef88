"""Bringing events to leads that may be running, closed, or not begun; all of it may be done twice without harm."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import structs
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowExecutionStatus,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import TypedSearchAttributes, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from leadflow.engine.clock import iso
from leadflow.engine.decide import begin
from leadflow.engine.events import AnyEvent, Created, EffectDone
from leadflow.errors import NotFound
from leadflow.store.db import Store
from leadflow.store.intake import Waiting, forget_told, told, waiting
from leadflow.store.intents import Intent, left_behind, withdraw
from leadflow.store.keys import Vault
from leadflow.store.leads import due_while_closed, erased_leads
from leadflow.store.outbox import OutboxRow, answered_late
from leadflow.store.published import version
from leadflow.store.resume import Resume, resume
from workflows import words
from workflows.door import Door
from workflows.lead import LeadWorkflow
from workflows.looking import look
from workflows.names import LEADS_QUEUE
from workflows.shapes import RING, Acted, Start
from workflows.updates import update_id

DEAD_AFTER = timedelta(seconds=5)
"""A door that has not stored an answer by then is helped."""
LOST_AFTER = timedelta(minutes=1)
"""A question of which the workflow knows nothing by then was never heard: its door has long given up."""
KEY_OUTLIVES = timedelta(hours=1)
"""So long the run that has erased a person may still need the key, to end."""

HEALING = timedelta(seconds=3)
"""So long the relay waits for one lead to say how it stands."""
TOLD_OUTLIVES = timedelta(days=1)
"""So long an event is kept that a workflow was told of and that changed nothing."""


class Delivery:
    """Starts workflows and signals them; raises what Temporal's client raises."""

    def __init__(
        self, client: Client, store: Store, vault: Vault, door: Door | None = None
    ) -> None:
        """``door``: decides and stores beginnings itself; None: workflows do."""
        self._client = client
        self._store = store
        self._vault = vault
        self._door = door

    async def deliver(self, lead: str = "", before: datetime | None = None) -> int:
        """Tells workflows what the store keeps for them, the oldest first; how many leads.

        Args:
            lead: only this one's.
            before: only what has waited since then at least: whoever stored the rest is just telling it.
        """
        kept = await asyncio.to_thread(waiting, self._store, self._vault, lead)
        found = [one for one in kept if before is None or one.since < before]
        for one in found:
            try:
                await self._tell(one)
            except WorkflowAlreadyStartedError:  # it has just ended: the store knows in a moment
                if lead:
                    raise
                continue
            ids = [event.id for event in one.events]
            await asyncio.to_thread(told, self._store, one.lead, ids)
        return len(found)

    async def sweep(self, now: datetime) -> None:
        """What no event brings about: a closed lead's ``erase_after``, a send's late truth, the end of an erased lead's key."""
        for lead in await asyncio.to_thread(due_while_closed, self._store, now):
            await self._start(lead, await self.start_from_store(lead))
        for row in await asyncio.to_thread(answered_late, self._store):
            await self._start(row.lead, await self.start_from_store(row.lead), _truth(row))
        await asyncio.to_thread(forget_told, self._store, now - TOLD_OUTLIVES)
        for lead in await asyncio.to_thread(erased_leads, self._store, now - KEY_OUTLIVES):
            if not await self._running(lead):
                await asyncio.to_thread(self._vault.forget, lead)

    async def heal(self, now: datetime) -> None:
        """What doors have left behind: their workflows are told to store it themselves."""
        for intent in await asyncio.to_thread(left_behind, self._store, now - DEAD_AFTER):
            if await self._is_lost(intent, now):
                await asyncio.to_thread(withdraw, self._store, intent.lead, intent.event)

    async def act_with_start(self, lead: str, event: AnyEvent) -> Acted:
        """An update that begins a closed lead's run again, unless somebody else just has."""
        begun = await self.start_from_store(lead)
        start = WithStartWorkflowOperation(
            LeadWorkflow.run,
            begun,
            id=lead,
            task_queue=LEADS_QUEUE,
            id_reuse_policy=_again(closed=bool(begun.state.closed)),
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        return await self._client.execute_update_with_start_workflow(
            LeadWorkflow.act, event, start_workflow_operation=start, id=update_id(event)
        )

    async def start_from_store(self, lead: str) -> Start:
        """Where the store says the lead stands."""
        return await self._start_of(await self.resumed(lead))

    async def restart(self, lead: str, decided: Sequence[AnyEvent] = ()) -> None:
        """Begins a run again that is gone, with the messages it had under way and what it had decided without storing it."""
        found = await self.resumed(lead)
        start = await self._start_of(found)
        run = await self._client.start_workflow(
            LeadWorkflow.run,
            structs.replace(start, events=(*start.events, *decided)),
            id=lead,
            task_queue=LEADS_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal="mend",
            start_signal_args=[found.sends],
        )
        for event in decided:  # a door may have begun it just before
            await run.signal(LeadWorkflow.tell, event)

    async def resumed(self, lead: str) -> Resume:
        """What the store knows of a lead."""
        return await asyncio.to_thread(resume, self._store, self._vault, lead, RING)

    async def _start_of(self, found: Resume) -> Start:
        published = await asyncio.to_thread(version, self._store, found.pipeline, found.hash)
        return Start(published.packed, found.state, found.facts, found.seen)

    async def _running(self, lead: str) -> bool:
        try:
            described = await self._client.get_workflow_handle(lead).describe()
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
            return False
        return described.status == WorkflowExecutionStatus.RUNNING

    async def _is_lost(self, intent: Intent, now: datetime) -> bool:
        """Whether nothing will come of it; a workflow that knows of it is told to store it."""
        if not await self._running(intent.lead):
            return True  # a run ends only when all is stored
        try:
            looked = await look(self._client, intent.lead, HEALING)
        except WorkflowUpdateRPCTimeoutOrCancelledError:
            return False  # no obstacle to the others
        if intent.event in looked.pending:
            await self._client.get_workflow_handle(intent.lead).signal(LeadWorkflow.mend, ())
            return False
        return now - intent.since > LOST_AFTER

    async def _tell(self, one: Waiting) -> None:
        first = next((event for event in one.events if isinstance(event, Created)), None)
        if first is None:
            start = await self._stored(one.lead)
        else:
            start = await self._begun(one, first)
        for event in one.events:
            if start is None:
                await self._client.get_workflow_handle(one.lead).signal(LeadWorkflow.tell, event)
            elif event is not first:
                await self._start(one.lead, start, event, new=first is not None)

    async def _stored(self, lead: str) -> Start | None:
        """Where the store has the lead; None: it runs, and nothing of it is stored yet."""
        try:
            return await self.start_from_store(lead)
        except NotFound:
            return None

    async def _begun(self, one: Waiting, first: Created) -> Start:
        """Begins a new lead: from where the store has it, if it is decided already or can be now; else from nothing."""
        published = await asyncio.to_thread(version, self._store, one.pipeline, one.hash)
        decided = one.state is not None
        if not decided and self._door is not None:
            decided = await self._door.begin(published.pipeline, one.lead, first)
        if decided:
            found = await self.resumed(one.lead)
            start = Start(published.packed, found.state, found.facts, found.seen, sends=found.sends)
        else:
            start = Start(published.packed, begin(published.pipeline, one.lead), (first,))
        try:
            shown = words.attributes(published.pipeline)
            await self._start_showing(one.lead, start, shown)
        except WorkflowAlreadyStartedError:  # it has heard of it before, and ended
            await asyncio.to_thread(told, self._store, one.lead, [first.id])
        return start

    async def _start_showing(self, lead: str, start: Start, shown: TypedSearchAttributes) -> None:
        """A new lead; it shows itself later where no worker has defined the search attributes yet."""
        try:
            await self._start(lead, start, new=True, shown=shown)
        except RPCError as error:
            if error.status != RPCStatusCode.INVALID_ARGUMENT:
                raise
            await self._start(lead, start, new=True)

    async def _start(
        self,
        lead: str,
        start: Start,
        event: AnyEvent | None = None,
        *,
        new: bool = False,
        shown: TypedSearchAttributes | None = None,
    ) -> None:
        """Begins a run unless there is one; ``event``: to be told to whichever there is.

        ``new``: no run of it has come to its end yet. Should one have, or one of a lead that the store calls open,
        `WorkflowAlreadyStartedError` says that the store has to be read again.
        """
        await self._client.start_workflow(
            LeadWorkflow.run,
            start,
            id=lead,
            task_queue=LEADS_QUEUE,
            id_reuse_policy=_again(closed=bool(start.state.closed) and not new),
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            search_attributes=shown,
            start_signal="tell" if event else None,
            start_signal_args=[event] if event else [],
        )


def _again(*, closed: bool) -> WorkflowIDReusePolicy:
    """A run that came to its end has closed its lead: from an older state none may begin (`leadflow reconcile`)."""
    if closed:
        return WorkflowIDReusePolicy.ALLOW_DUPLICATE
    return WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY


def _truth(row: OutboxRow) -> EffectDone:
    """How a send ended about which somebody is asked: its attempt, taken for dead, has come back, or it was settled."""
    return EffectDone(
        id=f"{row.key}/{row.state}/late",
        key=row.key,
        result=row.state if row.state in {"accepted", "refused", "dropped"} else "skipped",
        reason=row.reason or row.reply,
        at=iso(row.finished) if row.finished else "",
        provider_id=row.provider_id,
    )
