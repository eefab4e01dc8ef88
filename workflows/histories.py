"""What Temporal remembers of a lead that a database put back to an earlier moment has forgotten.

The commits with what they were answered and the sends with how they ended are read from the histories of the lead's
runs, the newest first, and done again (`leadflow.store.commit.redo`). Temporal keeps the histories of ended runs for the
namespace's retention; what is older is lost, and said to be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

from activities.policies import COMMIT_ACTIVITY, SEND_ACTIVITY
from leadflow.engine.events import AnyEvent, EffectDone
from leadflow.ports import Commit, Committed
from leadflow.store.commit import first_version
from leadflow.store.commit.redo import Done, redo, skip_to, write_ends
from leadflow.store.db import Store
from leadflow.store.keys import Vault
from leadflow.store.leads import find_lead, history as history_of
from leadflow.store.texts import Render
from workflows.shapes import Acted, Asked, Start
from workflows.steps import event_of

T = TypeVar("T")


ACT = "act"
"""`workflows.lead.LeadWorkflow.act`."""
_GIVEN: dict[str, type] = {COMMIT_ACTIVITY: Commit, SEND_ACTIVITY: str}
"""Activity → what it was given."""


class Remembered(msgspec.Struct):
    """Of one lead, the oldest first."""

    commits: list[Done] = []
    ends: dict[str, EffectDone] = {}
    """Ledger key → what the lead was told of the message last."""
    under_way: list[str] = []
    """Ledger keys of messages that have no end yet."""


class Histories:
    """Reads them, and lets the store do again what it lacks. Raises what Temporal's client raises."""

    def __init__(self, client: Client, store: Store, vault: Vault, render: Render) -> None:
        self._client = client
        self._store = store
        self._vault = vault
        self._render = render

    async def catch_up(self, lead: str, now: datetime) -> int:
        """Brings the store to where the lead had come; how many commits and ends of messages it lacked."""
        return await asyncio.to_thread(self._write, lead, await self._remembered(lead), 0, now)

    async def catch_up_to(self, batch: Commit, now: datetime) -> None:
        """As far as a commit under way needs it; what is lost for good before it is stepped over."""
        lead = batch.state.lead
        before = first_version(batch) - 1
        await asyncio.to_thread(self._write, lead, await self._remembered(lead), before, now)

    async def decisions(self, lead: str) -> list[AnyEvent]:
        """What the last run has begun with or answered, and not had stored; the oldest first."""
        history = await self._client.get_workflow_handle(lead).fetch_history()
        found: list[AnyEvent] = []
        for event in history.events:
            if given := event.workflow_execution_started_event_attributes.input.payloads:
                found += (await self._open(given, Start)).events
            accepted = event.workflow_execution_update_accepted_event_attributes
            asked = accepted.accepted_request.input
            if asked.name == ACT:
                kind: Any = AnyEvent | Asked
                found.append(event_of(await self._open(asked.args.payloads, kind)))
        stored = {one.event for one in await asyncio.to_thread(history_of, self._store, lead)}
        return [one for one in found if one.id not in stored]

    def _write(self, lead: str, found: Remembered, at_least: int, now: datetime) -> int:
        done = redo(self._store, self._vault, found.commits, self._render, now)
        done += skip_to(self._store, lead, at_least, now)
        # Of a database that was never put back, a message under way is just that.
        unknown = found.under_way if done else []
        return done + write_ends(self._store, lead, found.ends, unknown, now)

    async def _remembered(self, lead: str) -> Remembered:
        """As far back as the store's version."""
        version = (await asyncio.to_thread(find_lead, self._store, lead)).version
        found = Remembered()
        runs = [one.run_id async for one in self._client.list_workflows(f"WorkflowId = '{lead}'")]
        for run in runs:  # the newest first
            history = await self._client.get_workflow_handle(lead, run_id=run).fetch_history()
            earlier = await self._read(history.events)
            found = Remembered(
                earlier.commits + found.commits,
                earlier.ends | found.ends,
                [key for key in earlier.under_way if key not in found.ends] + found.under_way,
            )
            if found.commits and first_version(found.commits[0][0]) <= version + 1:
                break
        return found

    async def _read(self, events: Sequence[HistoryEvent]) -> Remembered:
        found = Remembered()
        asked: dict[int, tuple[str, Any]] = {}
        for event in events:
            scheduled = event.activity_task_scheduled_event_attributes
            name = scheduled.activity_type.name
            if name in _GIVEN:
                given: Any = await self._open(scheduled.input.payloads, _GIVEN[name])
                asked[event.event_id] = name, given
            ended = event.activity_task_completed_event_attributes
            if ended.scheduled_event_id in asked:
                await self._ended(
                    found, *asked.pop(ended.scheduled_event_id), ended.result.payloads
                )
            answered = event.workflow_execution_update_completed_event_attributes
            if answers := answered.outcome.success.payloads:
                acted = await self._open(answers, Acted)
                if acted.batch is not None:  # left to the door that asked, which has stored it
                    found.commits.append((acted.batch, Committed()))
        found.commits.sort(key=lambda one: one[0].state.version)
        found.under_way = [given for name, given in asked.values() if name == SEND_ACTIVITY]
        return found

    async def _ended(
        self, found: Remembered, name: str, given: Any, result: Sequence[Payload]
    ) -> None:
        if name == SEND_ACTIVITY:
            found.ends[given] = await self._open(result, EffectDone)
            return
        answer = await self._open(result, Committed)
        if answer.ahead is None:
            found.commits.append((given, answer))

    async def _open(self, payloads: Sequence[Payload], kind: type[T]) -> T:
        """The first of them: a send's second only says how it was handed out."""
        (value,) = await self._client.data_converter.decode(payloads[:1], [kind])
        found: T = value
        return found
