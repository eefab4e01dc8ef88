"""The books of an installation: all its rows at one moment, for whoever compares them with the world outside.

Not for boards, which read page by page (`leadflow.store.leads`): an auditor wants everything, and all of one moment.
"""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from leadflow.decoding import known
from leadflow.engine.decision import Note
from leadflow.engine.state import State
from leadflow.errors import NotFound
from leadflow.store.db import Store
from leadflow.store.entries import EntryState
from leadflow.store.keys import Vault
from leadflow.store.tables import (
    companies,
    contacts,
    deals,
    effects,
    intents,
    leads,
    starts,
    tasks,
    timeline,
)

_STATE = msgspec.json.Decoder(State)
_UNTOLD = (
    sa.select(sa.func.count()).select_from(starts).where(~starts.c.told),
    sa.select(sa.func.count()).select_from(intents),
)


@known
class BookedLead(msgspec.Struct, frozen=True, kw_only=True):
    """A lead as the store has it."""

    id: str
    number: int
    pipeline: str
    hash: str
    version: int
    """0: stored, but its workflow has not begun yet."""
    stage: str
    closed: str
    quarantined: str


@known
class BookedSend(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the ledger, without what is sealed; instants UTC."""

    key: str
    hash: str
    effect: str
    """The key the engine knows."""
    lead: str
    kind: str
    channel: str
    template: str
    scope: str
    ref: str
    manual: bool
    service: bool
    state: EntryState
    reason: str
    reply: str
    resends: int
    planned: datetime
    handed: datetime | None
    finished: datetime | None


@known
class BookedEvent(msgspec.Struct, frozen=True):
    """A row of a lead's timeline."""

    lead: str
    version: int
    event: str
    via: str
    notes: tuple[Note, ...]


@known
class BookedTask(msgspec.Struct, frozen=True):
    """An open task."""

    key: str
    lead: str
    settles: str
    """Effect key that nobody can be sure of."""


@known
class BookedRecord(msgspec.Struct, frozen=True):
    """A contact, company or deal."""

    kind: Literal["company", "contact", "deal"]
    id: str
    lead: str
    conversion: int
    run: str = ""
    """Of a deal: the lead of kind ``deal`` that is its own life."""


class Books(msgspec.Struct, frozen=True):
    """Everything, of one moment."""

    leads: list[BookedLead]
    sends: list[BookedSend]
    events: list[BookedEvent]
    """By lead and version."""
    tasks: list[BookedTask]
    records: list[BookedRecord]
    untold: int
    """Events that workflows have yet to hear of, and decisions of which the store has yet to hear."""
    states: dict[str, State]
    """Lead → its whole state as committed last; none for one that has not begun or was erased."""


def read_books(store: Store, vault: Vault | None = None) -> Books:
    """Reads everything.

    Args:
        store: the database.
        vault: opens the leads' states; without it there are none.
    """

    def work(connection: Connection) -> tuple[Books, dict[str, bytes]]:
        books = Books(
            _all(connection, BookedLead, leads, leads.c.number),
            _all(connection, BookedSend, effects, effects.c.planned, effects.c.key),
            _all(connection, BookedEvent, timeline, timeline.c.lead, timeline.c.version),
            _all(connection, BookedTask, tasks, tasks.c.key, where=tasks.c.status == "open"),
            _records(connection),
            sum(connection.execute(query).scalar_one() for query in _UNTOLD),
            {},
        )
        sealed = sa.select(leads.c.id, leads.c.state_sealed).where(leads.c.version > 0)
        return books, {row.id: row.state_sealed for row in connection.execute(sealed)}

    books, sealed = store.read(work)
    if vault is None:
        return books
    return msgspec.structs.replace(books, states=_states(vault, sealed))


def _all(
    connection: Connection,
    shape: Any,
    table: sa.Table,
    *order: sa.Column[Any],
    where: sa.ColumnElement[bool] | None = None,
) -> list[Any]:
    """The columns that the shape names."""
    columns = [table.c[name] for name in shape.__struct_fields__]
    query = sa.select(*columns).order_by(*order)
    rows = connection.execute(query if where is None else query.where(where))
    names = shape.__struct_fields__
    return [msgspec.convert(dict(zip(names, row, strict=True)), shape) for row in rows]


def _records(connection: Connection) -> list[BookedRecord]:
    found: list[BookedRecord] = []
    for kind, table in {"company": companies, "contact": contacts, "deal": deals}.items():
        run = table.c.run if "run" in table.c else sa.literal("")
        query = sa.select(sa.literal(kind), table.c.id, table.c.lead, table.c.conversion, run)
        found += [BookedRecord(*row) for row in connection.execute(query.order_by(table.c.id))]
    return found


def _states(vault: Vault, sealed: dict[str, bytes]) -> dict[str, State]:
    found = {}
    for lead, state in sealed.items():
        with contextlib.suppress(NotFound):  # erased, and its key destroyed
            found[lead] = _STATE.decode(vault.open(lead, state))
    return found
