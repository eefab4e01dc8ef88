"""Where an installation sits, and that a copy of it sends nothing until an admin has confirmed it (promise P11, X15).

The store remembers the seat that was confirmed last: which database this is. Each hand-over compares it, in its own
transaction, with where the database is now. Where they differ, nothing leaves: the database was copied, moved or
restored, and somewhere else its original may be sending the same messages (listmonk #1801: a restored snapshot sent an
old campaign once more). The seat is the database's and not a worker's, so that any number of workers on any number of
machines may share one. Why it is made of what it is made of: docs/decisions/0014-a-copy-sends-nothing.md.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Literal
from weakref import WeakKeyDictionary

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from leadflow.store.db import Store
from leadflow.store.entries import UNFINISHED
from leadflow.store.locks import take
from leadflow.store.once import insert_once
from leadflow.store.tables import effects, meta

Cause = Literal["moved", "restored", "older", "elsewhere", "recovered"]
"""Why an installation is not confirmed where it sits.

moved: its database is not the one it was; restored: from a backup; older: it knows less than this installation has
done; elsewhere: its Temporal namespace is not the one its leads live in; recovered: leads were begun again.
"""

WORDS: dict[Cause, str] = {
    "moved": "its database is not where it was: it was copied, moved or put back",
    "restored": "it was restored from a backup",
    "older": "its database is older than what it has done: it was put back to an earlier moment",
    "elsewhere": "its Temporal namespace is not the one that its leads live in",
    "recovered": "leads were begun again whose Temporal data was gone",
}
HELD = "not confirmed: nothing is sent until `leadflow confirm`"
"""Reason of a message that waits for it."""

AGES: tuple[tuple[str, timedelta], ...] = (
    ("under an hour", timedelta(hours=1)),
    ("under a day", timedelta(days=1)),
    ("under a week", timedelta(weeks=1)),
)
OLDER = "older"

_MACHINE_ID = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
_DIGITS = 16
_SEAT, _COPY = "seat", "copy"
_KNOWN = sa.text("SELECT name, value FROM meta WHERE name IN ('seat', 'copy')")


class Seat(msgspec.Struct, frozen=True):
    """Which database this is."""

    database: str
    """SQLite: path and inode of the file. PostgreSQL: system identifier, timeline, database."""
    machine: str = ""
    """SQLite: a digest of the machine's id; empty where it has none."""


class Copy(msgspec.Struct, frozen=True, omit_defaults=True):
    """An installation that is not confirmed where it sits."""

    cause: Cause
    since: datetime | None = None
    """When that was noticed; None: just now."""
    made: datetime | None = None
    """When the backup was made that it comes from."""

    @property
    def words(self) -> str:
        """What is wrong, for people."""
        made = f" of {self.made:%Y-%m-%d %H:%M} UTC" if self.made else ""
        return f"this installation is not confirmed here: {WORDS[self.cause]}{made}"


_DECODE = msgspec.json.Decoder(Copy).decode


class Waits(msgspec.Struct, frozen=True):
    """Messages that would go out once the installation is confirmed."""

    channel: str
    kind: str
    """Class name of the effect: ``SendMessage``, ``NotifyPeople`` …"""
    age: str
    """Since it was planned."""
    messages: int
    late: int
    """Of these: too late by now (``max_late``), so that they will not go."""


def unconfirmed(connection: Connection) -> Copy | None:
    """Why nothing may be sent from here; None: an admin has confirmed this very place, or it was never another."""
    known: dict[str, str] = dict(connection.execute(_KNOWN).all())
    if known.get(_COPY):
        return _DECODE(known[_COPY])
    if known.get(_SEAT) == _text(here(connection)):
        return None
    return Copy("moved")


def look(store: Store) -> Copy | None:
    """`unconfirmed`, in a transaction of its own."""
    return store.read(unconfirmed)


def here(connection: Connection) -> Seat:
    """Where the database of a connection is now."""
    if connection.dialect.name == "postgresql":
        query = _POSTGRES if _may_ask(connection) else _POSTGRES_PLAIN
        return Seat("/".join(map(str, connection.execute(query).one())))
    path = _resolved(connection.engine.url.database or "")
    try:
        inode = os.stat(path).st_ino  # noqa: PTH116 -- for every hand-over: a Path takes ten times as long
    except OSError:  # it was taken away under our feet
        inode = 0
    return Seat(f"{path}#{inode}", _machine())


_POSTGRES = sa.text(
    "SELECT (SELECT system_identifier FROM pg_control_system()), "
    "(SELECT timeline_id FROM pg_control_checkpoint()), "
    "(SELECT oid FROM pg_database WHERE datname = current_database())"
)
_POSTGRES_PLAIN = sa.text("SELECT oid FROM pg_database WHERE datname = current_database()")
_PRIVILEGE = sa.text(
    "SELECT has_function_privilege('pg_control_system()', 'execute') "
    "AND has_function_privilege('pg_control_checkpoint()', 'execute')"
)
_ASKED: WeakKeyDictionary[sa.Engine, bool] = WeakKeyDictionary()


def _may_ask(connection: Connection) -> bool:
    """Anybody may ask PostgreSQL for its identifier, unless a provider has taken that away."""
    engine = connection.engine
    if engine not in _ASKED:
        _ASKED[engine] = bool(connection.execute(_PRIVILEGE).scalar())
    return _ASKED[engine]


@lru_cache(maxsize=64)
def _resolved(database: str) -> str:
    return str(Path(database).resolve())


@lru_cache(maxsize=1)
def _machine() -> str:
    """A digest, because the id itself is nobody's business (machine-id(5))."""
    for path in _MACHINE_ID:
        try:
            found = path.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError):
            continue
        if found:
            return sha256(b"leadflow seat" + found.encode()).hexdigest()[:_DIGITS]
    return ""


def _text(seat: Seat) -> str:
    return msgspec.json.encode(seat).decode()


def settle(connection: Connection) -> None:
    """Takes the present place for the confirmed one."""
    put(connection, _SEAT, _text(here(connection)))
    connection.execute(meta.delete().where(meta.c.name == _COPY))


def settled(connection: Connection) -> bool:
    """Whether a place was ever confirmed."""
    return (
        connection.execute(sa.select(meta.c.value).where(meta.c.name == _SEAT)).first() is not None
    )


def unseat(
    connection: Connection, cause: Cause, now: datetime, made: datetime | None = None
) -> bool:
    """From the transaction's end on nothing is handed over until `confirm`. False: that was so already."""
    take(connection, "hand_over")
    if unconfirmed(connection) is not None:
        return False
    put(connection, _COPY, msgspec.json.encode(Copy(cause, now, made)).decode())
    return True


def confirm(store: Store, now: datetime, *, ask: bool) -> int:
    """This is the place from now on: messages may go.

    Args:
        store: the database.
        now: the instant.
        ask: somebody else may have sent what waits: it becomes ambiguous, a question for each message's owner.

    Returns:
        How many messages became questions.
    """

    def work(connection: Connection) -> int:
        take(connection, "hand_over")
        settle(connection)
        if not ask:
            return 0
        unsure = {
            "state": "ambiguous",
            "finished": now,
            "fence": effects.c.fence + 1,
            "reason": "this installation is a copy: its original may have sent it",
        }
        waits = effects.c.state.in_(UNFINISHED)
        return connection.execute(effects.update().where(waits).values(unsure)).rowcount

    return store.write(work)


def waits(store: Store, now: datetime) -> list[Waits]:
    """What would go out, by channel, kind and age."""
    query = sa.select(
        effects.c.channel, effects.c.kind, effects.c.planned, effects.c.not_after
    ).where(effects.c.state.in_(UNFINISHED))
    rows = store.read(lambda c: c.execute(query).all())
    kinds = [(row.channel, row.kind, _age(now - row.planned)) for row in rows]
    late = Counter(
        kind
        for kind, row in zip(kinds, rows, strict=True)
        if row.not_after is not None and row.not_after < now
    )
    counted = Counter(kinds)
    return [Waits(*kind, counted[kind], late[kind]) for kind in sorted(counted, key=_order)]


def _age(since: timedelta) -> str:
    return next((name for name, limit in AGES if since < limit), OLDER)


def _order(kind: Sequence[str]) -> tuple[str, str, int]:
    channel, what, age = kind
    return channel, what, [*(name for name, _ in AGES), OLDER].index(age)


def put(connection: Connection, name: str, value: str) -> None:
    """Writes what the installation knows of itself."""
    if not insert_once(connection, meta, name=name, value=value):
        connection.execute(meta.update().where(meta.c.name == name).values(value=value))
