"""Acting on leads: who acts, through which door, and what is said afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import msgspec
import typer

from commands import exits
from commands.console import note, say, say_json
from commands.installed import located, must_run, open_vault_of, opened_store, people
from commands.refusals import lines
from commands.shown import stands
from leadflow.engine.events import AnyEvent
from leadflow.engine.pipeline import Pipeline
from leadflow.engine.state import State
from leadflow.errors import NotFound
from leadflow.installation import Installation
from leadflow.ports import Answer
from leadflow.settings import Settings
from leadflow.store.db import Store
from leadflow.store.keys import Vault
from leadflow.store.leads import LeadRow, find_lead, load_state
from leadflow.store.published import pipeline_of

if TYPE_CHECKING:  # Temporal's client takes half a second to load, and looking at a lead needs none
    from workflows.gateway import TemporalGateway

T = TypeVar("T")

SHOWN_SECONDS = 5.0
"""So long an act waits until lists show it; it is durable before."""


@dataclass(frozen=True, slots=True)
class Desk:
    """An open installation. What stands in the store is read from it directly, every act goes through `gateway`."""

    settings: Settings
    store: Store
    vault: Vault

    def gateway(self, work: Callable[[TemporalGateway], Awaitable[T]]) -> T:
        """Runs something that needs Temporal."""
        return asyncio.run(self._through(work))

    async def _through(self, work: Callable[[TemporalGateway], Awaitable[T]]) -> T:
        from activities.clock import SystemClock
        from workflows.connect import connect
        from workflows.gateway import TemporalGateway

        found = self.settings
        client = await connect(
            found.temporal_address, found.temporal_namespace, self.vault, lazy=True
        )
        return await work(TemporalGateway(client, self.store, self.vault, SystemClock()))

    def lead(self, name: str) -> LeadRow:
        """A lead by its number or id."""
        return find_lead(self.store, name)

    def pipeline(self, lead: LeadRow) -> Pipeline:
        """The version that a lead runs on."""
        return pipeline_of(self.store, lead.pipeline, lead.hash)

    def state(self, lead: LeadRow) -> State:
        """A lead's state as committed last."""
        return load_state(self.store, self.vault, lead.id)

    def people(self) -> Installation:
        """Who works here."""
        return people(self.store)


@contextlib.contextmanager
def desk() -> Iterator[Desk]:
    """Opens the installation that the environment names."""
    found = located()
    with opened_store(found) as store:
        yield Desk(found, store, open_vault_of(found, store))


def event_id() -> str:
    """Chosen here, so that a repetition after a lost answer is the same decision."""
    return f"cli/{secrets.token_hex(12)}"


def now() -> datetime:
    """The operator's clock."""
    return datetime.now(UTC)


Made = AnyEvent | Callable[[Desk, LeadRow], AnyEvent]
"""An event whose id and actor are filled in here; a function, where it depends on the lead."""


def decide(name: str, by: str, as_json: bool, made: Made) -> None:
    """One decision about a lead: made, said, or refused with every reason.

    Args:
        name: the lead's number or id.
        by: the user for whom it is made.
        as_json: the answer as JSON.
        made: the decision.

    Raises:
        typer.Exit: refused.
    """
    with desk() as open_desk:
        lead = open_desk.lead(name)
        event = _signed(open_desk, lead, by, made)

        async def through(gateway: TemporalGateway) -> Answer:
            answer = await gateway.act(lead.id, event)
            if not answer.refusals:
                await _shown(gateway, open_desk, lead, answer.version)
            return answer

        answer = open_desk.gateway(through)
        _say(open_desk, lead, answer, as_json, event)


def tell(name: str, by: str, as_json: bool, made: Made) -> None:
    """A fact about a lead: never refused; what follows from it is said."""
    with desk() as open_desk:
        lead = open_desk.lead(name)
        event = _signed(open_desk, lead, by, made)

        async def through(gateway: TemporalGateway) -> None:
            await gateway.tell(lead.id, event)
            await _shown(gateway, open_desk, lead, lead.version + 1)

        open_desk.gateway(through)
        after = open_desk.lead(lead.id)
        _say(open_desk, lead, Answer(lead.id, after.version, after.stage, after.closed), as_json)


async def _shown(gateway: TemporalGateway, open_desk: Desk, lead: LeadRow, version: int) -> None:
    """Waits until lists show a version and, where it converts the lead, the stage that this ends in."""
    loop = asyncio.get_running_loop()
    end = loop.time() + SHOWN_SECONDS
    await gateway.settled(lead.id, version, SHOWN_SECONDS)
    after = open_desk.lead(lead.id)
    while _converting(open_desk, after) and (left := end - loop.time()) > 0:
        await gateway.settled(lead.id, after.version + 1, left)
        after = open_desk.lead(lead.id)


def _converting(open_desk: Desk, lead: LeadRow) -> bool:
    with contextlib.suppress(NotFound):  # not begun, or erased
        return open_desk.state(lead).converting is not None
    return False


def _signed(open_desk: Desk, lead: LeadRow, by: str, made: Made) -> AnyEvent:
    from commands.operators import operator

    event = made(open_desk, lead) if callable(made) else made
    actor = operator(open_desk.people(), by)
    must_run(open_desk.settings)
    return msgspec.structs.replace(event, id=event_id(), actor=actor)


def _say(
    open_desk: Desk, lead: LeadRow, answer: Answer, as_json: bool, made: AnyEvent | None = None
) -> None:
    after = open_desk.lead(lead.id)  # others decide, too, and a conversion goes on by itself
    if after.version >= answer.version:
        answer = msgspec.structs.replace(
            answer, version=after.version, stage=after.stage, closed=after.closed
        )
    if as_json:
        say_json({"number": lead.number, **msgspec.to_builtins(answer)})
    elif not answer.refusals and _converting(open_desk, after):
        say(f"lead {lead.number}: converting …; `leadflow lead show {lead.number}`")
    elif not answer.refusals:
        say(f"lead {lead.number}: {stands(open_desk.pipeline(after), answer.stage)}{_more(after)}")
    if not answer.refusals:
        return
    if not as_json:
        pipeline = open_desk.pipeline(after)
        note(f"refused: lead {lead.number} stays in {stands(pipeline, answer.stage)}")
        state = open_desk.state(after) if after.version else None
        for line in lines(lead.number, answer.refusals, pipeline, state, made):
            note(f"  {line}")
    raise typer.Exit(exits.REFUSED)


def _more(lead: LeadRow) -> str:
    told = [lead.closed and f"closed: {lead.closed}", lead.owner and f"owner {lead.owner}"]
    told.append("quarantined" if lead.quarantined else "")
    return "".join(f", {each}" for each in told if each)


def begin(
    open_desk: Desk, add: Callable[[TemporalGateway], Awaitable[Answer]], as_json: bool
) -> None:
    """Adds a lead and says how it begins."""

    async def through(gateway: TemporalGateway) -> Answer:
        answer = await add(gateway)
        if not answer.waiting:
            await gateway.settled(answer.lead, 1, SHOWN_SECONDS)
        return answer

    answer = open_desk.gateway(through)
    lead = open_desk.lead(answer.lead)
    if as_json:
        say_json({"number": lead.number, **msgspec.to_builtins(answer)})
    elif not lead.version:
        say(f"lead {lead.number}: stored; it begins as soon as Temporal and a worker answer")
    else:
        again = ", known by its external id" if answer.repeated else ""
        say(
            f"lead {lead.number}: {stands(open_desk.pipeline(lead), lead.stage)}{_more(lead)}{again}"
        )
