"""What a lead needs to go on from the store alone: after its closing, and when Temporal has lost it."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from leadflow.engine.events import AnyEvent
from leadflow.engine.state import State
from leadflow.errors import NotFound
from leadflow.ports import Committed, Planned
from leadflow.store.db import Store
from leadflow.store.entries import UNFINISHED
from leadflow.store.keys import Vault
from leadflow.store.tables import effects, leads, timeline

_STATE = msgspec.json.Decoder(State)
_ANSWER = msgspec.json.Decoder(Committed)


class Resume(msgspec.Struct, frozen=True):
    """Where a lead stands."""

    pipeline: str
    hash: str
    state: State
    """As committed last."""
    facts: tuple[AnyEvent, ...]
    """What that commit answered and the run, as far as the store knows, has not applied yet."""
    seen: dict[str, int]
    """Its last events → version they led to."""
    sends: tuple[Planned, ...]
    """Messages under way, as far as the store knows: to be tried, or their ends to be told."""


def resume(store: Store, vault: Vault, lead: str, remembered: int) -> Resume:
    """Reads it all in one moment.

    Args:
        store: the database.
        vault: for the lead's key.
        lead: its id.
        remembered: so many of its last events.

    Raises:
        NotFound: no such lead, nothing committed yet, or it was erased.
    """

    def work(connection: Connection) -> tuple[Row[Any] | None, dict[str, int], list[Row[Any]]]:
        row = connection.execute(sa.select(leads).where(leads.c.id == lead)).one_or_none()
        events = sa.select(timeline.c.event, timeline.c.version).where(timeline.c.lead == lead)
        last = connection.execute(events.order_by(timeline.c.version.desc()).limit(remembered))
        seen: dict[str, int] = dict(reversed(last.all()))
        sends = sa.select(effects.c.key, effects.c.effect, effects.c.channel, effects.c.state)
        mine = sends.where(effects.c.lead == lead).order_by(effects.c.planned, effects.c.key)
        return row, seen, list(connection.execute(mine))

    row, seen, ledger = store.read(work)
    if row is None or row.state_sealed is None:
        message = f"nothing is known yet of lead {lead}"
        raise NotFound(message, "its workflow has not begun: is Temporal running?")
    state = _STATE.decode(vault.open(lead, row.state_sealed))
    answer = _ANSWER.decode(vault.open(lead, row.answer_sealed))
    return Resume(
        pipeline=row.pipeline,
        hash=row.hash,
        state=state,
        facts=tuple(fact for fact in answer.facts if fact.id not in seen),
        seen=seen,
        sends=tuple(Planned(one.key, one.channel) for one in ledger if _waited_for(state, one)),
    )


def _waited_for(state: State, row: Row[Any]) -> bool:
    """Whether a run has to see to this message: nothing has ended it, or its end has not been told yet."""
    run = state.sends.get(row.effect)
    if run is not None and run.status == "waiting":  # for its deadline
        return False
    return row.state in UNFINISHED or (run is not None and run.status == "out")
