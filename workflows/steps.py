"""What a decision of the engine means to the shell; pure, so that the workflow reads as its few doors and one loop."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec import structs
from temporalio.exceptions import ApplicationError

from leadflow.engine.clock import iso, parse_iso
from leadflow.engine.decide import next_deadline, quarantine
from leadflow.engine.decision import Decision, Note, Refusal
from leadflow.engine.effects import (
    AnyEffect,
    AudienceChange,
    CancelSends,
    OwnerChanged,
    Pin,
    PostWebhook,
    SendMessage,
    TaskChanged,
    TaskOpened,
    WatchChanged,
)
from leadflow.engine.events import AnyEvent, EffectDone, OwnerFound, Timer
from leadflow.engine.migrate import migrate
from leadflow.engine.packed import unpack
from leadflow.engine.people import follows_owner
from leadflow.engine.pipeline import Pipeline
from leadflow.engine.state import State
from leadflow.errors import EngineError
from leadflow.ports import Happened, Planned
from workflows.shapes import LOOKED, NOT_YET, REFUSED, Asked, Looked, Migrated, Told

LONGEST_ERROR = 500
SAME_VERSION = "the lead runs on this version already"
WRITTEN: dict[type, frozenset[str]] = {
    EffectDone: frozenset({"version", "sends"}),
    OwnerFound: frozenset({"version", "owner", "assigned", "former_owners", "finding", "tasks"}),
}
"""Facts that come from the database itself → what of the state they tell: a send's row of the ledger says how it ended,
the commit that finds an owner writes him to the lead and its tasks."""


NO_ANSWER = (CancelSends, OwnerChanged, Pin, TaskChanged, WatchChanged)
"""Effects whose commit finds out nothing that the lead must know."""


WORDLESS = (CancelSends, OwnerChanged, TaskChanged, WatchChanged)
"""Effects that are stored alike whatever the pipeline's version."""


def refused(refusals: tuple[Refusal, ...]) -> ApplicationError:
    """The failure of an update: its details are the refusals, one each."""
    message = "; ".join(refusal.message for refusal in refusals)
    return ApplicationError(message, *refusals, type=REFUSED, non_retryable=True)


def not_yet() -> ApplicationError:
    """The failure of an update that comes too early."""
    return ApplicationError(
        "the database has not stored yet how it began", type=NOT_YET, non_retryable=True
    )


def looked(found: Looked) -> ApplicationError:
    """The failure of an update that asks how a lead stands."""
    return ApplicationError("looked at", found, type=LOOKED, non_retryable=True)


def migrated(
    pipeline: Pipeline, state: State, order: Migrated, pending: Iterable[Happened], now: datetime
) -> Decision:
    """The lead under another version; what the present one has asked for in its own words must be stored before."""
    new = unpack(order.pipeline)
    if new.hash == pipeline.hash:
        return Decision(state, refusals=(Refusal("not_expected", SAME_VERSION),))
    unsaid = (one for one in pending if one.version > order.stored)
    if any(not isinstance(effect, WORDLESS) for one in unsaid for effect in one.effects):
        return Decision(state, refusals=(Refusal("not_now", "the lead is just being stored"),))
    return migrate(pipeline, new, state, now)


def parked(state: State, event: Told, error: Exception) -> Decision:
    """The lead after an error of the engine: as it was, quarantined, the event held if it is a fact."""
    said = f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
    note = Note("quarantined", detail={"error": said})
    fact = None if isinstance(event, Migrated) else event
    return Decision(quarantine(state, said, fact), notes=(note,))


def happened(event: Told, decision: Decision, now: datetime) -> Happened:
    """The event's row of the timeline."""
    kind, version = type(event).__name__, decision.state.version
    told = decision.notes, decision.effects
    return Happened(event.id, kind, iso(now), version, event.actor, *told)


def is_news(event: Told, before: State, decision: Decision) -> bool:
    """Whether the store has to hear of it now. What only says what is written there already waits for the next commit."""
    told = WRITTEN.get(type(event))
    if told is None or not all(_is_written(effect, event) for effect in decision.effects):
        return True
    others = (name for name in State.__struct_fields__ if name not in told)
    return any(getattr(before, name) != getattr(decision.state, name) for name in others)


def event_of(asked: AnyEvent | Asked) -> AnyEvent:
    """What is asked for, whoever stores it."""
    return asked.event if isinstance(asked, Asked) else asked


def due(state: State) -> str:
    """The nearest deadline, UTC; empty: none, or none that may come now."""
    deadline = None if state.quarantined else next_deadline(state)
    return iso(deadline) if deadline else ""


def result(done: EffectDone, key: str, version: int, now: datetime) -> EffectDone:
    """How a send ended, as an event. A postponed or resent one comes again, so the version makes the id its own."""
    stamp = f"{key}/{done.result}/{version}"
    return structs.replace(done, id=stamp, key=key, at=done.at or iso(now))


def check_progress(tick: Timer, after: State) -> None:
    """A tick that leaves its deadline where it was would come again at once, for ever.

    Raises:
        EngineError: it does.
    """
    if "" < due(after) <= tick.due:
        message = f"the timer of {tick.due} left its deadline where it was"
        raise EngineError(message)


def rests(state: State, now: datetime) -> bool:
    """Whether a lead is closed and nothing of it is due: only ``erase_after`` may still be armed."""
    if not state.closed or any(one.kind != "erase" for one in state.deadlines.values()):
        return False
    nearest = due(state)
    return not nearest or parse_iso(nearest) > now


def settles(before: State, after: State) -> bool:
    """Whether the act stops what might otherwise still go out: it ended a visit, snoozed or opted out."""
    return (
        before.visit != after.visit
        or before.closed != after.closed
        or before.track_visits != after.track_visits
        or before.opted_out != after.opted_out
        or (before.sleep is None) != (after.sleep is None)
    )


def _is_written(effect: AnyEffect, event: Told) -> bool:
    """Tasks that follow the owner were given to him by the commit that found him."""
    if not isinstance(event, OwnerFound) or not isinstance(effect, TaskChanged):
        return False
    return effect == TaskChanged(key=effect.key, status="open", assignee=event.owner)


def may_be_left(state: State, happened: Iterable[Happened]) -> bool:
    """Whether the door that asked may store all this: the lead goes on, and needs no answer from the commit."""
    if state.closed or state.quarantined or state.converting is not None:
        return False
    return all(_needs_no_answer(effect) for one in happened for effect in one.effects)


def _needs_no_answer(effect: AnyEffect) -> bool:
    if isinstance(effect, TaskOpened):
        return follows_owner(effect.assignee)
    return isinstance(effect, NO_ANSWER) or bool(planned(effect))


def planned(effect: AnyEffect) -> tuple[Planned, ...]:
    """The row that the commit is certain to make of an effect, known before it; of one with several recipients none."""
    match effect:
        case SendMessage(key=key, channel=channel):
            return (Planned(key, channel),)
        case PostWebhook(key=key):
            return (Planned(key, "webhook"),)
        case AudienceChange(key=key):
            return (Planned(key, "audience"),)
        case _:
            return ()
