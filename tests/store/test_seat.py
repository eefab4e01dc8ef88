"""A copy of an installation sends nothing until it is confirmed (X15): seen in the hand-over's own transaction."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from leadflow.store import seat
from leadflow.store.db import Store, open_store
from leadflow.store.keys import Vault, open_vault
from leadflow.store.ledger import Ledger
from leadflow.store.migrate import migrate
from leadflow.store.seat import HELD, confirm, here, look, unconfirmed, unseat, waits
from leadflow.store.tables import meta
from tests.store.old import make_old
from tests.store.samples import NOW, ON_POSTGRES, ON_SQLITE, Run
from tests.support import postgres


@pytest.fixture
def run(shop: Store, vault: Vault) -> Run:
    """A lead with one mail planned."""
    run = Run(shop, vault)
    run.commit(run.mail())
    return run


def verdict(store: Store, vault: Vault, key: str) -> tuple[str, str]:
    """What the last look says to an attempt at this message."""
    ledger = Ledger(store, vault)
    answer = ledger.hand_over(ledger.claim(key, "w", NOW), NOW, NOW)
    return answer.verdict, answer.reason


def test_an_installation_is_confirmed_where_it_was_made(run: Run, vault: Vault) -> None:
    """Where it was begun it may send, and opening it again changes nothing."""
    assert look(run.store) is None
    again = open_store(str(run.store.engine.url.render_as_string(hide_password=False)))
    assert look(again) is None
    again.close()
    assert verdict(run.store, vault, run.key("send_email:offer")) == ("go", "")


def test_what_is_unseated_hands_nothing_over(run: Run, vault: Vault) -> None:
    """From the transaction's end on every hand-over is held, and the row says why; the first cause stays."""
    made = NOW - timedelta(days=1)
    assert run.store.write(lambda c: unseat(c, "restored", NOW, made))
    assert not run.store.write(lambda c: unseat(c, "recovered", NOW))
    assert verdict(run.store, vault, run.key("send_email:offer")) == ("held", HELD)
    copy = look(run.store)
    assert copy is not None
    assert (copy.cause, copy.since, copy.made) == ("restored", NOW, made)
    assert copy.words.endswith("it was restored from a backup of 2026-11-24 11:00 UTC")


def test_a_seat_that_nobody_ever_confirmed_holds(run: Run, vault: Vault) -> None:
    """A dump that lacks the row is a copy, too: to lose it lets nothing go."""
    run.store.write(lambda c: c.execute(meta.delete().where(meta.c.name == "seat")))
    assert verdict(run.store, vault, run.key("send_email:offer")) == ("held", HELD)


def test_confirmed_it_lets_go(run: Run, vault: Vault) -> None:
    """Confirmed, what waited goes from here."""
    run.store.write(lambda c: unseat(c, "restored", NOW))
    assert confirm(run.store, NOW, ask=False) == 0
    assert look(run.store) is None
    assert verdict(run.store, vault, run.key("send_email:offer")) == ("go", "")


def test_confirmed_with_questions_nothing_old_goes(run: Run, vault: Vault) -> None:
    """Where the original may have sent it, what waits becomes ambiguous; what is planned later goes."""
    run.store.write(lambda c: unseat(c, "moved", NOW))
    assert confirm(run.store, NOW, ask=True) == 1
    ledger = Ledger(run.store, vault)
    entry = ledger.claim(run.key("send_email:offer"), "w", NOW)
    assert (entry.state, entry.reason) == (
        "ambiguous",
        "this installation is a copy: its original may have sent it",
    )
    run.commit(run.mail("send_email:later"))
    assert verdict(run.store, vault, run.key("send_email:later")) == ("go", "")


def test_what_waits_is_counted(run: Run) -> None:
    """By channel, kind and age; what is too late by now is told apart."""
    soon = "2026-11-25T12:00:00Z"
    run.commit(run.mail("send_email:a", not_after=soon), run.mail("send_email:b"))
    now = NOW + timedelta(hours=5)
    assert [(w.channel, w.kind, w.age, w.messages, w.late) for w in waits(run.store, now)] == [
        ("email", "SendMessage", "under a day", 3, 1)
    ]


@ON_SQLITE
def test_a_copied_file_is_a_copy(run: Run, vault: Vault, tmp_path: Path) -> None:
    """The file elsewhere, or put back under its own name: another file, nothing is sent."""
    path = Path(run.store.engine.url.database or "")
    run.store.close()
    shutil.copy(path, tmp_path / "copy.sqlite3")
    for place in (tmp_path / "copy.sqlite3", path):
        if place == path:
            path.rename(tmp_path / "old.sqlite3")
            shutil.copy(tmp_path / "old.sqlite3", path)
        store = open_store(f"sqlite:///{place}")
        copied = open_vault(store, tmp_path / "keys" / "master.key")
        assert verdict(store, copied, run.key("send_email:offer")) == ("held", HELD)
        store.close()


@ON_SQLITE
def test_another_machine_is_another_seat(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same path and inode on a cloned disk: the machine tells."""
    monkeypatch.setattr(seat, "_machine", lambda: "another")
    copy = look(run.store)
    assert copy is not None
    assert copy.cause == "moved"


@pytest.fixture
def cloned(run: Run, postgres_url: str) -> Iterator[Store]:
    """The database of the run copied by PostgreSQL itself."""
    run.store.close()
    name = str(run.store.engine.url.database)
    with postgres.new_database(postgres_url, template=name) as url:
        store = open_store(url)
        yield store
        store.close()


@ON_POSTGRES
def test_a_copied_database_is_a_copy(run: Run, cloned: Store, key_file: Path) -> None:
    """Another database of the same server: nothing is sent from it."""
    copied = open_vault(cloned, key_file)
    assert verdict(cloned, copied, run.key("send_email:offer")) == ("held", HELD)
    assert cloned.read(here) != run.store.read(here)


@ON_POSTGRES
def test_any_machine_may_work_on_one_postgresql(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The seat is the database's: a worker on another machine is no copy."""
    monkeypatch.setattr(seat, "_machine", lambda: "another")
    assert run.store.read(unconfirmed) is None


@ON_POSTGRES
def test_a_provider_that_tells_nothing_is_no_hindrance(store: Store, url: str) -> None:
    """Where PostgreSQL's own identifier may not be asked for, the database's is the seat: as stable, a little weaker."""
    role = f"plain_{uuid.uuid4().hex}"
    forbid = "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM public"
    store.write(lambda c: c.execute(sa.text(forbid)))
    store.write(lambda c: c.execute(sa.text(f"CREATE ROLE {role} LOGIN")))
    plain = open_store(url.replace("leadflow@", f"{role}@"))
    try:
        found = plain.read(here).database
    finally:
        plain.close()
        store.write(
            lambda c: c.execute(sa.text(forbid.replace("REVOKE", "GRANT").replace("FROM", "TO")))
        )
        store.write(lambda c: c.execute(sa.text(f"DROP ROLE {role}")))
    assert store.read(here).database.endswith(f"/{found}")
    assert found.isdecimal()


def test_a_database_of_before_is_confirmed_where_it_is_renewed(database_url: str) -> None:
    """One that knows no seats yet takes its place when its tables are brought up to date."""
    store = open_store(database_url)
    make_old(store, "0004")
    migrate(store)
    assert look(store) is None
    store.close()
