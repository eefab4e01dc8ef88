"""Every lead that should be alive, page by page: for whoever compares the store with Temporal."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from leadflow.store.db import Store
from leadflow.store.entries import UNFINISHED
from leadflow.store.tables import effects, leads

PAGE = 200
MANY = 500
"""Names in one query: SQLite takes no more than a thousand parameters everywhere."""


class Unfinished(msgspec.Struct, frozen=True):
    """A message that has not ended."""

    key: str
    effect: str
    """The key the engine knows."""
    channel: str


class Counted(msgspec.Struct, frozen=True):
    """A lead as the comparison needs it."""

    id: str
    number: int
    version: int
    """0: its workflow has not been heard of yet."""
    closed: str
    created: datetime
    unfinished: tuple[Unfinished, ...] = ()

    @property
    def alive(self) -> bool:
        """Whether there should be a run."""
        return not self.closed or bool(self.unfinished)


def alive(store: Store, after: int = 0, most: int = PAGE) -> list[Counted]:
    """Leads that are open, or closed with messages under way, by number. ``after``: the last number of the page before."""

    def work(connection: Connection) -> list[Counted]:
        busy = sa.exists().where(effects.c.lead == leads.c.id, effects.c.state.in_(UNFINISHED))
        wanted = (leads.c.number > after) & ((leads.c.closed == "") | busy)
        rows = connection.execute(_LEADS.where(wanted).order_by(leads.c.number).limit(most)).all()
        return [_counted(connection, row) for row in rows]

    return store.read(work)


def counted(store: Store, lead: str) -> Counted:
    """One lead as it is now. ``lead``: an id that is in the store."""

    def work(connection: Connection) -> Counted:
        return _counted(connection, connection.execute(_LEADS.where(leads.c.id == lead)).one())

    return store.read(work)


def known(store: Store, names: Collection[str]) -> set[str]:
    """Those of some ids that are leads of this store."""
    found: set[str] = set()
    listed = sorted(names)
    for begin in range(0, len(listed), MANY):
        query = sa.select(leads.c.id).where(leads.c.id.in_(listed[begin : begin + MANY]))
        found |= set(store.read(lambda c, query=query: c.execute(query).scalars().all()))  # type: ignore[misc]  # mypy 9176: no type for `query`
    return found


_LEADS = sa.select(leads.c.id, leads.c.number, leads.c.version, leads.c.closed, leads.c.created)


def _counted(connection: Connection, row: Any) -> Counted:
    query = (
        sa.select(effects.c.key, effects.c.effect, effects.c.channel)
        .where(effects.c.lead == row.id, effects.c.state.in_(UNFINISHED))
        .order_by(effects.c.planned, effects.c.key)
    )
    unfinished = tuple(Unfinished(*one) for one in connection.execute(query))
    return Counted(row.id, row.number, row.version, row.closed, row.created, unfinished)
