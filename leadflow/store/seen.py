"""Noticing a database that was put back to an earlier moment, or that meets another Temporal.

Where a database sits does not tell that yesterday's rows were put into it. Two things do: a file in the data directory
of each worker says how far this database was when it was seen last, and the database knows the id of the Temporal
namespace that its leads live in. (A third is a commit over a gap: `leadflow.errors.Behind`.) A machine that was put back
as a whole, with its files and its Temporal, cannot notice: nothing on it is newer than the rest.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from leadflow.engine.clock import iso, parse_iso
from leadflow.store.db import Store
from leadflow.store.locks import take
from leadflow.store.once import insert_once
from leadflow.store.outbox import end_alert
from leadflow.store.seat import put, unseat
from leadflow.store.tables import alerts, leads, meta

FILE = "seen.json"
_SEEN, _NAMESPACE, _INSTANCE = "seen", "namespace", "instance"
_ALERT = "temporal/namespace"


class Seen(msgspec.Struct, frozen=True):
    """How far a database was when this data directory saw it last."""

    instance: str
    seen: str


_DECODE = msgspec.json.Decoder(Seen).decode


def keep_in_mind(store: Store, home: Path, now: datetime) -> bool:
    """Marks in database and data directory that both were seen together; True: the database had forgotten its mark.

    Then nothing is sent until `leadflow.store.seat.confirm`.

    Args:
        store: the database.
        home: the data directory of this worker.
        now: the instant.
    """
    file = home / FILE
    before = _read(file)

    def work(connection: Connection) -> tuple[Seen, bool]:
        take(connection, "seen")
        instance = _get(connection, _INSTANCE)
        known = _get(connection, _SEEN)
        mine = before.seen if before.instance == instance else ""
        last = max(known, mine, iso(now), key=_instant)
        put(connection, _SEEN, last)
        older = _instant(mine) > _instant(known) and unseat(connection, "older", now)
        return Seen(instance, last), older

    seen, older = store.write(work)
    _write(file, seen)
    return older


def meet(store: Store, namespace: str, now: datetime) -> bool:
    """Remembers the Temporal namespace by its id; True: it is another one than the leads live in.

    Then nothing is sent until `leadflow.store.seat.confirm`, and an alert says what to do.
    """

    def work(connection: Connection) -> bool:
        known = _get(connection, _NAMESPACE)
        if known == namespace:
            return False
        put(connection, _NAMESPACE, namespace)
        open_ = sa.select(sa.func.count()).where(leads.c.closed == "", leads.c.version > 0)
        count = connection.execute(open_).scalar_one()
        if not known or not count:
            return False
        unseat(connection, "elsewhere", now)
        text = (
            f"this Temporal namespace is not the one that {count} open leads live in: "
            "`leadflow recover --dry-run` says which have to be begun again"
        )
        insert_once(connection, alerts, cause=_ALERT, text=text, since=now)
        return True

    return store.write(work)


def met(store: Store) -> None:
    """The leads live in this namespace now: the alert ends."""
    end_alert(store, _ALERT)


def _get(connection: Connection, name: str) -> str:
    found = connection.execute(sa.select(meta.c.value).where(meta.c.name == name)).scalar()
    return found or ""


def _instant(mark: str) -> datetime:
    return parse_iso(mark) if mark else datetime.min.replace(tzinfo=UTC)


def _read(file: Path) -> Seen:
    try:
        return _DECODE(file.read_bytes())
    except (OSError, msgspec.DecodeError):
        return Seen("", "")


def _write(file: Path, seen: Seen) -> None:
    """Whole or not at all; a worker without a directory of its own to write to remembers nothing."""
    draft = file.with_name(f".{FILE}.{secrets.token_hex(4)}")
    with suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.write_bytes(msgspec.json.encode(seen))
        draft.replace(file)
