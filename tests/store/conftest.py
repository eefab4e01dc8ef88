"""A prepared database for each test, on SQLite and on PostgreSQL: migrated once a run, copied or emptied for each."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from leadflow.store.db import Store, open_store
from leadflow.store.keys import Vault, open_vault
from leadflow.store.migrate import HEAD, migrate
from leadflow.store.seat import settle
from leadflow.store.tables import meta, metadata
from tests.store.samples import publish_shop
from tests.support import postgres

PREPARED = "prepared.sqlite3"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / PREPARED
    prepare(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_prepared(postgres_url: str) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database, emptied for every test: a new one each would take most of the time."""
    with postgres.new_database(postgres_url) as url:
        prepare(url)
        yield url


def empty(url: str) -> None:
    """Takes every row out of a prepared database, and what a test has said about its version."""
    store = open_store(url)

    def work(connection: sa.Connection) -> None:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
        connection.execute(
            sa.text("UPDATE alembic_version SET version_num = :head"), {"head": HEAD}
        )
        connection.execute(meta.insert(), {"name": "instance", "value": "0123456789abcdef"})
        settle(connection)

    store.write(work)
    store.close()


def prepare(url: str) -> None:
    store = open_store(url)
    migrate(store)
    store.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a prepared database of this test alone."""
    if request.param == "sqlite":
        copy = tmp_path / PREPARED
        shutil.copy(request.getfixturevalue("sqlite_template"), copy)
        store = open_store(f"sqlite:///{copy}")
        store.write(settle)  # a copy sends nothing before it is confirmed
        store.close()
        yield f"sqlite:///{copy}"
        return
    url = request.getfixturevalue("postgres_prepared")
    empty(url)
    yield url


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An open, prepared database."""
    store = open_store(url)
    yield store
    store.close()


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """Where the master key of this test is kept."""
    return tmp_path / "keys" / "master.key"


@pytest.fixture
def vault(store: Store, key_file: Path) -> Vault:
    """The vault of this test's database."""
    return open_vault(store, key_file)


@pytest.fixture
def shop(store: Store) -> Store:
    """The database with the sample pipeline and its people published."""
    publish_shop(store)
    return store
