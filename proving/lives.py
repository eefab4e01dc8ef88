"""The leads themselves: acknowledged, stored, begun, going on; their timelines and what conversions made of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterator

from temporalio.client import Client, WorkflowExecutionStatus

from leadflow.engine.state import State
from leadflow.store.books import BookedLead
from proving.complaints import Complaint
from proving.evidence import Evidence, Lives
from workflows.gateway import TemporalGateway
from workflows.names import is_lead

AT_ONCE = 20
"""Questions to Temporal at the same time."""


async def running(client: Client) -> dict[str, bool]:
    """Every lead that ever had a workflow → whether a run of it is open."""
    found: dict[str, bool] = {}
    async for one in client.list_workflows():
        if is_lead(one.id):
            open_ = one.status == WorkflowExecutionStatus.RUNNING
            found[one.id] = open_ or found.get(one.id, False)
    return found


async def ask(client: Client, gateway: TemporalGateway, leads: Collection[str]) -> Lives:
    """Asks Temporal which leads run, and these what they know: open ones themselves, of closed ones the store."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def card(lead: str) -> tuple[str, State]:
        async with turn:
            return lead, await gateway.card(lead)

    return Lives(dict(await asyncio.gather(*map(card, leads))), await running(client))


def check(evidence: Evidence) -> Iterator[Complaint]:
    """Everything about leads that no message tells."""
    stored = {lead.id: lead for lead in evidence.books.leads}
    for lead in sorted(set(evidence.told.leads) - set(stored)):
        yield Complaint("lost", lead, "was acknowledged and is not in the store")
    known = {*evidence.told.leads, *evidence.offspring}
    for one in stored.values():
        if evidence.told.leads and one.id not in known:
            yield Complaint(
                "unexplained", one.id, "is in the store, and no door has answered for it"
            )
        if not one.version:
            yield Complaint("lost", one.id, "never began")
        yield from _run(one, evidence)
    for workflow in sorted(set(evidence.lives.running or {}) - set(stored)):
        yield Complaint("unexplained", workflow, "has a workflow and is not in the store")
    yield from _gaps(evidence, stored)
    yield from _records(evidence, stored)


def _run(lead: BookedLead, evidence: Evidence) -> Iterator[Complaint]:
    state = evidence.lives.states.get(lead.id)
    if state is not None and (state.stage, state.closed) != (lead.stage, lead.closed):
        yield Complaint(
            "unexplained", lead.id, f"is in {state.stage}, and the store says {lead.stage}"
        )
    if evidence.lives.running is None or not lead.version:
        return
    open_ = evidence.lives.running.get(lead.id)
    if open_ is None:
        yield Complaint("lost", lead.id, "has no workflow")
    elif open_ == bool(lead.closed):
        yield Complaint("lost", lead.id, "is closed, but runs" if open_ else "is open, but ended")


def _gaps(evidence: Evidence, stored: dict[str, BookedLead]) -> Iterator[Complaint]:
    for lead in stored.values():
        seen = [event.version for event in evidence.events_of[lead.id]]
        if seen != list(range(1, lead.version + 1)):
            yield Complaint(
                "lost", lead.id, f"{lead.version} versions, and its timeline has {seen}"
            )


def _records(evidence: Evidence, stored: dict[str, BookedLead]) -> Iterator[Complaint]:
    told: Counter[str] = Counter()
    for event in evidence.books.events:
        for note in event.notes:
            created = note.detail.get("created")
            if note.kind == "converted" and isinstance(created, dict):
                told.update(str(each) for each in created.values())
    there = {record.id: record for record in evidence.books.records}
    for name in sorted(told.keys() - there):
        yield Complaint("lost", name, "a lead was told that it was made, and it is not there")
    for name, record in there.items():
        state = evidence.states.get(record.lead)
        if not told[name] and not (state is not None and state.erased):
            yield Complaint("records", name, f"belongs to no conversion of {record.lead}")
        if record.run and record.run not in stored:
            yield Complaint("lost", record.run, f"is the life of {name}, and not in the store")
