"""What an operator watches, counted in a few queries that indexes answer: numbers, never anything of a person.

Every number is taken in one read transaction, so that they agree with each other.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from leadflow.store.db import Store
from leadflow.store.entries import STOPPABLE
from leadflow.store.seat import unconfirmed
from leadflow.store.tables import (
    alerts,
    callbacks,
    channels,
    effects,
    holds,
    intents,
    leads,
    starts,
)

LATE = timedelta(seconds=60)
"""A deadline this long past is a timer that did not ring; before, it may just be ringing."""
NOT_NOW = "not_now"
"""Reason of a message that waits for its hours (`leadflow.store.hand_over`)."""


class Waiting(msgspec.Struct, frozen=True):
    """How many wait, and for how many seconds the oldest of them has."""

    count: int = 0
    oldest: float = 0.0


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """One look at an installation; ages in seconds, 0 where nothing waits."""

    leads: dict[tuple[str, str], int]
    """By pipeline and state: ``open``, ``success``, ``failure``, ``quarantined``."""
    late: Waiting
    """Open leads whose next deadline lies more than `LATE` in the past; how long the worst one does."""
    sends: dict[tuple[str, str], Waiting]
    """By channel and outcome: a state of the ledger, where of ``planned`` those are taken out that are ``postponed`` to
    their hours or ``held`` back; ages since they were planned."""
    queues: dict[str, Waiting]
    """``starts``: what workflows have yet to hear of; ``intents``: what doors have asked and not stored;
    ``callbacks``: what providers told and nobody has read."""
    paused: tuple[str, ...]
    """Channels and connections."""
    holds: int
    alerts: int
    confirmed: bool
    """Whether this installation may send where it sits (`leadflow.store.seat`)."""


def measure(store: Store, now: datetime) -> Figures:
    """Takes all figures.

    Raises:
        Unreachable: the database does not answer.
    """
    return store.read(lambda connection: _measure(connection, now))


def _measure(connection: Connection, now: datetime) -> Figures:
    confirmed = unconfirmed(connection) is None
    return Figures(
        leads=_leads(connection),
        late=_late(connection, now),
        sends=_sends(connection, now, confirmed=confirmed),
        queues={
            "starts": _queue(connection, now, starts.c.since, ~starts.c.told),
            "intents": _queue(connection, now, intents.c.since),
            "callbacks": _queue(connection, now, callbacks.c.since, callbacks.c.due.is_not(None)),
        },
        paused=tuple(
            connection.execute(sa.select(channels.c.name).order_by(channels.c.name)).scalars()
        ),
        holds=_count(connection, holds),
        alerts=_count(connection, alerts),
        confirmed=confirmed,
    )


def _leads(connection: Connection) -> dict[tuple[str, str], int]:
    state = sa.case(
        (leads.c.closed != "", leads.c.closed),
        (leads.c.quarantined != "", "quarantined"),
        else_="open",
    ).label("state")
    query = sa.select(leads.c.pipeline, state, sa.func.count()).group_by("state", "pipeline")
    return {(pipeline, state): count for pipeline, state, count in connection.execute(query)}


def _late(connection: Connection, now: datetime) -> Waiting:
    missed = leads.c.next_deadline < now - LATE
    query = sa.select(sa.func.count(), sa.func.min(leads.c.next_deadline)).where(
        leads.c.closed == "", leads.c.quarantined == "", missed
    )
    count, oldest = connection.execute(query).one()
    return Waiting(count, _age(oldest, now))


def _sends(
    connection: Connection, now: datetime, *, confirmed: bool
) -> dict[tuple[str, str], Waiting]:
    """What has ended is counted from the index alone; what waits is little, and its rows say why it does."""
    waits = effects.c.state.in_(STOPPABLE)
    told = _held(connection) if confirmed else sa.true()
    why = sa.case(
        (told, "held"), (effects.c.reason == NOT_NOW, "postponed"), else_=effects.c.state
    ).label("outcome")
    found = {}
    for outcome, rows in ((effects.c.state.label("outcome"), ~waits), (why, waits)):
        query = (
            sa.select(effects.c.channel, outcome, sa.func.count(), sa.func.min(effects.c.planned))
            .where(rows)
            .group_by("channel", "outcome")
        )
        for channel, name, count, oldest in connection.execute(query):
            found[channel, name] = Waiting(count, _age(oldest, now))
    return found


def _held(connection: Connection) -> sa.ColumnElement[bool]:
    """Whether the operator or a paused channel holds a row back."""
    what = set(connection.execute(sa.select(holds.c.what)).scalars())
    if "all" in what:
        return sa.true()
    paused = sa.select(channels.c.name)
    named = {
        column: [name for kind, _, name in (one.partition(":") for one in what) if kind == column]
        for column in ("pipeline", "template")
    }
    return sa.or_(
        effects.c.channel.in_(paused),
        effects.c.connection.in_(paused),
        *(effects.c[column].in_(names) for column, names in named.items() if names),
    )


def _queue(
    connection: Connection,
    now: datetime,
    since: sa.Column[datetime],
    *conditions: sa.ColumnElement[bool],
) -> Waiting:
    query = sa.select(sa.func.count(), sa.func.min(since)).where(*conditions)
    count, oldest = connection.execute(query).one()
    return Waiting(count, _age(oldest, now))


def _count(connection: Connection, table: sa.Table) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
