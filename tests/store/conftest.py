"""A prepared database for each test: migrated once a run, copied for every test, on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from leadflow.store.db import Store, open_store
from leadflow.store.keys import Vault, open_vault
from leadflow.store.migrate import migrate
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
def postgres_template(postgres_url: str) -> Iterator[str]:
    """The name of a migrated PostgreSQL database to copy."""
    with postgres.new_database(postgres_url) as url:
        prepare(url)
        yield url.rpartition("/")[2]


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
        yield f"sqlite:///{copy}"
        return
    template = request.getfixturevalue("postgres_template")
    with postgres.new_database(request.getfixturevalue("postgres_url"), template) as url:
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
