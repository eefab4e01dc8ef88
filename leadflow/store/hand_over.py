"""What decides, in the very last transaction, whether a message may leave (language.md, Meaning 8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from leadflow.rules.last_look import HandOver, Message, last_look
from leadflow.store.entries import STOPPABLE
from leadflow.store.locks import take
from leadflow.store.once import insert_once
from leadflow.store.seat import HELD, unconfirmed
from leadflow.store.tables import channels, effects, holds, leads, suppressions

BOUNCED = "bounced"
"""Why an address is suppressed that is dead; every other reason is its owner's will."""


def stand_still(connection: Connection, lead: str) -> datetime | None:
    """Waits for a commit of this lead that is under way, and for whoever stops messages of many; then none can start.

    Returns:
        Until when the lead is snoozed.
    """
    query = sa.select(leads.c.snoozed_until).where(leads.c.id == lead)
    snoozed: datetime | None = connection.execute(query.with_for_update(read=True)).scalar()
    take(connection, "hand_over", shared=True)
    return snoozed


def judge(connection: Connection, row: Row[Any], now: datetime, next_allowed: datetime) -> HandOver:
    """The verdict on a claimed row whose turn it is."""
    message = Message(row.not_after, row.manual, row.service, waits=row.kind == "SendMessage")
    return last_look(
        message,
        now,
        next_allowed,
        opted_out=lambda: _opted_out(connection, row),
        held=lambda: _held(connection, row),
    )


def _opted_out(connection: Connection, row: Row[Any]) -> bool:
    if not row.address_mark:
        return False
    query = sa.select(suppressions.c.channel).where(
        suppressions.c.channel.in_((row.channel, "all")),
        suppressions.c.address_mark == row.address_mark,
    )
    return connection.execute(query.limit(1)).first() is not None


def _held(connection: Connection, row: Row[Any]) -> str:
    if unconfirmed(connection) is not None:
        return HELD
    what = ("all", f"pipeline:{row.pipeline}", f"template:{row.template}")
    query = sa.select(holds.c.what).where(holds.c.what.in_(what))
    if held := connection.execute(query.limit(1)).scalar():
        return f"held: {held}"
    names = (row.channel, row.connection)
    pauses = sa.select(channels.c.name, channels.c.paused).where(channels.c.name.in_(names))
    paused = connection.execute(pauses.limit(1)).first()
    return f"{paused.name} is paused: {paused.paused}" if paused else ""


def stop(connection: Connection, keys: Sequence[str], reason: str, now: datetime) -> None:
    """Stops planned effects whose visit has ended; what is being handed over is beyond stopping.

    Part of the commit, which holds the lead: from its answer on *stop means stop* holds.

    Args:
        connection: the commit's.
        keys: as the engine knows them.
        reason: for the row.
        now: the instant.
    """
    where = effects.c.effect.in_(keys) & effects.c.state.in_(STOPPABLE)
    values = {"state": "suppressed", "finished": now, "reason": reason}
    connection.execute(effects.update().where(where).values(**values))


def suppress(
    connection: Connection, marks: Sequence[tuple[str, str]], reason: str, now: datetime
) -> None:
    """Writes opt-outs; no hand-over that has not committed before goes against them.

    Args:
        connection: of a transaction.
        marks: channel (or ``all``) and `Vault.mark` of each address.
        reason: ``unsubscribed``, ``bounced``, ``complained`` …
        now: the instant.
    """
    take(connection, "hand_over")
    for channel, mark in sorted(set(marks)):
        row = {"channel": channel, "address_mark": mark, "reason": reason, "since": now}
        insert_once(connection, suppressions, **row)
