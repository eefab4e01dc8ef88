"""Doing what was decided: each effect in its place, and the facts that it finds out, where that cannot wait."""

from __future__ import annotations

from collections.abc import Sequence

from leadflow.engine.clock import iso, parse_iso
from leadflow.engine.decide import decide
from leadflow.engine.effects import (
    AnyEffect,
    CancelSends,
    ConvertLead,
    FindOwner,
    MakeDocument,
    Pin,
    StartOther,
    TaskChanged,
    TaskOpened,
    WatchChanged,
)
from leadflow.errors import EngineError
from leadflow.ports import Commit, Happened
from leadflow.rules.findings import owners_first
from leadflow.store.commit import inside, outside
from leadflow.store.commit.conversion import convert_lead
from leadflow.store.commit.transaction import Transaction
from leadflow.store.commit.wording import Wording
from leadflow.store.hand_over import stop

__all__ = ["conclude", "perform"]


def conclude(tx: Transaction, wording: Wording, at: str = "") -> str:
    """Applies the facts that this commit has found out, and does what comes of them; as of when, UTC.

    For a run that nobody else can tell anything meanwhile: a new lead whose workflow has not begun, one that is just
    being converted. ``at``: the instant of the first time, where it is done again. Empty: an engine error, which is for
    the run to meet and to park the lead with.
    """
    now = parse_iso(at) if at else max(tx.now, tx.at)
    before = (tx.state, tx.batch, list(tx.facts), list(tx.sends))
    nested = tx.connection.begin_nested()
    try:
        _apply_facts(tx, wording, iso(now))
    except EngineError:
        nested.rollback()
        tx.state, tx.batch, tx.facts, tx.sends = before
        return ""
    nested.commit()
    return iso(now)


def _apply_facts(tx: Transaction, wording: Wording, at: str) -> None:
    done = 0
    while done < len(tx.facts):
        fact = tx.facts[done]
        done += 1
        decision = decide(tx.pipeline, tx.state, fact, parse_iso(at))
        if decision.refusals:
            continue
        told = Happened(
            fact.id,
            type(fact).__name__,
            at,
            decision.state.version,
            fact.actor,
            decision.notes,
            decision.effects,
        )
        tx.state = decision.state
        tx.batch = Commit(tx.state, (*tx.batch.happened, told))
        perform(tx, decision.effects, wording)


def perform(tx: Transaction, decided: Sequence[AnyEffect], wording: Wording) -> None:
    """Owners first, the rest in order."""
    for effect in owners_first(decided):
        _perform(tx, effect, wording)
    if any(isinstance(effect, WatchChanged) for effect in decided):
        inside.watch(tx)


def _perform(tx: Transaction, effect: AnyEffect, wording: Wording) -> None:  # noqa: C901 -- a table of kinds
    match effect:
        case FindOwner():
            inside.find_owner(tx, effect)
        case TaskOpened():
            inside.task_opened(tx, effect, wording)
        case TaskChanged():
            inside.task_changed(tx, effect)
        case Pin():
            inside.pin(tx, effect, wording)
        case MakeDocument():
            inside.make_document(tx, effect)
        case StartOther():
            inside.start_other(tx, effect)
        case ConvertLead():
            convert_lead(tx, effect)
        case CancelSends():
            stop(tx.connection, effect.keys, effect.reason, tx.now)
        case _ if handler := outside.HANDLERS.get(type(effect)):
            handler(tx, effect)
        case _:
            pass  # OwnerChanged, WatchChanged, EraseLead: seen to with the state itself
