"""`leadflow migrate`: the running leads of a pipeline, one by one, onto its newest version.

Nothing is kept of the job: a lead that has moved is on the newest version and is not looked at again, so it may be
stopped at any moment and run again. Each lead decides for itself, in its own workflow; the same question a second time
is the same migration.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal

import msgspec
from temporalio.client import WorkflowUpdateFailedError

from leadflow.engine.clocks import next_deadline
from leadflow.engine.decision import Decision, Refusal
from leadflow.engine.effects import OUTSIDE
from leadflow.engine.events import Actor
from leadflow.engine.migrate import migrate
from leadflow.errors import NotFound
from leadflow.store.behind import Behind, behind
from leadflow.store.db import Store
from leadflow.store.keys import Vault
from leadflow.store.leads import find_lead, load_state
from leadflow.store.published import Version, pipeline_of
from workflows.gateway import TemporalGateway

AT_ONCE = 10
TRIES = 5
"""Of a lead that only cannot move just now."""
PAUSE_SECONDS = 1.0


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a lead, or would."""

    number: int
    lead: str
    stage: str
    hash: str
    """The version it ran on."""
    result: Literal["moved", "stuck", "busy", "failed"]
    """stuck: the new version cannot go on from where it stands; busy: just now; failed: no answer."""
    reasons: tuple[str, ...] = ()
    goes_to: str = ""
    """The stage that the new version takes it to at once, where it does."""
    messages: int = 0
    """That go at once."""
    next_before: datetime | None = None
    """The nearest deadline, and what it becomes; both only of a rehearsal."""
    next_after: datetime | None = None


def rehearse(store: Store, vault: Vault, to: Version, now: datetime) -> list[Outcome]:
    """What would become of every lead, from what the store knows of it; nothing is changed.

    Args:
        store: the database.
        vault: opens the leads' states.
        to: the newest version.
        now: the instant.
    """
    return [_rehearsed(store, vault, one, to, now) for one in behind(store, to)]


def _rehearsed(store: Store, vault: Vault, one: Behind, to: Version, now: datetime) -> Outcome:
    try:
        state = load_state(store, vault, one.id)
        old = pipeline_of(store, to.id, state.hash)
    except NotFound as error:  # its workflow has not begun
        return _outcome(one, "busy", [error.message])
    decision = migrate(old, to.pipeline, state, now)
    if decision.refusals:
        return _refused(one, decision.refusals)
    after = decision.state
    return msgspec.structs.replace(
        _outcome(one, "moved"),
        goes_to=after.stage if after.visit != state.visit else "",
        messages=sum(isinstance(effect, OUTSIDE) for effect in decision.effects),
        next_before=next_deadline(state),
        next_after=_next(decision),
    )


def _next(decision: Decision) -> datetime | None:
    return None if decision.state.closed else next_deadline(decision.state)


def _outcome(
    one: Behind,
    result: Literal["moved", "stuck", "busy", "failed"],
    reasons: Iterable[str] = (),
) -> Outcome:
    return Outcome(one.number, one.id, one.stage, one.hash, result, tuple(reasons))


def _refused(one: Behind, refusals: tuple[Refusal, ...]) -> Outcome:
    now = {refusal.id for refusal in refusals} <= {"not_now"}
    return _outcome(one, "busy" if now else "stuck", [refusal.message for refusal in refusals])


class Migration:
    """Moves them, several at once, no more a second than the pace."""

    def __init__(self, gateway: TemporalGateway, store: Store, to: Version, actor: Actor) -> None:
        self._gateway = gateway
        self._store = store
        self._to = to
        self._actor = actor

    async def run(self, pace: float, told: Callable[[Outcome], None]) -> list[Outcome]:
        """Moves every lead that can move.

        Args:
            pace: leads a second.
            told: hears of each as soon as it is known.

        Raises:
            Unreachable: nobody answers any more; what has moved has moved.
        """
        limit = asyncio.Semaphore(AT_ONCE)
        found: list[Outcome] = []

        async def one(lead: Behind) -> None:
            async with limit:
                outcome = await self._move(lead)
            if outcome is not None:
                found.append(outcome)
                told(outcome)

        leads = behind(self._store, self._to)
        try:
            async with asyncio.TaskGroup() as group:
                while (lead := await asyncio.to_thread(next, leads, None)) is not None:
                    group.create_task(one(lead))
                    await asyncio.sleep(1 / pace)
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        return sorted(found, key=lambda outcome: outcome.number)

    async def _move(self, lead: Behind) -> Outcome | None:
        """None: it has closed meanwhile, or another has moved it."""
        outcome = await self._tried(lead)
        for _ in range(TRIES - 1):
            if outcome.result != "busy":
                break
            await asyncio.sleep(PAUSE_SECONDS)
            outcome = await self._tried(lead)
        if outcome.result == "moved":
            return outcome
        row = await asyncio.to_thread(find_lead, self._store, lead.id)
        return None if row.closed or row.hash == self._to.hash else outcome

    async def _tried(self, lead: Behind) -> Outcome:
        try:
            answer = await self._gateway.migrate(lead.id, self._to, self._actor)
        except NotFound as error:
            return _outcome(lead, "failed", [error.message])
        except WorkflowUpdateFailedError as error:  # not refused: an error of the engine's
            return _outcome(lead, "failed", [str(error.cause)])
        if answer.refusals:
            return _refused(lead, answer.refusals)
        goes_to = answer.stage if answer.stage != lead.stage else ""
        return msgspec.structs.replace(_outcome(lead, "moved"), goes_to=goes_to)
