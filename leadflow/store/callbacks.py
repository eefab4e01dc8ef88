"""Callbacks of providers as they came: stored before they are acknowledged, read afterwards, as often as it takes (P8).

What an SMS centre brings over its session is kept here, too. All of it is sealed: it names numbers, and quotes texts. One may come before our own commit of the message that it is about, or be about one that is none of ours: what nobody knows
yet is looked at again, for a day.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from leadflow.store.db import Store
from leadflow.store.keys import Vault
from leadflow.store.once import insert_once
from leadflow.store.tables import alerts, callbacks

Kind = Literal["json", "form", "smpp"]
"""How a body is written; ``smpp``: a ``deliver_sm``, its sequence number zero."""

KEPT = timedelta(hours=24)
"""So long a callback is looked at again, and one that comes a second time is known."""
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=10)
_UNHEARD = "answers/"


class Callback(msgspec.Struct, frozen=True):
    """One that has yet to be read."""

    source: str
    """The connection's id."""
    external_id: str
    kind: Kind
    body: bytes
    """As it was kept: sealed (`opened`)."""
    since: datetime
    tries: int


def keep(store: Store, vault: Vault, source: str, kind: Kind, body: bytes, now: datetime) -> bool:
    """Stores a callback; from the return on it is not lost. False: the very same came before.

    Args:
        store: the database.
        vault: seals it.
        source: the connection.
        kind: how the body is written.
        body: as it came.
        now: the instant.
    """
    row = {
        "source": source,
        "external_id": vault.digest(body),
        "kind": kind,
        "body": vault.own.seal(body),
        "since": now,
        "due": now,
    }
    return store.write(lambda c: insert_once(c, callbacks, **row))


def unread(store: Store, now: datetime, most: int = 100) -> list[Callback]:
    """What is to be looked at now, the longest due first."""
    columns = [callbacks.c[name] for name in Callback.__struct_fields__]
    query = sa.select(*columns).where(callbacks.c.due <= now).order_by(callbacks.c.due).limit(most)
    return [Callback(*row) for row in store.read(lambda c: c.execute(query).all())]


def opened(vault: Vault, one: Callback) -> bytes:
    """The body as it came.

    Raises:
        Misconfigured: it was sealed with another master key.
    """
    return vault.own.open(one.body)


def is_read(store: Store, one: Callback) -> None:
    """Nothing more comes of it: its body goes, its name stays for a while."""
    gone = callbacks.update().where(_same(one)).values(due=None, body=None)
    store.write(lambda c: c.execute(gone))


def look_again(store: Store, one: Callback, now: datetime) -> None:
    """It is about something that is not known yet; later and later."""
    pause = min(FIRST_PAUSE * 2 ** min(one.tries, 20), LONGEST_PAUSE)
    later = callbacks.update().where(_same(one)).values(due=now + pause, tries=one.tries + 1)
    store.write(lambda c: c.execute(later))


def unheard(store: Store, source: str, now: datetime) -> None:
    """Raises an alert, which stands for a day: a client has written, and nothing here reads it. ``source``: the connection."""
    of = f" of '{source}'" if source else ""
    text = f"clients answer messages{of}, and nothing here reads that: look at the operator's"
    row = {"cause": f"{_UNHEARD}{source}", "text": text, "since": now}
    store.write(lambda c: insert_once(c, alerts, **row))


def let_go(store: Store, now: datetime) -> list[tuple[str, str]]:
    """Forgets what has been kept long enough; source and id of each that was about nothing we know."""
    old = callbacks.c.since < now - KEPT
    lost = sa.select(callbacks.c.source, callbacks.c.external_id).where(
        old, callbacks.c.due.is_not(None)
    )
    found = store.read(lambda c: [(row.source, row.external_id) for row in c.execute(lost)])
    told = alerts.c.cause.startswith(_UNHEARD) & (alerts.c.since < now - KEPT)

    def work(connection: Connection) -> None:
        connection.execute(callbacks.delete().where(old))
        connection.execute(alerts.delete().where(told))

    store.write(work)
    return found


def _same(one: Callback) -> sa.ColumnElement[bool]:
    return (callbacks.c.source == one.source) & (callbacks.c.external_id == one.external_id)
