"""The outbox: what has left, what waits, what nobody can be sure of; and what holds it back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from leadflow.store.db import Store
from leadflow.store.entries import STATES, UNFINISHED, EntryState
from leadflow.store.locks import take
from leadflow.store.once import insert_once
from leadflow.store.tables import alerts, channels, effects, holds, leads, tasks


class OutboxRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the ledger, without what is sealed; instants UTC."""

    key: str
    hash: str
    effect: str
    """The key the engine knows."""
    lead: str
    number: int
    """The lead's."""
    kind: str
    channel: str
    connection: str
    template: str
    pos: str
    """Line of the pipeline that asked for it."""
    state: EntryState
    reason: str
    reply: str
    provider_id: str
    resends: int
    planned: datetime
    not_after: datetime | None
    claimed: datetime | None
    handed: datetime | None
    finished: datetime | None
    delivery: Literal["", "delivered", "undelivered"]
    """What the provider told later; empty: nothing (yet)."""
    delivered: datetime | None
    """When it told."""
    delivery_code: str


_COLUMNS = [
    leads.c.number if name == "number" else effects.c[name] for name in OutboxRow.__struct_fields__
]
_ROWS = sa.select(*_COLUMNS).join(leads, leads.c.id == effects.c.lead)


def outbox(
    store: Store,
    *,
    states: Collection[EntryState] = (),
    lead: str = "",
    pipeline: str = "",
    template: str = "",
    most: int = 200,
) -> list[OutboxRow]:
    """Rows of the ledger, the newest first; all of them, or those that fit every filter given."""
    named = {"lead": lead, "pipeline": pipeline, "template": template}
    conditions = [effects.c[name] == value for name, value in named.items() if value]
    if states:
        conditions.append(effects.c.state.in_(states))
    newest = _ROWS.where(*conditions).order_by(effects.c.planned.desc(), effects.c.key)
    query = newest.limit(most)
    rows: Any = store.read(lambda c: c.execute(query).mappings().all())
    return [OutboxRow(**row) for row in rows]


def answered_late(store: Store) -> list[OutboxRow]:
    """Rows that have ended while somebody is asked.

    An attempt, taken for dead, came back with the truth, or the question came after its answer. The lead has yet to hear
    of it (`EffectDone`, which ends the task ``settle``).
    """
    other = effects.alias()
    unsure = sa.exists().where(other.c.effect == effects.c.effect, other.c.state == "ambiguous")
    open_ = sa.select(tasks.c.settles).where(tasks.c.about == "settle", tasks.c.status == "open")
    ended = effects.c.state.not_in((*UNFINISHED, "ambiguous"))
    query = _ROWS.where(effects.c.effect.in_(open_), ended, ~unsure).order_by(
        effects.c.finished, effects.c.key
    )
    rows: Any = store.read(lambda c: c.execute(query).mappings().all())
    return [OutboxRow(**row) for row in rows]


def counts(store: Store) -> dict[EntryState, int]:
    """How many rows stand where: the accounting of everything that was ever planned."""
    query = sa.select(effects.c.state, sa.func.count()).group_by(effects.c.state)
    found: dict[str, int] = dict(store.read(lambda c: c.execute(query).all()))
    return {state: found.get(state, 0) for state in STATES}


class Hold(msgspec.Struct, frozen=True):
    """What an operator holds back: ``all``, ``pipeline:<id>``, ``template:<name>``."""

    what: str
    by: str
    since: datetime


def hold(store: Store, what: str, by: str, now: datetime) -> bool:
    """Holds messages back before their hand-over; from the return on none of them begins. False: held already."""

    def work(connection: Connection) -> bool:
        take(connection, "hand_over")
        return insert_once(connection, holds, what=what, by=by, since=now)

    return store.write(work)


def release_hold(store: Store, what: str) -> bool:
    """Lets them go again; False: nothing of that name was held."""
    return store.write(lambda c: c.execute(holds.delete().where(holds.c.what == what)).rowcount > 0)


def find_holds(store: Store) -> list[Hold]:
    """Everything that is held back."""
    query = sa.select(holds.c.what, holds.c.by, holds.c.since).order_by(holds.c.since)
    return [Hold(*row) for row in store.read(lambda c: c.execute(query).all())]


class Pause(msgspec.Struct, frozen=True):
    """A channel or connection that cannot send now: no lead's fault."""

    name: str
    reason: str
    since: datetime


def pause(store: Store, name: str, reason: str, now: datetime) -> bool:
    """Pauses a channel (``email``) or a connection, with one alert; False: it was paused already."""

    def work(connection: Connection) -> bool:
        take(connection, "hand_over")
        new = insert_once(connection, channels, name=name, paused=reason, since=now)
        if new:
            text = f"{name} is paused: {reason}"
            insert_once(connection, alerts, cause=f"channel/{name}", text=text, since=now)
        return new

    return store.write(work)


def resume(store: Store, name: str) -> bool:
    """Opens it again and ends its alert; False: it was not paused."""

    def work(connection: Connection) -> bool:
        connection.execute(alerts.delete().where(alerts.c.cause == f"channel/{name}"))
        return connection.execute(channels.delete().where(channels.c.name == name)).rowcount > 0

    return store.write(work)


def find_pauses(store: Store) -> list[Pause]:
    """Every channel and connection that is paused."""
    query = sa.select(channels.c.name, channels.c.paused, channels.c.since).order_by(
        channels.c.name
    )
    return [Pause(*row) for row in store.read(lambda c: c.execute(query).all())]


class Alert(msgspec.Struct, frozen=True):
    """Something an administrator has to see to."""

    cause: str
    text: str
    since: datetime


def find_alerts(store: Store) -> list[Alert]:
    """Every alert that stands, the oldest first."""
    query = sa.select(alerts.c.cause, alerts.c.text, alerts.c.since).order_by(alerts.c.since)
    return [Alert(*row) for row in store.read(lambda c: c.execute(query).all())]


def end_alert(store: Store, cause: str) -> bool:
    """Somebody has seen to it; False: there is none of this cause."""
    gone = alerts.delete().where(alerts.c.cause == cause)
    return store.write(lambda c: c.execute(gone).rowcount > 0)
