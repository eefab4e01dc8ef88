"""The one door to leads, Temporal's side of `leadflow.ports.Gateway`: board, CLI, forms, mail and calls come in here.

* `add` is acknowledged once the lead is stored; its workflow is started then and, where Temporal cannot be reached, as
  soon as it can (`workflows.relay`).
* `act` is answered when decided and durable. The event's id is chosen by the client: every retry, here or by the client, is
  the same decision. What ends a visit, snoozes or opts out is answered only after its commit.
* `tell` keeps a fact that cannot be told now.
"""

from __future__ import annotations

import asyncio

from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode
from typing_extensions import override

from activities.clock import Clock
from leadflow.engine.decide import decide
from leadflow.engine.events import Actor, AnyEvent, Created
from leadflow.engine.pipeline import Pipeline
from leadflow.engine.state import State
from leadflow.engine.why import Why, why
from leadflow.errors import NotFound, Unreachable
from leadflow.installation import Installation
from leadflow.ports import Answer, Gateway
from leadflow.store.db import Store
from leadflow.store.intake import Origin, add_lead, keep_event
from leadflow.store.keys import Vault
from leadflow.store.leads import LeadRow, find_lead, has_happened, load_state
from leadflow.store.published import Version, installation, newest, pipeline_of
from leadflow.store.texts import Render
from workflows.delivery import Delivery
from workflows.door import Door
from workflows.edge import canonical, left_out
from workflows.lead import LeadWorkflow
from workflows.looking import look
from workflows.patience import NOWHERE, PASSING, PATIENCE, PAUSE, AgainError, patiently
from workflows.shapes import Acted, Asked, Migrated, migration_id
from workflows.updates import RefusedError, refusals, update_id

SHORT_PATIENCE = 5.0
"""Seconds until what is stored already is left to the relay."""

BEGINS = "its workflow has been told to begin, and has not"
ENDS = "its workflow has just ended, and the database does not know it yet"
RESET = "an operator has reset its workflow, which has not heard from the database yet"


class TemporalGateway(Gateway):
    """See `leadflow.ports.Gateway`. Safe to share between tasks of one event loop."""

    def __init__(
        self,
        client: Client,
        store: Store,
        vault: Vault,
        clock: Clock,
        render: Render | None = None,
    ) -> None:
        """``render``: of a `leadflow.text.RenderPool`: a door that lives long stores what it is answered itself."""
        self._client = client
        self._store = store
        self._vault = vault
        self._clock = clock
        self._door = Door(store, vault, render, clock) if render is not None else None
        self._delivery = Delivery(client, store, vault, self._door)

    @override
    async def add(self, pipeline: str, event: Created, *, source: str, external_id: str) -> Answer:
        published = await asyncio.to_thread(newest, self._store, pipeline)
        event, bad = canonical(event, published.pipeline, await self._installation())
        origin = Origin(source, external_id) if external_id else None
        added = await asyncio.to_thread(
            add_lead,
            self._store,
            self._vault,
            pipeline,
            left_out(event, bad),
            now=await self._clock.now(),
            origin=origin,
        )
        waiting = not added.version and not await self._begun(added.lead)
        return Answer(
            lead=added.lead,
            version=added.version,
            stage=added.stage,
            closed=added.closed,
            repeated=added.repeated,
            waiting=waiting,
        )

    @override
    async def act(self, lead: str, event: AnyEvent) -> Answer:
        row = await asyncio.to_thread(find_lead, self._store, lead)
        pipeline = await asyncio.to_thread(pipeline_of, self._store, row.pipeline, row.hash)
        event, bad = canonical(event, pipeline, await self._installation())
        if bad:
            return Answer(row.id, row.version, row.stage, row.closed, bad)
        if not row.version:
            await self._begun(row.id)
        stored = await self._intended(row, event)
        try:
            acted = await self._ask(row, pipeline, event, stored, row.version)
            if not await self._store_left(acted):
                acted = await self._ask(row, pipeline, event, stored, acted.version)
        except RefusedError as error:
            if self._door is not None and stored is not None:
                await self._door.withdraw(row.id, event)
            return Answer(row.id, row.version, row.stage, row.closed, error.refusals)
        settled = not acted.settles or await self.settled(row.id, acted.version)
        return Answer(row.id, acted.version, acted.stage, acted.closed, waiting=not settled)

    @override
    async def tell(self, lead: str, event: AnyEvent) -> None:
        row = await asyncio.to_thread(find_lead, self._store, lead)
        pipeline = await asyncio.to_thread(pipeline_of, self._store, row.pipeline, row.hash)
        event, _ = canonical(event, pipeline, await self._installation())
        now = await self._clock.now()
        await asyncio.to_thread(keep_event, self._store, self._vault, row.id, event, now)
        await self._begun(row.id)

    @override
    async def card(self, lead: str) -> State:
        row = await asyncio.to_thread(find_lead, self._store, lead)
        if row.closed:
            return await self._stored(row.id)
        try:
            return (await patiently(lambda: look(self._client, row.id))).state
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
            return await self._stored(row.id)

    async def why(self, lead: str) -> Why:
        """What the lead waits for, and the least that moves it on; of a closed lead as the store knows it."""
        row = await asyncio.to_thread(find_lead, self._store, lead)
        pipeline = await asyncio.to_thread(pipeline_of, self._store, row.pipeline, row.hash)
        return why(pipeline, await self.card(row.id), await self._clock.now())

    async def migrate(self, lead: str, to: Version, actor: Actor) -> Answer:
        """A version of its pipeline under a running lead, durable when this returns. Asked again it is the same migration.

        Raises:
            Unreachable: nobody answers.
            NotFound: there is no such lead, or it has no run.
        """
        row = await asyncio.to_thread(find_lead, self._store, lead)
        order = Migrated(
            id=migration_id(to.hash, to.turn),
            actor=actor,
            pipeline=to.packed,
            stored=row.version,
        )
        handle = self._client.get_workflow_handle_for(LeadWorkflow.run, row.id)
        try:
            acted = await patiently(
                lambda: handle.execute_update(LeadWorkflow.migrate, order, id=update_id(order))
            )
        except WorkflowUpdateFailedError as error:
            return Answer(row.id, row.version, row.stage, row.closed, refusals(error))
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
            message = f"lead {row.number} has no run"
            raise NotFound(message, "leadflow reconcile says why, and begins it again") from error
        stored = await self.settled(row.id, acted.version)
        return Answer(row.id, acted.version, acted.stage, acted.closed, waiting=not stored)

    async def settled(self, lead: str, version: int, seconds: float = PATIENCE) -> bool:
        """Waits until the store has a version of the lead: then pages show it, and what it stopped stays stopped."""
        loop, pause = asyncio.get_running_loop(), PAUSE
        end = loop.time() + seconds
        while (await asyncio.to_thread(find_lead, self._store, lead)).version < version:
            if loop.time() > end:
                return False
            await asyncio.sleep(pause)
            pause = min(2 * pause, 0.5)
        return True

    async def _intended(self, row: LeadRow, event: AnyEvent) -> int | None:
        """The version that this door adds to, if it stores what comes of the event; None: the workflow shall."""
        if self._door is None or row.closed:
            return None
        try:
            await self._door.intend(row.id, event)
        except Unreachable:
            return None
        return row.version

    async def _store_left(self, acted: Acted) -> bool:
        """Stores what the workflow has left to this door; what does not go now, the relay sees to.

        False: the store has another past than the run, which an operator has reset.
        """
        if acted.batch is None or self._door is None:
            return True
        try:
            answer = await self._door.store(acted.batch)
        except Unreachable:
            return True
        return answer.ahead is None or {one.event for one in acted.batch.happened} <= {
            *answer.known
        }

    async def _ask(
        self,
        row: LeadRow,
        pipeline: Pipeline,
        event: AnyEvent,
        stored: int | None,
        known: int,
    ) -> Acted:
        """The decision. ``known``: up to this version the store must have it.

        Where it has not, an operator has reset the run, which knows less than the store: it goes on from there, and takes
        the decision or refuses it.
        """
        turn = 0

        async def ask() -> Acted:
            nonlocal turn
            acted = await self._act(row.id, pipeline, event, stored, turn)
            if acted.version <= known and not await asyncio.to_thread(
                has_happened, self._store, row.id, event.id
            ):
                turn += 1
                await self._mend(row.id)
                raise AgainError(RESET)
            return acted

        return await patiently(ask)

    async def _mend(self, lead: str) -> None:
        try:
            await self._client.get_workflow_handle(lead).signal(LeadWorkflow.mend, ())
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:  # it has ended
                raise

    async def _act(
        self, lead: str, pipeline: Pipeline, event: AnyEvent, stored: int | None, turn: int
    ) -> Acted:
        handle = self._client.get_workflow_handle_for(LeadWorkflow.run, lead)
        asked = event if stored is None else Asked(event, stored)
        try:
            return await handle.execute_update(LeadWorkflow.act, asked, id=update_id(asked, turn))
        except WorkflowUpdateFailedError as error:
            raise RefusedError(refusals(error)) from error
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
        if await self._delivery.deliver(lead):  # not begun: its workflow is on its way
            raise AgainError(BEGINS)
        try:
            found = await self._delivery.resumed(lead)
        except NotFound:
            raise AgainError(BEGINS) from None
        if event.id in found.seen:  # done, and the lead has been closed since
            return Acted(found.seen[event.id], found.state.stage, found.state.closed)
        decision = decide(pipeline, found.state, event, await self._clock.now())
        if decision.refusals:
            raise RefusedError(decision.refusals)
        return await self._act_anew(lead, event)

    async def _act_anew(self, lead: str, event: AnyEvent) -> Acted:
        try:
            return await self._delivery.act_with_start(lead, event)
        except WorkflowUpdateFailedError as error:
            raise RefusedError(refusals(error)) from error
        except WorkflowAlreadyStartedError:  # it has just ended: the store knows in a moment
            raise AgainError(ENDS) from None

    async def _begun(self, lead: str) -> bool:
        """Tells the workflow what is kept for it; False: nobody answers now, the relay will."""
        try:
            async with asyncio.timeout(SHORT_PATIENCE):
                await self._delivery.deliver(lead)
        except (*NOWHERE, TimeoutError, WorkflowAlreadyStartedError) as error:
            if isinstance(error, RPCError) and error.status not in PASSING:
                raise
            return False
        return True

    async def _stored(self, lead: str) -> State:
        return await asyncio.to_thread(load_state, self._store, self._vault, lead)

    async def _installation(self) -> Installation:
        return await asyncio.to_thread(installation, self._store)
