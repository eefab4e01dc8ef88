"""What boards, lists and the command line read of leads. Nothing here writes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from leadflow.decoding import known
from leadflow.engine.decision import Note
from leadflow.engine.fields import Value
from leadflow.engine.state import State
from leadflow.errors import NotFound
from leadflow.ports import Card
from leadflow.store.db import Store
from leadflow.store.keys import Vault
from leadflow.store.tables import lead_keys, leads, timeline, watchers

MOST = 50
_STATE = msgspec.json.Decoder(State)
_NOTES = known(tuple[Note, ...])


class LeadRow(msgspec.Struct, frozen=True, kw_only=True):
    """A lead as the store shows it; instants UTC."""

    id: str
    number: int
    pipeline: str
    hash: str
    kind: str
    version: int
    """0: stored, but its workflow has not begun yet."""
    stage: str
    stage_title: str
    owner: str
    creator: str
    source: str
    channel: str
    title: str
    fields: dict[str, Value]
    ticks: tuple[str, ...]
    closed: Literal["", "success", "failure"]
    created: datetime
    entered: datetime | None
    closed_at: datetime | None
    next_deadline: datetime | None
    snoozed_until: datetime | None
    quarantined: str
    pinned: str

    def card(self) -> Card:
        """As the doors show it."""
        return Card(**{name: getattr(self, name) for name in _CARD}, lead=self.id)


_CARD = tuple(name for name in Card.__struct_fields__ if name != "lead")
_COLUMNS = [leads.c[name] for name in LeadRow.__struct_fields__]


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Which leads; empty: all."""

    pipeline: str = ""
    stage: str = ""
    owner: str = ""
    source: str = ""
    kind: str = ""
    closed: Literal["", "open", "closed", "success", "failure"] = ""
    quarantined: bool = False
    watched_by: str = ""
    words: str = ""
    """In the title."""


def find_leads(
    store: Store, filters: Filters | None = None, *, before: int = 0, most: int = MOST
) -> list[LeadRow]:
    """Leads, the newest first. ``before``: a number; only older ones: the next page."""
    query = sa.select(*_COLUMNS).where(*_conditions(filters or Filters()))
    if before:
        query = query.where(leads.c.number < before)
    query = query.order_by(leads.c.number.desc()).limit(most)
    return [_row(row) for row in store.read(lambda c: c.execute(query).mappings().all())]


def count_leads(store: Store, filters: Filters | None = None) -> dict[tuple[str, str], int]:
    """How many leads there are by (pipeline, stage)."""
    query = (
        sa.select(leads.c.pipeline, leads.c.stage, sa.func.count())
        .where(*_conditions(filters or Filters()))
        .group_by(leads.c.pipeline, leads.c.stage)
    )
    rows = store.read(lambda c: c.execute(query).all())
    return {(pipeline, stage): count for pipeline, stage, count in rows}


def _conditions(filters: Filters) -> list[sa.ColumnElement[bool]]:
    same = ("pipeline", "stage", "owner", "source", "kind")
    found = [leads.c[name] == value for name in same if (value := getattr(filters, name))]
    match filters.closed:
        case "open":
            found.append(leads.c.closed == "")
        case "closed":
            found.append(leads.c.closed != "")
        case "success" | "failure":
            found.append(leads.c.closed == filters.closed)
        case "":
            pass
    if filters.quarantined:
        found.append(leads.c.quarantined != "")
    if filters.watched_by:
        mine = sa.select(watchers.c.lead).where(watchers.c.user == filters.watched_by)
        found.append(leads.c.id.in_(mine))
    if filters.words:
        found.append(leads.c.title.icontains(filters.words, autoescape=True))
    return found


def find_lead(store: Store, name: str) -> LeadRow:
    """One lead by its number or its id.

    Raises:
        NotFound: there is none such.
    """
    return store.read(lambda c: lead_row(c, name))


def lead_row(connection: Connection, name: str) -> LeadRow:
    """`find_lead`, within a transaction."""
    same = leads.c.number == int(name) if is_number(name) else leads.c.id == name
    row = connection.execute(sa.select(*_COLUMNS).where(same)).mappings().one_or_none()
    if row is None:
        message = f"there is no lead {name}"
        raise NotFound(message, "`leadflow lead list` shows the numbers")
    return _row(row)


def is_number(name: str) -> bool:
    """Whether this can be the number of a lead (64 bits at most)."""
    return name.isascii() and name.isdecimal() and len(name) < 10  # noqa: PLR2004 -- digits of 32 bits


def _row(row: RowMapping) -> LeadRow:
    values: dict[str, Any] = {**row, "ticks": tuple(row["ticks"])}
    return LeadRow(**values)


def load_state(store: Store, vault: Vault, lead: str) -> State:
    """The whole state as committed last: of a closed lead, to reopen it, to begin it again elsewhere.

    Raises:
        NotFound: no such lead, nothing committed yet, or it was erased.
    """
    query = sa.select(leads.c.state_sealed).where(leads.c.id == lead)
    sealed = store.read(lambda c: c.execute(query).scalar_one_or_none())
    if sealed is None:
        message = f"nothing is known yet of lead {lead}"
        raise NotFound(message, "its workflow has not begun: is Temporal running?")
    return _STATE.decode(vault.open(lead, sealed))


class Moment(msgspec.Struct, frozen=True):
    """One event of a lead's timeline."""

    version: int
    event: str
    at: datetime
    kind: str
    actor: str
    via: str
    notes: tuple[Note, ...]


def history(store: Store, lead: str) -> list[Moment]:
    """Everything that has happened to a lead, the first first. ``lead``: its id."""
    query = sa.select(timeline).where(timeline.c.lead == lead).order_by(timeline.c.version)
    rows = store.read(lambda c: c.execute(query).all())
    return [
        Moment(
            row.version,
            row.event,
            row.at,
            row.kind,
            row.actor,
            row.via,
            msgspec.convert(row.notes, _NOTES),
        )
        for row in rows
    ]


def has_happened(store: Store, lead: str, event: str) -> bool:
    """Whether an event is part of a lead's timeline. ``lead``: its id."""
    its = (timeline.c.lead == lead) & (timeline.c.event == event)
    query = sa.select(sa.exists().where(its))
    return bool(store.read(lambda c: c.execute(query).scalar()))


def erased_leads(store: Store, before: datetime, most: int = 100) -> list[str]:
    """Leads erased before an instant whose keys are still there: to be destroyed now (`Vault.forget`).

    Not at once: the run that has erased the person still needs the key to end.
    """
    query = (
        sa.select(leads.c.id)
        .join(lead_keys, lead_keys.c.lead == leads.c.id)
        .where(leads.c.erased < before)
        .order_by(leads.c.erased)
        .limit(most)
    )
    return list(store.read(lambda c: c.execute(query).scalars().all()))


def due_while_closed(store: Store, now: datetime, most: int = 100) -> list[str]:
    """Closed leads of which something is due all the same (``erase_after``): their run has ended, so it is begun again."""
    query = (
        sa.select(leads.c.id)
        .where(leads.c.closed != "", leads.c.next_deadline <= now)
        .order_by(leads.c.next_deadline)
        .limit(most)
    )
    return list(store.read(lambda c: c.execute(query).scalars().all()))
