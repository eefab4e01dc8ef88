"""A real PostgreSQL that the whole test run shares.

Durability is off: what a test needs of it is SQL, locks and isolation, not a disk.
"""

import contextlib
import shlex
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from proving import postgres
from proving.processes import free_port, give, unprivileged_user, wait_until
from tests.support import servers

OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
}


def server_url() -> str:
    """Where the run's PostgreSQL listens: an SQLAlchemy URL of its maintenance database."""
    return servers.shared("postgres", _start)


@contextlib.contextmanager
def new_database(server: str, template: str = "template1") -> Iterator[str]:
    """The URL of a database of one's own, a copy of `template`; gone at the end, users or not."""
    name = f"test_{uuid.uuid4().hex}"
    copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    _execute(server, copy.format(sql.Identifier(name), sql.Identifier(template)))
    try:
        yield f"{server.rpartition('/')[0]}/{name}"
    finally:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        _execute(server, drop.format(sql.Identifier(name)))


def _execute(server: str, statement: sql.Composed) -> None:
    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement)


def _start(home: Path) -> str:
    user, port = unprivileged_user(), free_port()
    give(user, home)
    initdb, server = postgres.commands(postgres.programs(home, user), port, OPTIONS)
    both = f"{shlex.join(initdb)} && exec {shlex.join(server)}"
    # SIGINT ends the clients' sessions, where SIGTERM would wait for them.
    servers.keep(home, ["sh", "-c", both], stop=signal.SIGINT, user=user)
    url = postgres.address(port)
    wait_until(lambda: _answers(url), home)
    return url


def _answers(url: str) -> bool:
    try:
        _execute(url, sql.SQL("SELECT {}").format(1))
    except psycopg.OperationalError:
        return False
    return True
