"""Backups: every row of a moment in one file, which restores into either database.

The file is an SQLite database with the tables of `leadflow.store.tables`: any tool reads it, and a newer leadflow brings it
up to date like any other. It is copied out of one read transaction (on PostgreSQL ``REPEATABLE READ``) while everything
runs. The master key is not in it: whoever has the file alone reads what boards show, but no message, state or event.
Temporal's data is not in it either: `leadflow recover` begins the leads again from their stored states.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from leadflow.errors import Misconfigured, NotFound, Refused
from leadflow.store.db import Store, open_store
from leadflow.store.key_file import sync
from leadflow.store.migrate import HEAD, migrate
from leadflow.store.seat import put, settle, unseat
from leadflow.store.tables import installations, leads, meta, metadata, pipelines

BATCH = 500
"""Rows that are in memory at a time."""
_ABOUT = "backup"
_OWN = (_ABOUT, "seat", "copy")
"""What belongs to the file or to a place, not to the installation."""
_MAGIC = b"SQLite format 3\0"


class About(msgspec.Struct, frozen=True):
    """What a backup says of itself."""

    made: datetime
    instance: str
    version: str
    """Of the tables."""
    key: str
    """Fingerprint of the master key that opens it."""
    source: str
    """``sqlite``, ``postgresql``."""
    leads: int = 0


_DECODE = msgspec.json.Decoder(About).decode


def write_backup(store: Store, file: Path, key: str, now: datetime) -> About:
    """Copies the database as it is at this moment; others go on working.

    Args:
        store: the database.
        file: made whole or not at all, readable by its owner only.
        key: the master key's fingerprint.
        now: the instant.

    Raises:
        Refused: there is such a file already.
        Misconfigured: it cannot be written.
    """
    if file.exists():
        message = f"{file} exists already"
        raise Refused(message, "name another file: a backup is never written over")
    draft = file.with_name(f".leadflow-backup-{secrets.token_hex(4)}")
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        about = _fill(store, draft, key, now)
        sync(draft)
        os.link(draft, file)
        sync(file.parent)
    except OSError as error:
        message = f"the backup {file} cannot be written: {error.strerror}"
        raise Misconfigured(message, "name another place") from error
    finally:
        for left in file.parent.glob(f"{draft.name}*"):
            left.unlink()
    return about


def _fill(store: Store, draft: Path, key: str, now: datetime) -> About:
    with contextlib.closing(open_store(f"sqlite:///{draft}")) as target:
        migrate(target)
        with _moment(store) as source, target.engine.begin() as to:
            to.execute(meta.delete())
            _copy(source, to)
            to.execute(meta.delete().where(meta.c.name.in_(_OWN)))
            about = About(
                made=now,
                instance=_of(to, "instance"),
                version=HEAD,
                key=key,
                source=source.dialect.name,
                leads=to.execute(sa.select(sa.func.count()).select_from(leads)).scalar_one(),
            )
            put(to, _ABOUT, msgspec.json.encode(about).decode())
    with contextlib.closing(sqlite3.connect(draft)) as last:  # one file, wherever it is carried
        last.execute("PRAGMA journal_mode=DELETE")
    return about


@contextlib.contextmanager
def _moment(store: Store) -> Iterator[Connection]:
    """A transaction that sees one moment from its first query on."""
    options = {"leadflow_read": True, "stream_results": True, "yield_per": BATCH}
    with store.engine.connect() as connection:
        if not store.sqlite:
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection.execution_options(**options)


def _copy(source: Connection, target: Connection) -> None:
    for table in metadata.sorted_tables:
        for rows in source.execute(sa.select(table)).mappings().partitions(BATCH):
            target.execute(table.insert(), [dict(row) for row in rows])


def about(file: Path) -> About:
    """What a backup says of itself.

    Raises:
        NotFound: there is no such file.
        Misconfigured: it is no backup of leadflow, it is damaged, or a newer leadflow has made it.
    """
    if not file.is_file():
        message = f"there is no file {file}"
        raise NotFound(message)
    found = _about(file)
    if found.version > HEAD:
        message = f"{file} was made by a newer leadflow (version {found.version}; this: {HEAD})"
        raise Misconfigured(message, "install that version, or restore an older backup")
    return found


def _about(file: Path) -> About:
    no_backup = Misconfigured(f"{file} is no backup of leadflow, or it is damaged")
    with file.open("rb") as opened:
        if opened.read(len(_MAGIC)) != _MAGIC:
            raise no_backup
    address = f"file:{quote(str(file.absolute()))}?mode=ro"
    engine = sa.create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True))
    try:
        with engine.connect() as connection:
            sound = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
            if sound != "ok":
                raise no_backup
            return _DECODE(_of(connection, _ABOUT))
    except (sa.exc.DBAPIError, msgspec.DecodeError) as error:
        raise no_backup from error
    finally:
        engine.dispose()


def restore(store: Store, file: Path, now: datetime) -> About:
    """Fills an empty database from a backup; nothing is sent from it until `leadflow.store.seat.confirm`.

    Args:
        store: the database: without tables, or without leads, pipelines and people.
        file: a backup, of this version or an older one; it stays as it is.
        now: the instant.

    Raises:
        NotFound, Misconfigured: see `about`.
        Refused: the database is not empty.
    """
    found = about(file)
    migrate(store)
    if not store.read(is_empty):
        message = "the database is not empty: a backup is never restored over something"
        hint = "name an empty one in LEADFLOW_DATABASE_URL, or another LEADFLOW_HOME"
        raise Refused(message, hint)
    with tempfile.TemporaryDirectory(dir=_beside(store)) as folder:
        draft = Path(folder) / "backup.sqlite3"
        shutil.copyfile(file, draft)
        with contextlib.closing(open_store(f"sqlite:///{draft}")) as source:
            migrate(source)
            with _moment(source) as rows:
                store.write(lambda c: _put_in(rows, c, found, now))
    return found


def is_empty(connection: Connection) -> bool:
    """Whether nothing was ever stored but what makes an installation."""
    tables = (leads, pipelines, installations)
    return all(connection.execute(sa.select(table).limit(1)).first() is None for table in tables)


def _put_in(source: Connection, target: Connection, found: About, now: datetime) -> None:
    target.execute(meta.delete())
    _copy(source, target)
    target.execute(meta.delete().where(meta.c.name.in_(_OWN)))
    settle(target)
    unseat(target, "restored", now, found.made)


def _beside(store: Store) -> Path | None:
    """Where the database is, so that its disk has room for a copy; None: the usual place for temporary files."""
    path = store.engine.url.database
    return Path(path).parent if store.sqlite and path else None


def _of(connection: Connection, name: str) -> str:
    query = sa.select(meta.c.value).where(meta.c.name == name)
    return connection.execute(query).scalar() or ""
