"""Fixtures for every test: databases, a Temporal server, how thoroughly Hypothesis looks."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.support import postgres, servers, temporal

# "ci" is Hypothesis' own: the same examples in each run, no deadline.
hypothesis.settings.register_profile("dev", max_examples=50, deadline=None)
hypothesis.settings.register_profile("nightly", max_examples=2000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

SERVERS = {"postgres_url": pytest.mark.postgres, "temporal_server": pytest.mark.temporal}


def pytest_configure(config: pytest.Config) -> None:
    """Open the run, in xdist's controller and not once more in its workers."""
    if not hasattr(config, "workerinput"):
        run = contextlib.ExitStack()
        run.enter_context(servers.whole_run())
        config.add_cleanup(run.close)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test that needs a server, so that `make unit` can leave it out."""
    for item in items:
        for name in SERVERS.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(SERVERS[name])


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """The run's PostgreSQL (an SQLAlchemy URL of its maintenance database; see postgres_database)."""
    return postgres.server_url()


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database of this test alone."""
    with postgres.new_database(postgres_url) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database of this test alone; the test runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'leadflow.sqlite3'}"
    else:
        yield request.getfixturevalue("postgres_database")


@pytest.fixture(scope="session")
def temporal_server() -> str:
    """The address, host:port, of the run's Temporal server with the namespace "default"."""
    return temporal.server_address()
