"""Opening a database, and transactions that mean the same on SQLite and PostgreSQL.

SQLite: WAL, ``synchronous=FULL`` (a committed hand-over survives a power cut), every transaction begins ``IMMEDIATE``
(a deferred one would fail with SQLITE_BUSY when it turns into a writer) and waits up to 30 s for another writer.
PostgreSQL: connections are checked before use; serialisation failures, deadlocks and lost connections are retried as
whole transactions.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.engine import Connection, Engine

from leadflow.errors import Misconfigured, Unreachable

T = TypeVar("T")

BUSY_SECONDS = 30
ATTEMPTS = 6
RETRYABLE = frozenset({"40001", "40P01", "55P03", "57P01", "57P02", "57P03"})
"""SQLSTATEs that ask for the whole transaction again; class 08 (connection) is added in `_retryable`."""


class Store:
    """A database of leadflow. Share one per process; it is safe between threads."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.engine.dialect.name == "sqlite"

    def write(self, work: Callable[[Connection], T]) -> T:
        """Runs ``work`` in one transaction, again from its start when the database asks for that.

        ``work`` must touch nothing but the connection. Raises `Unreachable` when the database does not answer, is
        locked for too long or cannot be written.
        """
        for attempt in range(ATTEMPTS):
            try:
                with self.engine.begin() as connection:
                    return work(connection)
            except exc.DBAPIError as error:
                if attempt + 1 == ATTEMPTS or not _retryable(error):
                    raise _explained(error) from error
                time.sleep(0.05 * 2**attempt)
        raise AssertionError  # the loop returns or raises

    def read(self, work: Callable[[Connection], T]) -> T:
        """Like `write`, for queries: on SQLite it does not wait for a writer."""
        for attempt in range(ATTEMPTS):
            try:
                with self.engine.connect().execution_options(leadflow_read=True) as connection:
                    return work(connection)
            except exc.DBAPIError as error:
                if attempt + 1 == ATTEMPTS or not _retryable(error):
                    raise _explained(error) from error
                time.sleep(0.05 * 2**attempt)
        raise AssertionError

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """Opens ``sqlite:///path`` or ``postgresql+psycopg://…`` (``postgresql://`` is taken for the same).

    Raises:
        Misconfigured: the URL is of neither kind.
    """
    try:
        parsed = sa.make_url(url)
    except exc.ArgumentError:
        parsed = None
    if parsed is None or parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        message = "LEADFLOW_DATABASE_URL is not a database leadflow knows"
        raise Misconfigured(
            message, "write sqlite:///path/to/leadflow.db or postgresql://user:password@host/name"
        )
    if parsed.get_backend_name() == "postgresql":
        engine = sa.create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            pool_size=10,
            max_overflow=20,
        )
        return Store(engine)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        parsed, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}
    )
    event.listen(engine, "connect", _sqlite_connect)
    event.listen(engine, "begin", _sqlite_begin)
    return Store(engine)


def _sqlite_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's `begin` event decides how a transaction starts
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_SECONDS * 1000}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get("leadflow_read")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _retryable(error: exc.DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None) or ""
    if error.connection_invalidated or state in RETRYABLE or state.startswith("08"):
        return True
    return (
        "database is locked" in str(error.orig) or "connection" in type(error.orig).__name__.lower()
    )


def _explained(error: exc.DBAPIError) -> Exception:
    """The database's trouble in our words, where the cause is not a bug of ours."""
    said = str(error.orig).lower()
    if "locked" in said:
        return Unreachable(
            "the database is locked by another program", "close it; what you did was not stored"
        )
    if (
        "disk is full" in said
        or "no space" in said
        or getattr(error.orig, "sqlstate", "") == "53100"
    ):
        return Unreachable(
            "the disk is full: nothing was stored", "free some space and do it again"
        )
    if "readonly" in said or "read-only" in said:
        return Unreachable(
            "the database cannot be written", "check the rights on its file and its disk"
        )
    if "unable to open" in said or isinstance(error, exc.OperationalError):
        return Unreachable("the database does not answer", "see `leadflow doctor`")
    return error
