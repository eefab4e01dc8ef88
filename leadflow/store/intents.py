"""What a door has taken upon itself to store: a decision that it asks a workflow for (docs/decisions/0011).

The row is there before the question is asked and goes with the transaction that stores the answer. One that stays tells
the relay that a door died in between.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa

from leadflow.store.db import Store
from leadflow.store.once import insert_once
from leadflow.store.tables import intents, timeline


class Intent(msgspec.Struct, frozen=True):
    """An event of a lead that a door may not have stored."""

    lead: str
    event: str
    since: datetime


def intend(store: Store, lead: str, event: str, now: datetime) -> None:
    """Before a workflow is asked. Again under the same id changes nothing."""
    store.write(lambda c: insert_once(c, intents, lead=lead, event=event, since=now))


def withdraw(store: Store, lead: str, event: str) -> None:
    """Nothing is to be stored: it was refused, or it is known to be stored or lost."""
    same = (intents.c.lead == lead) & (intents.c.event == event)
    store.write(lambda c: c.execute(intents.delete().where(same)))


def left_behind(store: Store, before: datetime, most: int = 100) -> list[Intent]:
    """Intents from before an instant of whose events the timeline has nothing, the oldest first; those it has are ended."""
    stored = (timeline.c.lead == intents.c.lead) & (timeline.c.event == intents.c.event)
    old = intents.c.since < before
    if not store.read(lambda c: c.execute(sa.select(intents.c.lead).where(old).limit(1)).all()):
        return []
    ended = old & sa.exists().where(stored)
    store.write(lambda c: c.execute(intents.delete().where(ended)))
    query = sa.select(intents).where(old).order_by(intents.c.since).limit(most)
    return [
        Intent(row.lead, row.event, row.since)
        for row in store.read(lambda c: c.execute(query).all())
    ]
