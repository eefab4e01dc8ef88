"""The people's side of the gateway: they try again with the same ids until they are answered, and keep a journal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from random import Random
from typing import TypeVar

from leadflow.engine.events import Actor, AnyEvent, Created
from leadflow.errors import LeadflowError, Unreachable
from leadflow.ports import Answer
from leadflow.store.db import Store
from leadflow.store.leads import LeadRow, find_lead
from proving.chaos.journal import Journal, What
from workflows.gateway import TemporalGateway

SOURCE = "chaos"
PIPELINE = "endurance"
SUPERVISOR = Actor(user="olga", supervises=("anna", "boris", "vera"), via="chaos")
AGAIN_SECONDS = (0.2, 1.0)
"""Between an answer that nobody was there and the next try."""

T = TypeVar("T")


class GaveUp(Exception):
    """The door failed in a way that no client can mend; it stands in the journal."""


class Desk:
    """Where people sit. One an event loop."""

    def __init__(self, gateway: TemporalGateway, store: Store, journal: Journal) -> None:
        self._gateway = gateway
        self._store = store
        self._journal = journal

    async def add(self, number: int, event: Created, random: Random) -> str:
        """An inquiry comes in, now and then twice at once; the lead's id."""
        self._journal.note("asked", number=number)
        began = time.time()
        copies = 2 if random.random() < 0.2 else 1  # noqa: PLR2004 -- a share
        answers = await asyncio.gather(*(self._added(number, event) for _ in range(copies)))
        leads = {answer.lead for answer in answers}
        for lead in leads:
            self._journal.note("added", number=number, lead=lead, took=time.time() - began)
        if len(leads) > 1:
            self._journal.note("wrong", number=number, said=f"one inquiry became {sorted(leads)}")
        return leads.pop()

    async def act(self, lead: str, event: AnyEvent) -> bool:
        """A decision; whether it was taken."""
        began = time.time()
        answer = await self._insist(lambda: self._gateway.act(lead, event), lead, event.id)
        what: What = "refused" if answer.refusals else "acted"
        said = " ".join(refusal.id for refusal in answer.refusals)
        self._journal.note(
            what,
            lead=lead,
            event=event.id,
            kind=type(event).__name__,
            took=time.time() - began,
            closed=bool(answer.closed) and not answer.waiting and not answer.refusals,
            said=said,
        )
        return not answer.refusals

    async def tell(self, lead: str, event: AnyEvent) -> None:
        """A fact of the world."""
        await self._insist(lambda: self._gateway.tell(lead, event), lead, event.id)
        self._journal.note("told", lead=lead, event=event.id, kind=type(event).__name__)

    async def look(self, lead: str) -> LeadRow:
        """The lead as the board shows it."""
        return await self._insist(
            lambda: asyncio.to_thread(find_lead, self._store, lead), lead, "look"
        )

    async def owner(self, lead: str) -> Actor:
        """Whoever has the lead; its supervisor while nobody does."""
        user = (await self.look(lead)).owner
        return Actor(user=user, teams=("sales",), via="chaos") if user else SUPERVISOR

    def wrong(self, lead: str, said: str) -> None:
        """Writes down what should not be."""
        self._journal.note("wrong", lead=lead, said=said)

    async def _added(self, number: int, event: Created) -> Answer:
        return await self._insist(
            lambda: self._gateway.add(PIPELINE, event, source=SOURCE, external_id=str(number)),
            f"inquiry {number}",
            event.id,
        )

    async def _insist(self, work: Callable[[], Awaitable[T]], about: str, event: str) -> T:
        pause = Random(event)  # noqa: S311 -- no secret
        while True:
            try:
                return await work()
            except Unreachable:
                await asyncio.sleep(pause.uniform(*AGAIN_SECONDS))
            except Exception as error:
                hint = error.hint if isinstance(error, LeadflowError) else ""
                said = f"{event} failed: {type(error).__name__}: {error} {hint}"
                self._journal.note("wrong", lead=about, said=said)
                raise GaveUp(said) from error
