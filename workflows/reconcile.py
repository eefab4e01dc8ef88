"""`leadflow reconcile`: where store and Temporal say different things of a lead, and what mends it.

Leads go on while they are looked at, so each look is store, workflow, store again: what the store said before *and*
after is compared with what the workflow said in between. A commit under way is therefore no difference.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from temporalio.client import (
    WorkflowExecutionStatus,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.service import RPCError

from leadflow.errors import LeadflowError
from leadflow.ports import Planned
from leadflow.store.census import Counted, counted, known
from leadflow.store.intake import tell_again
from workflows.lead import LeadWorkflow
from workflows.looking import look
from workflows.names import LEAD_WORKFLOW
from workflows.recovery import PACE, Recovery
from workflows.shapes import Looked
from workflows.updates import refusals

Kind = Literal[
    "not_begun", "no_workflow", "store_behind", "store_ahead", "closed", "message", "stuck",
    "unreadable", "orphan",
]  # fmt: skip
WORDS: dict[Kind, str] = {
    "not_begun": "stored, but its workflow was never begun",
    "no_workflow": "open in the store, and no workflow runs",
    "store_behind": "the workflow has come further than the store",
    "store_ahead": "the store has come further than the workflow",
    "closed": "closed in the store, open in its workflow",
    "message": "a message waits that no workflow sends",
    "stuck": "its workflow cannot go on: its history does not replay",
    "unreadable": "its workflow cannot be read",
    "orphan": "a workflow runs for a lead that is not in the store",
}
RUNNING = f"WorkflowType = '{LEAD_WORKFLOW}' AND ExecutionStatus = 'Running'"
YOUNG = timedelta(seconds=10)
"""A lead stored less long ago is just being begun."""
ANSWER = timedelta(seconds=10)
"""So long a workflow may take to say where it stands: it may have to be read from its history first."""
SETTLES = 3.0
"""Seconds until a message that was planned just now is being sent."""
TRIES, PAUSE = 40, 0.25
"""Looks until a difference that was mended has to be gone, and seconds between them."""


class Difference(msgspec.Struct, omit_defaults=True):
    """One lead of which the two say different things."""

    lead: str
    kind: Kind
    number: int = 0
    text: str = ""
    done: str = ""
    """What has mended it; empty: it is still there."""


class Reconciliation:
    """Looks, and mends. Raises what Temporal's client raises."""

    def __init__(self, recovery: Recovery, now: datetime) -> None:
        self._recovery = recovery
        self._store = recovery.store
        self._now = now

    async def reconcile(
        self,
        *,
        repair: bool,
        end_orphans: bool = False,
        restart_stuck: bool = False,
        pace: float = PACE,
    ) -> list[Difference]:
        """All differences, by kind and lead's number.

        Args:
            repair: mends what can be mended.
            end_orphans: ends workflows of leads that this store does not know (and that another one might).
            restart_stuck: ends runs that no build can go on with, and begins them again from the store.
            pace: leads a second.
        """
        found: list[Difference] = []
        seen: set[str] = set()

        async def see(lead: str) -> None:
            seen.add(lead)
            if (difference := await self._look_well(lead)) is not None:
                found.append(difference)
                if difference.kind == "stuck":
                    if restart_stuck:
                        await self._restart(difference)
                elif repair:
                    await self._mend(difference)

        await self._recovery.each(lambda lead: see(lead.id), pace)
        client = self._recovery.client
        running = {one.id async for one in client.list_workflows(RUNNING)} - seen
        ours = await asyncio.to_thread(known, self._store, running)
        for lead in ours:  # closed in the store
            await see(lead)
        found += [await self._orphan(lead, end=end_orphans) for lead in running - ours]
        return sorted(found, key=lambda one: (one.kind, one.number, one.lead))

    async def _look_well(self, lead: str) -> Difference | None:
        found = await self._look(lead)
        if found is not None and found.kind == "message":
            await asyncio.sleep(SETTLES)  # its rows are there, its workflow is just being told
            found = await self._look(lead)
        return found

    async def _look(self, lead: str) -> Difference | None:
        """None: the two agree, or the lead is moving and therefore alive."""
        before = await self._counted(lead)
        status = await self._recovery.status(lead)
        if status != WorkflowExecutionStatus.RUNNING:
            after = await self._counted(lead)
            return self._without_run(after) if after.version == before.version else None
        try:
            looked = await self._looked(lead)
        except (RPCError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
            kind: Kind = "stuck" if await self._recovery.stuck(lead) else "unreadable"
            return _difference(before, kind, str(error))
        return _compared(before, looked, await self._counted(lead))

    def _without_run(self, lead: Counted) -> Difference | None:
        if not lead.version:
            young = self._now - lead.created < YOUNG
            return None if young else _difference(lead, "not_begun")
        if lead.closed:
            return _difference(lead, "message") if lead.unfinished else None
        return _difference(lead, "no_workflow")

    async def _looked(self, lead: str) -> Looked:
        return await look(self._recovery.client, lead, ANSWER)

    async def _counted(self, lead: str) -> Counted:
        return await asyncio.to_thread(counted, self._store, lead)

    async def _mend(self, found: Difference) -> None:
        try:
            await self._do(found.lead)
        except (LeadflowError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
            found.text = f"{found.text}; {error}"
            return
        for _ in range(TRIES):
            if await self._look(found.lead) is None:
                found.done = _DONE[found.kind]
                return
            await asyncio.sleep(PAUSE)

    async def _restart(self, found: Difference) -> None:
        """What it was told and has not come to is told again; what it has decided and not had stored is decided again."""
        decided = await self._recovery.histories.decisions(found.lead)
        handle = self._recovery.client.get_workflow_handle(found.lead)
        await handle.terminate(reason="leadflow reconcile: stuck")
        await asyncio.to_thread(tell_again, self._store, found.lead)
        await self._mend(found)
        for event in decided:  # the new run began with them: asked once more, a refusal is heard
            try:
                await self._recovery.delivery.act_with_start(found.lead, event)
            except WorkflowUpdateFailedError as error:
                said = "; ".join(refusal.message for refusal in refusals(error))
                found.text = f"{found.text}; {type(event).__name__} {event.id} is lost: {said}"

    async def _do(self, name: str) -> None:
        """What mends whatever it is: first the store learns what Temporal knows, then the lead what the store does."""
        lead, recovery = await self._counted(name), self._recovery
        status = await recovery.status(name)
        if not lead.version and status != WorkflowExecutionStatus.RUNNING:
            await asyncio.to_thread(tell_again, self._store, name)
            await recovery.delivery.deliver(name)
        elif status != WorkflowExecutionStatus.RUNNING:
            await recovery.begin_again(lead, status, self._now)
        else:
            await recovery.histories.catch_up(name, self._now)
            looked = await self._looked(name)
            sends = _left_lying(await self._counted(name), looked)
            handle = recovery.client.get_workflow_handle_for(LeadWorkflow.run, name)
            await handle.signal(LeadWorkflow.mend, sends)

    async def _orphan(self, lead: str, *, end: bool) -> Difference:
        found = Difference(lead, "orphan", text=WORDS["orphan"])
        if end:
            handle = self._recovery.client.get_workflow_handle(lead)
            await handle.terminate(reason="leadflow reconcile: an orphan")
            found.done = _DONE["orphan"]
        return found


_DONE: dict[Kind, str] = {
    "not_begun": "begun",
    "no_workflow": "begun again from the store, or known now to have ended",
    "store_behind": "the store has caught up",
    "store_ahead": "the workflow goes on from what the store holds",
    "closed": "the workflow goes on from what the store holds",
    "message": "the workflow has it again, or its end was known",
    "stuck": "begun again from the store",
    "unreadable": "it can be read now",
    "orphan": "ended",
}


def _compared(before: Counted, looked: Looked, after: Counted) -> Difference | None:
    if looked.committed > after.version:
        return _difference(after, "store_behind", f"version {looked.committed} and {after.version}")
    closed = bool(before.closed) and not looked.state.closed
    if before.version > looked.state.version or (closed and before.version == looked.state.version):
        kind: Kind = "closed" if closed else "store_ahead"
        return _difference(before, kind, f"version {before.version} and {looked.state.version}")
    # What a door has stored the workflow may not know to be stored: then it is its version.
    calm = before.version == after.version in (looked.committed, looked.state.version)
    lying = {one.key for one in _left_lying(before, looked)}
    lying &= {one.key for one in _left_lying(after, looked)}
    return _difference(after, "message", f"{len(lying)} of them") if calm and lying else None


def _left_lying(lead: Counted, looked: Looked) -> tuple[Planned, ...]:
    """Messages that no activity tries, and that wait for no deadline of the lead's."""
    waiting = {key for key, run in looked.state.sends.items() if run.status == "waiting"}
    return tuple(
        Planned(one.key, one.channel)
        for one in lead.unfinished
        if one.key not in looked.in_flight and one.effect not in waiting
    )


def _difference(lead: Counted, kind: Kind, more: str = "") -> Difference:
    text = f"{WORDS[kind]} ({more})" if more else WORDS[kind]
    return Difference(lead.id, kind, lead.number, text)
