"""Backups: one file with everything of a moment but the master key, restored into an empty database of either kind."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from leadflow.engine.effects import MakeDocument
from leadflow.errors import Misconfigured, NotFound, Refused
from leadflow.store import backup
from leadflow.store.backup import About, about, restore, write_backup
from leadflow.store.db import Store, open_store
from leadflow.store.keys import Vault, open_vault
from leadflow.store.leads import find_lead, history, load_state
from leadflow.store.ledger import Ledger
from leadflow.store.migrate import instance
from leadflow.store.published import body
from leadflow.store.seat import look, put
from leadflow.store.tables import blobs, metadata
from tests.store.old import INSTANCE, make_old
from tests.store.samples import NOW, ON_SQLITE, Run, together
from tests.support import postgres


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty database to restore into, of either kind."""
    if request.param == "sqlite":
        store = open_store(f"sqlite:///{tmp_path / 'new home' / 'leadflow.db'}")
        yield store
        store.close()
        return
    with postgres.new_database(request.getfixturevalue("postgres_url")) as url:
        store = open_store(url)
        yield store
        store.close()


@pytest.fixture
def run(shop: Store, vault: Vault) -> Run:
    """A lead with a mail planned, a document numbered, words of every alphabet."""
    run = Run(shop, vault, fields={"name": {"first": "Иван 🙂"}, "price": "12500.50"})
    run.commit(run.mail(), MakeDocument(key=run.key("offer"), document="offer"))
    return run


def rows(store: Store) -> dict[str, list[Any]]:
    """Every row but what belongs to a place."""

    def work(connection: sa.Connection) -> dict[str, list[Any]]:
        found = {}
        for table in metadata.sorted_tables:
            query = sa.select(table).order_by(*table.primary_key)
            found[table.name] = [dict(row) for row in connection.execute(query).mappings()]
        places = {"seat", "copy", "backup"}
        found["meta"] = [row for row in found["meta"] if row["name"] not in places]
        return found

    return store.read(work)


def test_what_was_saved_comes_back(
    run: Run, vault: Vault, target: Store, tmp_path: Path, key_file: Path
) -> None:
    """Every row of every table, from and into either database; with the key the lead opens, and nothing is sent."""
    file = tmp_path / "b.leadflow"
    said = write_backup(run.store, file, vault.key, NOW)
    assert (said.leads, said.key, said.made) == (1, vault.key, NOW)
    assert about(file) == said
    assert restore(target, file, NOW) == said
    assert rows(target) == rows(run.store)
    assert instance(target) == instance(run.store)
    copied = open_vault(target, key_file)
    assert load_state(target, copied, run.lead) == run.state
    copy = look(target)
    assert copy is not None
    assert (copy.cause, copy.made) == ("restored", NOW)
    ledger = Ledger(target, copied)
    entry = ledger.claim(run.key("send_email:offer"), "w", NOW)
    assert ledger.hand_over(entry, NOW, NOW).verdict == "held"


def test_the_file_is_the_owner_s_alone_and_lacks_the_key(
    run: Run, vault: Vault, tmp_path: Path, key_file: Path
) -> None:
    """Mode 0600, one file, nothing left beside it; the master key's bytes are not in it."""
    folder = tmp_path / "backups"
    folder.mkdir()
    file = folder / "b.leadflow"
    write_backup(run.store, file, vault.key, NOW)
    assert [each.name for each in folder.iterdir()] == ["b.leadflow"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert key_file.read_bytes() not in file.read_bytes()


def test_a_backup_is_of_one_moment(run: Run, vault: Vault, tmp_path: Path) -> None:
    """While leads commit, each lead of the copy has exactly the events of its version: no half of a commit."""
    files = [tmp_path / f"b{number}" for number in range(3)]
    others = [Run(run.store, vault) for _ in range(3)]

    def work(one: Run) -> None:
        for number in range(15):
            one.commit(one.mail(f"send_email:{number}"))

    def save() -> None:
        for file in files:
            write_backup(run.store, file, vault.key, NOW)

    together([save, *(lambda one=one: work(one) for one in others)])
    for number, file in enumerate(files):
        store = open_store(f"sqlite:///{tmp_path / f'home{number}' / 'l.db'}")
        restore(store, file, NOW)
        for one in others:
            row = find_lead(store, one.lead)
            assert [each.version for each in history(store, one.lead)] == [
                *range(1, row.version + 1)
            ]
        store.close()


def test_a_backup_is_never_written_over(run: Run, vault: Vault, tmp_path: Path) -> None:
    """Neither is a folder made for it: both are refused with words, and nothing is left behind."""
    file = tmp_path / "b.leadflow"
    file.write_text("mine")
    with pytest.raises(Refused, match="exists already"):
        write_backup(run.store, file, vault.key, NOW)
    assert file.read_text() == "mine"
    with pytest.raises(Misconfigured, match="cannot be written"):
        write_backup(run.store, tmp_path / "no" / "b", vault.key, NOW)


def test_a_backup_that_fails_leaves_nothing(
    run: Run, vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole or not at all: neither the file nor its draft is there after an error half-way."""
    folder = tmp_path / "backups"
    folder.mkdir()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "_copy", fail)
    with pytest.raises(Misconfigured, match="No space left"):
        write_backup(run.store, folder / "b", vault.key, NOW)
    assert list(folder.iterdir()) == []


def test_only_an_empty_database_is_filled(
    run: Run, vault: Vault, target: Store, tmp_path: Path
) -> None:
    """One with anything in it is refused and stays as it is; a restore cut off half-way may be done again."""
    file = tmp_path / "b"
    write_backup(run.store, file, vault.key, NOW)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backup, "unseat", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            restore(target, file, NOW)
    restore(target, file, NOW)
    before = rows(target)
    with pytest.raises(Refused, match="not empty"):
        restore(target, file, NOW)
    assert rows(target) == before


@ON_SQLITE
def test_what_is_no_backup_is_refused(run: Run, vault: Vault, tmp_path: Path) -> None:
    """No file, another file, a database that is none, one damaged, one of a newer leadflow: words, never a traceback."""
    with pytest.raises(NotFound, match="there is no file"):
        about(tmp_path / "none")
    text, plain, damaged, newer = (tmp_path / name for name in ("t", "p", "d", "n?#%41"))
    text.write_text("hello")
    with sqlite3.connect(plain) as made:
        made.execute("CREATE TABLE t (a)")
    made.close()
    write_backup(run.store, damaged, vault.key, NOW)
    content = bytearray(damaged.read_bytes())
    content[4096:12288] = b"\xff" * 8192
    damaged.write_bytes(content)
    for file in (text, plain, damaged):
        with pytest.raises(Misconfigured, match="is no backup of leadflow"):
            about(file)
    write_backup(run.store, newer, vault.key, NOW)
    with sqlite3.connect(newer) as made:
        made.execute('UPDATE meta SET value = replace(value, \'"version":"0\', \'"version":"9\')')
    made.close()
    with pytest.raises(Misconfigured, match="made by a newer leadflow"):
        about(newer)


def test_an_older_backup_is_brought_up_to_date(target: Store, tmp_path: Path) -> None:
    """Tables of an earlier version are renewed in a copy: the file stays as it was."""
    file = tmp_path / "b"
    old = open_store(f"sqlite:///{file}")
    make_old(old, "0004")
    said = About(made=NOW, instance=INSTANCE, version="0004", key="k", source="sqlite")

    def fill(connection: sa.Connection) -> None:
        put(connection, "backup", msgspec.json.encode(said).decode())
        connection.execute(blobs.insert(), {"sha256": "s", "body": "text"})

    old.write(fill)
    old.close()
    before = file.read_bytes()
    assert restore(target, file, NOW).version == "0004"
    assert body(target, "s") == "text"
    assert instance(target) == INSTANCE
    assert file.read_bytes() == before
