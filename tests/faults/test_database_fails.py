"""The database is locked, full, restarted, cut off (D1–D4): a door says so or waits, and nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
import sqlalchemy as sa

from leadflow.engine.events import Created
from leadflow.errors import Unreachable
from leadflow.store.db import open_store
from proving.postgres import IMMEDIATELY, PostgresServer, postgres_server
from proving.sinks.process import Sink
from tests.faults.life import FIELDS, account, called, inquiry, offered
from tests.support import chaos
from tests.support.running import Home, home, until
from tests.support.tiny import tiny

LOCKED_SECONDS = 4.0
"""Longer than an attempt at a commit may take before it is taken for dead."""
ROOM = 16 << 20


@contextlib.contextmanager
def locked(url: str) -> Iterator[None]:
    """Another program holds everything that leadflow writes to."""
    if url.startswith("sqlite"):
        other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with contextlib.closing(other):
            yield
        return
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("LOCK TABLE leads, effects, tasks IN EXCLUSIVE MODE")
        yield


async def test_locked_by_another_program(
    tmp_path: Path, temporal_server: str, database_url: str
) -> None:
    """D1: for some seconds nobody may write: doors and workers wait and go on; no lead is lost, nothing comes twice."""
    with Sink("smtp", tmp_path) as smtp:
        async with home(
            tmp_path, temporal_server, tiny(), database=database_url, smtp_url=smtp.url
        ) as one:
            with chaos.worker(tmp_path, one.environment):
                first = await inquiry(one, "first")
                with locked(database_url):
                    call = asyncio.create_task(called(one, first))
                    door = asyncio.create_task(asked_once(one, "second"))
                    done, _ = await asyncio.wait([call, door], timeout=LOCKED_SECONDS)
                    assert not done
                await call
                second = await door
                await called(one, second)
                report = await account(one, [smtp], [first, second])
                assert (report.complaints, report.ledger) == ((), {"accepted": 2})


async def asked_once(one: Home, name: str) -> str:
    """A form that is sent once and must be answered; the lead."""
    created = Created(id=f"{name}/c", fields={**FIELDS, "email": f"{name}@example.org"})
    return (await one.gateway.add("tiny", created, source="t", external_id=name)).lead


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of a few megabytes; skips where nobody may mount one."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk takes the right to mount one")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextlib.contextmanager
def full(disk: Path) -> Iterator[None]:
    """Not a byte is left."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"\0" * 4096):
            pass
    try:
        yield
    finally:
        filler.unlink()


@contextlib.contextmanager
def read_only(url: str) -> Iterator[None]:
    """Nobody may write, as on a standby: for whoever connects from now on, and all have to."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        name = sa.make_url(url).database
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
        connection.execute("SET default_transaction_read_only = off")
        for value in ("on", "off"):
            connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = {value}")
            connection.execute(others, [name])
            if value == "on":
                yield


@pytest.mark.parametrize(
    "kind", ["full disk", pytest.param("read only", marks=pytest.mark.postgres)]
)
async def test_it_cannot_be_written(
    tmp_path: Path, temporal_server: str, request: pytest.FixtureRequest, kind: str
) -> None:
    """D2: disk full, or read only: a door refuses before it acknowledges; with room again all goes on by itself.

    What a mail server has answered meanwhile is remembered: nobody is asked whether the letter arrived.
    """
    with ExitStack() as stack:
        smtp = stack.enter_context(Sink("smtp", tmp_path))
        if kind == "full disk":
            disk = stack.enter_context(small_disk(tmp_path / "disk"))
            url = f"sqlite:///{disk / 'leadflow.sqlite3'}"
            trouble = full(disk)
            said = "disk of the database is full"
        else:
            url = request.getfixturevalue("postgres_database")
            trouble = read_only(url)
            said = "cannot be written"
        async with home(tmp_path, temporal_server, tiny(), database=url, smtp_url=smtp.url) as one:
            with chaos.worker(tmp_path, one.environment) as worker:
                smtp.script({"at": "accepted", "stall": 1.0, "times": 1})
                first = await offered(one, "first")
                await until(lambda: smtp.faults("accepted"), bool)
                with trouble:  # the answer to the first letter comes when nothing can be written
                    with pytest.raises(Unreachable, match=said):
                        await asked_once(one, "second")
                    await until(lambda: "cannot be stored yet" in worker.log.read_text(), bool)
                second = await offered(one, "second")
                report = await account(one, [smtp], [first, second])
                assert report.complaints == (), report
                assert (report.leads, report.ledger) == (2, {"accepted": 2})


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A PostgreSQL of this test alone, durable as it comes; in a folder that its own user may enter."""
    with TemporaryDirectory(prefix="leadflow-") as folder:
        Path(folder).chmod(0o711)
        with postgres_server(Path(folder)) as made:
            yield made


def cut(url: str) -> None:
    """Ends every session, whatever it is doing."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )


async def live(one: Home, name: str) -> str:
    lead = await inquiry(one, name)
    await called(one, lead)
    return lead


@pytest.mark.postgres
async def test_postgresql_is_restarted_and_killed(
    tmp_path: Path, temporal_server: str, server: PostgresServer
) -> None:
    """D3: sessions are cut, the server restarts, the server dies: doors and workers come back, every letter goes once."""
    with Sink("smtp", tmp_path) as smtp:
        async with home(
            tmp_path, temporal_server, tiny(), database=server.url, smtp_url=smtp.url
        ) as one:
            with chaos.worker(tmp_path, one.environment) as worker:
                load = [asyncio.create_task(live(one, f"l{number}")) for number in range(12)]
                cuts = asyncio.to_thread(cut_often, server)
                answers = await asyncio.gather(cuts, *(asked_once(one, f"f{n}") for n in range(6)))
                load += [asyncio.create_task(live(one, f"f{number}")) for number in range(6)]
                for letters, harm in enumerate((restarted, died), start=1):
                    await until(smtp.count, (2 * letters).__le__, 60)
                    await asyncio.to_thread(harm, server)
                leads = await asyncio.gather(*load)
                assert set(answers[1:]) <= set(leads)
                report = await account(one, [smtp], leads)
                assert report.complaints == (), report
                assert (report.begun, worker.deaths) == (18, 0)


def cut_often(server: PostgresServer) -> None:
    for _ in range(10):
        cut(server.url)


def restarted(server: PostgresServer) -> None:
    server.stop()
    server.start()


def died(server: PostgresServer) -> None:
    server.stop(IMMEDIATELY)
    server.start()


def test_sqlite_is_synchronous_on_every_connection(tmp_path: Path) -> None:
    """D4: each connection, new ones after a loss too, waits for the disk: a committed hand-over survives a power cut."""
    store = open_store(f"sqlite:///{tmp_path / 'one.sqlite3'}")
    with contextlib.closing(store):
        for _ in range(2):
            opened = [store.engine.raw_connection() for _ in range(3)]
            for one in opened:
                found = [
                    one.execute(f"PRAGMA {name}").fetchone()[0]
                    for name in ("synchronous", "journal_mode")
                ]
                assert found == [2, "wal"]
                one.close()
            store.engine.dispose()


def test_postgresql_keeps_the_servers_own_durability(postgres_database: str) -> None:
    """D4: how a commit reaches the disk is the server's to say (on by default); no connection of ours weakens it."""
    store = open_store(postgres_database)
    names = "'synchronous_commit', 'fsync', 'full_page_writes'"
    query = sa.text(f"SELECT source FROM pg_settings WHERE name IN ({names})")
    with contextlib.closing(store):
        sources = store.read(lambda c: c.execute(query).scalars().all())
    assert len(sources) == 3
    assert set(sources) <= {"default", "command line", "configuration file"}, sources
