"""The lead as boards show it, and its timeline: what a commit writes of the state itself."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Row

from leadflow.engine.clock import parse_iso
from leadflow.engine.clocks import next_deadline
from leadflow.ports import Committed
from leadflow.store.commit.transaction import Transaction
from leadflow.store.tables import alerts, intents, leads, starts, timeline
from leadflow.store.titles import title_of

_UPDATE = leads.update().where(leads.c.id == sa.bindparam("of"))
"""Its columns come with the parameters: thirty of them built anew each time would cost more than all else."""


def project(
    tx: Transaction, before: Row[Any], sealed_state: bytes, answer: Committed, *, by_door: bool
) -> None:
    """Writes the lead's row and the events that led here."""
    state = tx.state
    stage = tx.pipeline.stages.get(state.stage)
    now = {
        "of": state.lead,
        "pipeline": state.pipeline,
        "hash": state.hash,
        "kind": state.kind,
        "version": state.version,
        "stage": state.stage,
        "stage_title": stage.title if stage else "",
        "visit": state.visit,
        "owner": tx.owner,
        "creator": state.creator,
        "source": state.source,
        "channel": state.channel,
        "title": state.title or title_of(tx.pipeline, state.fields),
        "fields": state.fields,
        "ticks": state.ticks,
        "closed": state.closed,
        "created": _instant(state.created) or before.created,
        "entered": _instant(state.entered),
        "closed_at": _instant(state.closed_at),
        "next_deadline": next_deadline(state),
        "snoozed_until": _instant(state.sleep.until) if state.sleep else None,
        "quarantined": state.quarantined,
        "state_sealed": sealed_state,
        "answer_sealed": tx.seal(msgspec.json.encode(answer)),
    }
    tx.connection.execute(_UPDATE, now)
    events = [
        {
            "lead": state.lead,
            "version": one.version,
            "event": one.event,
            "at": parse_iso(one.at),
            "kind": one.kind,
            "actor": one.actor.user,
            "via": one.actor.via,
            "notes": one.notes,
        }
        for one in tx.batch.happened
        if one.version > before.version
    ]
    if events:
        tx.connection.execute(timeline.insert(), events)
    names = [one["event"] for one in events]
    if by_door:
        done = (intents.c.lead == state.lead) & intents.c.event.in_(names)
        tx.connection.execute(intents.delete().where(done))
    elif before.version == 0 or before.closed:  # its workflow has heard of what was kept for it
        heard = (starts.c.lead == state.lead) & starts.c.event.in_(names)
        tx.connection.execute(starts.delete().where(heard))
    if state.quarantined != before.quarantined:
        _tell_quarantine(tx, before.number)


def _tell_quarantine(tx: Transaction, number: int) -> None:
    cause = f"lead/{number}/quarantined"
    if tx.state.quarantined:
        tx.alert(cause, f"lead {number} is quarantined: {tx.state.quarantined}")
    else:
        tx.connection.execute(alerts.delete().where(alerts.c.cause == cause))


def _instant(text: str) -> Any:
    return parse_iso(text) if text else None
