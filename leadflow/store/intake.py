"""How leads come in: stored first, begun after (promises P1 and P8 of the reliability reference).

`add_lead` stores a lead with its number, its key and the event that begins it, in one transaction with the inbox row
that makes a second copy of the same inquiry harmless; only then is it acknowledged. Its workflow is started from what
`waiting` lists, by whoever is first, as often as it takes. A late fact about a closed lead goes the same way.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row
from sqlalchemy.exc import IntegrityError

from leadflow.engine.events import AnyEvent, Created
from leadflow.engine.pipeline import Pipeline
from leadflow.engine.state import State
from leadflow.store.counters import next_number
from leadflow.store.db import Store
from leadflow.store.keys import Vault
from leadflow.store.once import insert_once
from leadflow.store.published import newest_of
from leadflow.store.tables import inbox, leads, starts, timeline
from leadflow.store.titles import title_of

LONGEST_ID = 200
"""Characters of an external id that are kept as they are; a longer one is kept as its hash."""
_ID_BYTES = 12

_UNTOLD = starts.c.told.is_(sa.false())
_EVENT = msgspec.json.Decoder(AnyEvent)
_STATE = msgspec.json.Decoder(State)


class Added(msgspec.Struct, frozen=True):
    """The lead, new or the one that the same external id has made before."""

    lead: str
    number: int
    version: int = 0
    stage: str = ""
    closed: str = ""
    repeated: bool = False


class Origin(msgspec.Struct, frozen=True):
    """Where an inquiry came from, and what it is called there."""

    source: str
    """As the door names itself: ``form:contact``, ``csv``, ``api:key-7``."""
    external_id: str

    @property
    def name(self) -> str:
        """The external id, of any length, as the inbox keeps it."""
        if len(self.external_id) <= LONGEST_ID:
            return self.external_id
        return sha256(self.external_id.encode("utf-8", "replace")).hexdigest()


class Waiting(msgspec.Struct, frozen=True):
    """A lead whose workflow has yet to hear of events: of a new one `Created`, of a closed one a late fact."""

    lead: str
    pipeline: str
    hash: str
    events: tuple[AnyEvent, ...]
    state: State | None
    """Where a closed lead stands; None: a new one (`leadflow.engine.decide.begin`)."""
    since: datetime


def new_lead_id(seed: str = "") -> str:
    """An opaque id: it says nothing about whom the lead is about. ``seed``: the same gives the same id."""
    if seed:
        return f"lead-{sha256(seed.encode()).hexdigest()[: _ID_BYTES * 2]}"
    return f"lead-{secrets.token_hex(_ID_BYTES)}"


def add_lead(
    store: Store,
    vault: Vault,
    pipeline: str,
    created: Created,
    *,
    now: datetime,
    origin: Origin | None = None,
) -> Added:
    """Stores a new lead in the newest version of a pipeline; an inquiry of the same origin gives the same lead back.

    Args:
        store: the database.
        vault: for the lead's new key.
        pipeline: its id.
        created: the event that begins it; its number is filled in.
        now: the instant.
        origin: of the inquiry; None: always a new lead.

    Raises:
        NotFound: no such pipeline was published.
    """
    lead = new_lead_id()

    def work(connection: Connection) -> Added:
        if origin is not None and (known := _known(connection, origin)) is not None:
            return known
        version = newest_of(connection, pipeline)
        added = insert_lead(connection, vault, version.pipeline, lead, created, now)
        if origin is not None:
            row = {"source": origin.source, "external_id": origin.name, "lead": lead, "since": now}
            connection.execute(inbox.insert(), row)
        return added

    try:
        return store.write(work)
    except IntegrityError:  # another door stored the same inquiry meanwhile: now it is known
        return store.write(work)


def _known(connection: Connection, origin: Origin) -> Added | None:
    same = (inbox.c.source == origin.source) & (inbox.c.external_id == origin.name)
    query = sa.select(leads).join(inbox, inbox.c.lead == leads.c.id).where(same)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return Added(row.id, row.number, row.version, row.stage, row.closed, repeated=True)


def insert_lead(
    connection: Connection,
    vault: Vault,
    pipeline: Pipeline,
    lead: str,
    created: Created,
    now: datetime,
) -> Added:
    """`add_lead` within a transaction, under an id given."""
    number = next_number(connection, "lead")
    created = msgspec.structs.replace(created, number=number)
    new = {
        "id": lead,
        "number": number,
        "pipeline": pipeline.id,
        "hash": pipeline.hash,
        "kind": pipeline.kind,
        "creator": created.actor.user,
        "owner": created.owner,
        "source": created.source,
        "channel": created.channel,
        "title": created.title or title_of(pipeline, created.fields),
        "fields": created.fields,
        "created": now,
    }
    connection.execute(leads.insert(), new)
    key = vault.create(connection, lead)
    sealed = key.seal(msgspec.json.encode(created))
    row = {"lead": lead, "event": created.id, "event_sealed": sealed, "since": now}
    connection.execute(starts.insert(), row)
    return Added(lead, number)


def keep_event(store: Store, vault: Vault, lead: str, event: AnyEvent, now: datetime) -> None:
    """Keeps an event for a lead that has no workflow now (a closed one); the same event again changes nothing.

    Raises:
        NotFound: there is no such lead, or it was erased.
    """
    sealed = vault.seal(lead, msgspec.json.encode(event))
    store.write(lambda c: keep_sealed(c, lead, event.id, sealed, now))


def keep_sealed(
    connection: Connection, lead: str, event: str, sealed: bytes, now: datetime
) -> None:
    """`keep_event` within a transaction; ``sealed``: the event under its lead's key."""
    insert_once(connection, starts, lead=lead, event=event, event_sealed=sealed, since=now)


def waiting(store: Store, vault: Vault, lead: str = "", most: int = 100) -> list[Waiting]:
    """What has yet to be told to workflows, the oldest first; of one lead, or of all."""
    first = sa.select(starts.c.lead).where(_UNTOLD).group_by(starts.c.lead)
    first = first.order_by(sa.func.min(starts.c.since))
    if lead:
        first = first.where(starts.c.lead == lead)

    def work(connection: Connection) -> list[tuple[Row[Any], list[Row[Any]]]]:
        found = []
        for one in connection.execute(first.limit(most)).scalars().all():
            query = sa.select(starts).where(starts.c.lead == one, _UNTOLD)
            events = connection.execute(query.order_by(starts.c.since, starts.c.event)).all()
            if events:  # else its workflow has just heard of them
                row = connection.execute(sa.select(leads).where(leads.c.id == one)).one()
                found.append((row, list(events)))
        return found

    return [_waiting(vault, row, events) for row, events in store.read(work)]


def _waiting(vault: Vault, row: Row[Any], events: list[Row[Any]]) -> Waiting:
    sealed = row.state_sealed
    return Waiting(
        lead=row.id,
        pipeline=row.pipeline,
        hash=row.hash,
        events=tuple(_EVENT.decode(vault.open(row.id, one.event_sealed)) for one in events),
        state=None if sealed is None else _STATE.decode(vault.open(row.id, sealed)),
        since=events[0].since,
    )


def told(store: Store, lead: str, events: Iterable[str]) -> None:
    """A workflow has these events now: they need not be told again while Temporal lives.

    They are kept until the store has them back from the workflow (`forget_told`): till then only Temporal knows them.
    """
    where = (starts.c.lead == lead) & starts.c.event.in_(list(events))
    store.write(lambda c: c.execute(starts.update().where(where).values(told=True)))


_COME_BACK = sa.exists().where(timeline.c.lead == starts.c.lead, timeline.c.event == starts.c.event)


def forget_told(store: Store, before: datetime) -> None:
    """Lets go of events that the timeline has, and of those kept since before an instant: they changed nothing."""
    begun = sa.exists().where(leads.c.id == starts.c.lead, leads.c.version > 0)
    gone = starts.c.told & (_COME_BACK | (begun & (starts.c.since < before)))
    store.write(lambda c: c.execute(starts.delete().where(gone)))


def unheard(store: Store, lead: str) -> int:
    """How many events of a lead Temporal was told that the store has not seen come back."""
    query = sa.select(sa.func.count()).select_from(starts).where(_unheard(lead))
    return store.read(lambda c: c.execute(query).scalar_one())


def tell_again(store: Store, lead: str) -> None:
    """Temporal has lost what it was told: what is `unheard` is told once more."""
    again = starts.update().where(_unheard(lead)).values(told=False)
    store.write(lambda c: c.execute(again))


def _unheard(lead: str) -> sa.ColumnElement[bool]:
    return sa.and_(starts.c.lead == lead, starts.c.told, ~_COME_BACK)
