"""The ordinary life that faults interrupt: an inquiry, a call, an offer that is sent; and the account at its end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from msgspec.structs import replace

from leadflow.engine.decision import Refusal
from leadflow.engine.events import Actor, AnyEvent, Created, TaskDone
from leadflow.errors import Unreachable
from leadflow.store.books import read_books
from leadflow.store.outbox import OutboxRow, outbox
from proving import lives
from proving.accounting import Report, audit, under_way
from proving.evidence import Stop, Told
from proving.sinks.process import Sink
from tests.support.running import Home, until

FIELDS: dict[str, Any] = {"phone": "+79161234567", "name": "Иван", "price": "1"}
LONG = 60.0
HEARS = 10.0
LOOK_SECONDS = 0.2
"""Between two looks into all books."""


async def inquiry(one: Home, name: str, pipeline: str = "tiny", **fields: Any) -> str:
    """A lead of ``NAME@example.org`` that waits for its manager's call."""
    given = {**FIELDS, "email": f"{name}@example.org", **fields}
    created = Created(id=f"{name}/c", fields=given)

    async def add() -> str:
        try:
            lead = (await one.gateway.add(pipeline, created, source="t", external_id=name)).lead
            row = one.row(lead)
        except Unreachable:
            return ""
        return lead if row.version and row.owner else ""

    return await until(add, bool, LONG)


async def called(one: Home, lead: str) -> None:
    """The manager has reached the client: the offer is decided."""
    await acted(one, lead, TaskDone(id=f"{lead}/t", task="contact", outcome="reached"))


async def acted(one: Home, lead: str, event: AnyEvent) -> None:
    """The owner decides, with the same event until it is answered and allowed, as a person would."""

    async def act() -> tuple[Refusal, ...]:
        try:
            by = Actor(user=one.row(lead).owner, teams=("sales",), via="test")
            return (await one.gateway.act(lead, replace(event, actor=by))).refusals
        except Unreachable as error:
            return (Refusal("unreachable", error.message),)

    await until(act, lambda refusals: not refusals, LONG)


async def offered(one: Home, name: str, pipeline: str = "tiny", **fields: Any) -> str:
    """A lead whose offer is on its way."""
    lead = await inquiry(one, name, pipeline, **fields)
    await called(one, lead)
    return lead


def sends(one: Home, lead: str) -> list[OutboxRow]:
    """The lead's rows of the ledger."""
    return outbox(one.store, lead=lead)


async def account(
    one: Home, sinks: Sequence[Sink], leads: Iterable[str], stops: Sequence[Stop] = ()
) -> Report:
    """Waits until everything has gone its way, and compares all books; Temporal is asked as well."""

    async def look() -> list[str]:
        await asyncio.sleep(LOOK_SECONDS)
        return under_way(read_books(one.store))

    await until(look, lambda found: not found, LONG)
    told = Told(tuple(leads), stops)
    for lead in told.leads:
        await one.calm(lead)
        with contextlib.suppress(AssertionError):  # then the audit says who has not heard
            await until(partial(_busy, one, lead), lambda busy: not busy, HEARS)
            await one.calm(lead)
    seen = await lives.ask(one.client, one.gateway, told.leads)
    return audit(one.store, one.vault, sinks, told=told, lives=seen)


async def _busy(one: Home, lead: str) -> bool:
    """Whether an attempt has still to tell how it ended: one that was killed has a follower."""
    described = await one.client.get_workflow_handle(lead).describe()
    return bool(described.raw_description.pending_activities)
