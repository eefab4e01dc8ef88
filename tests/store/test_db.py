"""Opening databases, transactions, and their troubles in words."""

import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import Connection

from leadflow.errors import LeadflowError, Misconfigured, Unreachable
from leadflow.store import db
from leadflow.store.db import Store, explain, open_store
from leadflow.store.tables import counters, holds, meta
from tests.store.samples import ON_POSTGRES, ON_SQLITE, together


def set_value(connection: Connection, name: str, value: str) -> None:
    connection.execute(meta.delete().where(meta.c.name == name))
    connection.execute(meta.insert().values(name=name, value=value))


def get_value(store: Store, name: str) -> str | None:
    query = sa.select(meta.c.value).where(meta.c.name == name)
    return store.read(lambda c: c.execute(query).scalar_one_or_none())


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://host/name", "sqlite://", "sqlite:///:memory:"]
)
def test_a_url_of_no_usable_database_is_refused(url: str) -> None:
    """Only a SQLite file and PostgreSQL are databases leadflow knows; the hint shows how to write them."""
    with pytest.raises(Misconfigured) as error:
        open_store(url)
    assert "sqlite:///path/to/leadflow.db" in error.value.hint


def test_the_short_postgresql_url_is_understood() -> None:
    """``postgresql://`` means psycopg 3 as well."""
    store = open_store("postgresql://user:secret@localhost/name")
    assert store.engine.url.drivername == "postgresql+psycopg"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """The file's folder is made; where it cannot be, the message names it."""
    open_store(f"sqlite:///{tmp_path / 'a' / 'b' / 'leadflow.db'}").close()
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match="cannot be made"):
        open_store(f"sqlite:///{tmp_path / 'file' / 'b' / 'leadflow.db'}")


def test_what_is_written_is_written_whole(store: Store) -> None:
    """An error in the middle takes back what went before it."""

    def half(connection: Connection) -> None:
        set_value(connection, "half", "done")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.write(half)
    assert get_value(store, "half") is None


def test_text_survives_whatever_the_world_writes(store: Store) -> None:
    """NUL and lone surrogates, which PostgreSQL refuses, do not stop a lead; everything else stays."""
    store.write(lambda c: set_value(c, "odd", "а\0б\ud800\U0001f600'\\"))
    assert get_value(store, "odd") == "аб?\U0001f600'\\"


def test_instants_come_back_as_they_were(store: Store) -> None:
    """An instant of any zone comes back as the same instant in UTC, to the microsecond."""
    moscow = datetime(2026, 11, 25, 14, 0, 0, 123456, tzinfo=timezone(timedelta(hours=3)))
    store.write(lambda c: c.execute(holds.insert().values(what="all", by="anna", since=moscow)))
    found = store.read(lambda c: c.execute(sa.select(holds.c.since)).scalar_one())
    assert found == moscow
    assert found.tzinfo is UTC


@ON_SQLITE
def test_sqlite_is_durable(store: Store) -> None:
    """WAL and synchronous=FULL: a committed hand-over survives a power cut."""
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    found = store.read(lambda c: [c.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names])
    assert found == ["wal", 2, 1, 30_000]


class Locked:
    """Another program that holds a SQLite file."""

    def __init__(self, url: str) -> None:
        self.connection = sqlite3.connect(
            url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False
        )
        self.connection.execute("BEGIN IMMEDIATE")

    def let_go(self) -> None:
        self.connection.execute("ROLLBACK")
        self.connection.close()


@pytest.fixture
def locked(url: str) -> Locked:
    return Locked(url)


@ON_SQLITE
def test_a_write_waits_for_another_program(store: Store, locked: Locked) -> None:
    """While another program writes, a write waits and then succeeds; a read does not wait at all."""
    held = 1.0
    threading.Timer(held, locked.let_go).start()
    before = time.monotonic()
    assert get_value(store, "waited") is None
    assert time.monotonic() - before < held / 2
    store.write(lambda c: set_value(c, "waited", "yes"))
    assert time.monotonic() - before >= held * 0.9
    assert get_value(store, "waited") == "yes"


@ON_SQLITE
def test_a_lock_that_stays_is_explained(url: str, locked: Locked) -> None:
    """A database that stays locked: an error in words, nothing stored, from the waiting and from those behind it."""
    store = open_store(url, busy_seconds=0.2)
    with pytest.raises(Unreachable, match="locked by another program: nothing was stored"):
        store.write(lambda c: set_value(c, "x", "y"))
    line = threading.Thread(target=store._line.acquire)
    line.start()
    line.join()
    with pytest.raises(Unreachable, match="locked by another program"):
        store.write(lambda c: set_value(c, "x", "y"))
    store._line.release()
    locked.let_go()
    store.close()


@ON_SQLITE
def test_a_full_disk_is_explained(store: Store) -> None:
    """The disk is full: an error in words and nothing stored; with space again the same program goes on."""

    def fill(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        set_value(connection, "big", "x" * 1_000_000)

    with pytest.raises(Unreachable, match="disk of the database is full: nothing was stored"):
        store.write(fill)
    assert get_value(store, "big") is None
    store.engine.dispose()
    store.write(lambda c: set_value(c, "big", "x" * 1_000_000))


def test_a_read_only_database_is_explained(store: Store) -> None:
    """A database that may only be read: an error in words."""

    def write_anyway(connection: Connection) -> None:
        sqlite = "PRAGMA query_only = 1"
        connection.exec_driver_sql(sqlite if store.sqlite else "SET TRANSACTION READ ONLY")
        set_value(connection, "x", "y")

    with pytest.raises(Unreachable, match="cannot be written"):
        store.write(write_anyway)


def test_a_file_that_is_no_database_is_explained(tmp_path: Path) -> None:
    """Somebody named a wrong file: the message says so and the file is left alone."""
    path = tmp_path / "letter.txt"
    path.write_text("Dear colleagues, " * 100)
    store = open_store(f"sqlite:///{path}")
    with pytest.raises(Misconfigured, match="damaged, or is no database"):
        store.write(lambda c: set_value(c, "x", "y"))
    store.close()
    assert path.read_text().startswith("Dear colleagues")


def test_a_server_that_is_not_there_is_explained(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No server, no such database: an error in words after a few attempts."""
    monkeypatch.setattr(db, "FIRST_PAUSE", 0.001)
    nowhere = sa.make_url(postgres_url).set(port=1, query={"connect_timeout": "2"})
    for url in (nowhere, sa.make_url(postgres_url).set(database="nothing_here")):
        store = open_store(url.render_as_string(hide_password=False))
        with pytest.raises(Unreachable, match="does not answer"):
            store.read(lambda c: c.execute(sa.select(meta)))
        store.close()


def test_a_bug_of_ours_stays_an_error_of_the_database(store: Store) -> None:
    """What no operator can mend is not dressed up as his trouble."""
    with pytest.raises(exc.DBAPIError):
        store.read(lambda c: c.execute(sa.text("SELECT no_such_column FROM meta")))
    store.write(lambda c: c.execute(meta.insert().values(name="once", value="")))
    with pytest.raises(exc.IntegrityError):
        store.write(lambda c: c.execute(meta.insert().values(name="once", value="")))


@pytest.mark.parametrize(
    ("state", "kind", "words"),
    [
        ("53100", Unreachable, "disk of the database is full"),
        ("25006", Unreachable, "cannot be written"),
        ("42P01", Misconfigured, "never prepared"),
        ("57P03", Unreachable, "does not answer"),
    ],
)
def test_postgresql_speaks_in_codes(state: str, kind: type[LeadflowError], words: str) -> None:
    """What PostgreSQL says in SQLSTATEs, whatever its language, has the same words as SQLite's trouble."""
    original = Exception("сообщение")
    original.sqlstate = state  # type: ignore[attr-defined]  # as psycopg's errors have it
    found = explain(exc.OperationalError("SELECT", {}, original))
    assert isinstance(found, kind)
    assert words in found.message


def raise_both(store: Store, names: tuple[str, str], between: Callable[[], None]) -> None:
    """Raises two counters in this order, in one transaction; does something in between."""

    def work(connection: Connection) -> None:
        for name in names:
            raised = counters.update().where(counters.c.name == name)
            connection.execute(raised.values(value=counters.c.value + 1))
            if name == names[0]:
                between()

    store.write(work)


@ON_POSTGRES
def test_a_deadlock_is_begun_again(store: Store) -> None:
    """Two transactions that lock two rows crosswise: PostgreSQL ends one of them, and it runs again from its start."""
    rows = [{"name": "a", "value": 0}, {"name": "b", "value": 0}]
    store.write(lambda c: c.execute(counters.insert(), rows))
    meet = threading.Barrier(2, timeout=10)
    runs: list[int] = []

    def between() -> None:
        runs.append(1)
        if len(runs) <= 2:
            meet.wait()

    ways = (("a", "b"), ("b", "a"))
    together([partial(raise_both, store, names, between) for names in ways])
    assert len(runs) == 3
    values = store.read(lambda c: c.execute(sa.select(counters.c.value)).scalars().all())
    assert values == [2, 2]


@ON_POSTGRES
def test_lost_connections_are_replaced(store: Store) -> None:
    """The server ends every connection, one of them in the middle of a transaction: the work is done all the same."""
    end_others = sa.text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    other = open_store(store.engine.url.render_as_string(hide_password=False))
    runs = []

    def work(connection: Connection) -> None:
        runs.append(1)
        set_value(connection, "kept", "yes")
        if len(runs) == 1:
            other.read(lambda c: c.execute(end_others).all())
            connection.execute(sa.select(meta))

    store.write(work)
    other.close()
    assert get_value(store, "kept") == "yes"
    assert len(runs) == 2
