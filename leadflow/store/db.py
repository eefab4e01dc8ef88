"""Opening a database, and transactions that mean the same on SQLite and PostgreSQL.

SQLite: WAL, ``synchronous=FULL`` (a committed hand-over survives a power cut), every writing transaction begins
``IMMEDIATE`` (a deferred one fails with SQLITE_BUSY when it turns into a writer) and waits up to 30 s for a writer of
another process; those of this process stand in line. PostgreSQL: connections are checked before use; serialisation
failures, deadlocks and lost connections are retried as whole transactions.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.engine import Connection, Engine

from leadflow.errors import LeadflowError, Misconfigured, Unreachable

T = TypeVar("T")

BUSY_SECONDS = 30
ATTEMPTS = 6
FIRST_PAUSE = 0.05
"""Seconds before the second attempt; doubled before each further one."""
RETRYABLE = frozenset({"40001", "40P01", "55P03", "57P01", "57P02", "57P03"})
"""SQLSTATEs that ask for the whole transaction again: serialisation, deadlock, lock timeout, a server going down."""


class Store:
    """A database of leadflow. Share one per process; it is safe between threads."""

    def __init__(self, engine: Engine, busy_seconds: float = BUSY_SECONDS) -> None:
        self.engine = engine
        self.sqlite = engine.dialect.name == "sqlite"
        self._busy_seconds = busy_seconds
        # SQLite knows one writer at a time; in a line of our own nobody is overtaken while he sleeps.
        self._line = threading.Lock()

    def write(self, work: Callable[[Connection], T]) -> T:
        """Runs ``work`` in one transaction, again from its start when the database asks for that.

        ``work`` touches nothing but the connection, and finds its own traces: a connection lost in the very commit
        leaves open whether the first run counted.

        Raises:
            Unreachable: the database does not answer, stays locked, or cannot be written.
        """
        return self._try(lambda: self._write(work))

    def read(self, work: Callable[[Connection], T]) -> T:
        """Like `write`, for queries: sees one moment; on SQLite it waits for no writer."""
        return self._try(lambda: self._read(work))

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()

    def _write(self, work: Callable[[Connection], T]) -> T:
        with self._turn(), self.engine.begin() as connection:
            return work(connection)

    def _read(self, work: Callable[[Connection], T]) -> T:
        with self.engine.connect().execution_options(leadflow_read=True) as connection:
            return work(connection)

    def _turn(self) -> AbstractContextManager[None]:
        return self._in_line() if self.sqlite else nullcontext()

    @contextmanager
    def _in_line(self) -> Iterator[None]:
        if not self._line.acquire(timeout=self._busy_seconds):
            raise _locked()
        try:
            yield
        finally:
            self._line.release()

    def _try(self, run: Callable[[], T]) -> T:
        attempt, pause = 1, FIRST_PAUSE
        while True:
            try:
                return run()
            except exc.DBAPIError as error:
                if attempt == ATTEMPTS or not self._retryable(error):
                    explained = explain(error)
                    if explained is None:
                        raise  # a bug of ours
                    raise explained from error
            time.sleep(pause)
            attempt, pause = attempt + 1, pause * 2

    def _retryable(self, error: exc.DBAPIError) -> bool:
        if self.sqlite:  # it has waited its 30 seconds already
            return False
        state = _sqlstate(error)
        lost = isinstance(error, exc.OperationalError) and not state
        return lost or error.connection_invalidated or state in RETRYABLE or state.startswith("08")


def open_store(url: str, *, busy_seconds: float = BUSY_SECONDS) -> Store:
    """Opens ``sqlite:///path`` or ``postgresql+psycopg://…`` (``postgresql://`` is taken for the same).

    Args:
        url: of the database; nothing is connected to yet.
        busy_seconds: how long SQLite waits for another writer.

    Raises:
        Misconfigured: the URL is of neither kind, or the folder of the file cannot be made.
    """
    try:
        parsed = sa.make_url(url)
    except exc.ArgumentError:
        parsed = None
    if parsed is None or parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        message = "LEADFLOW_DATABASE_URL is not a database leadflow knows"
        hint = "write sqlite:///path/to/leadflow.db or postgresql://user:password@host/name"
        raise Misconfigured(message, hint)
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        # Errors quote no values: they would be somebody's name in a log.
        return Store(
            sa.create_engine(
                parsed, pool_pre_ping=True, pool_size=10, max_overflow=20, hide_parameters=True
            )
        )
    _make_folder(parsed.database)
    engine = sa.create_engine(
        parsed,
        connect_args={"timeout": busy_seconds, "check_same_thread": False},
        hide_parameters=True,
    )
    event.listen(engine, "connect", _sqlite_connect)
    event.listen(engine, "begin", _sqlite_begin)
    return Store(engine, busy_seconds)


def _make_folder(database: str | None) -> None:
    if not database or database == ":memory:":
        message = "LEADFLOW_DATABASE_URL names no file: a lead's memory cannot live in memory"
        raise Misconfigured(message, "write sqlite:///path/to/leadflow.db")
    folder = Path(database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"the folder {folder} cannot be made: {error.strerror}"
        raise Misconfigured(message, "make it, or name another in LEADFLOW_DATABASE_URL") from error


def _sqlite_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's `begin` event decides how a transaction starts
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    # SQLite's own knows ASCII only: nobody would find «иванов».
    connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(text: object) -> object:
    return text.lower() if isinstance(text, str) else text


def _sqlite_begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get("leadflow_read")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _sqlstate(error: exc.DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


_TROUBLES: tuple[tuple[tuple[str, ...], str, type[LeadflowError], str, str], ...] = (
    (
        ("database is locked",),
        "",
        Unreachable,
        "the database is locked by another program: nothing was stored",
        "close it and do it again",
    ),
    (
        ("disk is full", "no space"),
        "53100",
        Unreachable,
        "the disk of the database is full: nothing was stored",
        "free some space and do it again",
    ),
    (
        ("readonly",),
        "25006",
        Unreachable,
        "the database cannot be written: nothing was stored",
        "check the rights on its file, its folder and its disk",
    ),
    (
        ("not a database", "malformed"),
        "",
        Misconfigured,
        "the database file is damaged, or is no database",
        "restore it from a backup, or name another in LEADFLOW_DATABASE_URL",
    ),
    (
        ("no such table",),
        "42P01",
        Misconfigured,
        "the database is empty: it was never prepared",
        "run `leadflow up`, or name another in LEADFLOW_DATABASE_URL",
    ),
)
"""What SQLite says, PostgreSQL's SQLSTATE, and both in our words with the remedy."""


def explain(error: exc.DBAPIError) -> LeadflowError | None:
    """The database's trouble in our words; ``None`` where the cause is a bug of ours."""
    said, state = str(error.orig).lower(), _sqlstate(error)
    for words, code, kind, message, hint in _TROUBLES:
        if state == code if state else any(word in said for word in words):
            return kind(message, hint)
    ours = any(words in said for words in ("no such column", "syntax error"))
    if isinstance(error, exc.OperationalError) and not ours:
        return Unreachable("the database does not answer", "see `leadflow doctor`")
    return None


def _locked() -> Unreachable:
    _, _, _, message, hint = _TROUBLES[0]
    return Unreachable(message, hint)
