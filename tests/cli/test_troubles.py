"""Installations in trouble: another version's database, a lost key, nobody there. Nothing is harmed, the way out is told."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest

from tests.cli.program import Here
from tests.cli.samples import project


@pytest.fixture
def published(here: Here) -> Here:
    """A data directory with a published pipeline and a lead, and nothing that runs."""
    project(here.folder)
    assert here("publish").status == 0
    assert here("lead", "add", "calls", "phone=+79161234567").status == 0
    return here


def test_a_lead_is_stored_while_nothing_runs(published: Here) -> None:
    """Adding a lead needs no server: it is stored, and says that it begins later; the same id gives it back."""
    done = published("lead", "add", "calls", "phone=+79160000000", "--external-id", "x")
    assert (done.status, done.err) == (0, "")
    assert done.out == "lead 2: stored; it begins as soon as Temporal and a worker answer\n"
    again = published("lead", "add", "calls", "phone=+79160000000", "--external-id", "x", "--json")
    assert (again.json["number"], again.json["repeated"], again.json["waiting"]) == (2, True, True)
    assert "waits to begin" in published("lead", "list").out


@pytest.mark.parametrize(
    "verb", [["lead", "set", "1", "price=5"], ["lead", "signal", "1", "replied"]]
)
def test_an_act_says_what_to_start(published: Here, verb: list[str]) -> None:
    """Nobody runs the installation: status 4, and how to start it; nothing is changed."""
    done = published(*verb)
    assert (done.status, done.out) == (4, "")
    assert "hint: start it: leadflow up" in done.err
    assert published("lead", "show", "1", "--json").json["version"] == 0


def test_a_database_of_a_newer_version_is_left_alone(published: Here) -> None:
    """Status 5 from reading, acting, publishing and `up` alike; the file is not touched."""
    file = published.folder / ".leadflow" / "leadflow.db"
    with contextlib.closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    for verb in (["lead", "list"], ["lead", "wake", "1"], ["publish"], ["up"]):
        done = published(*verb)
        assert (done.status, done.out) == (5, "")
        assert "made by a newer leadflow" in done.err


def test_a_lost_key_file_is_told(published: Here) -> None:
    """Without its key nothing can be read: status 5 with what to put back, and no new key is made."""
    key = published.folder / ".leadflow" / "keys" / "master.key"
    key.unlink()
    for verb in (["lead", "show", "1"], ["doctor"], ["up"]):
        done = published(*verb)
        assert done.status == (1 if verb == ["doctor"] else 5)
        assert f"the key file {key} is gone" in done.out + done.err
    assert not key.exists()


def test_a_damaged_database_is_told(published: Here) -> None:
    """A file that is no database: status 5, not a traceback."""
    (published.folder / ".leadflow" / "leadflow.db").write_bytes(b"nothing like a database" * 100)
    for name in ("leadflow.db-wal", "leadflow.db-shm"):
        (published.folder / ".leadflow" / name).unlink(missing_ok=True)
    done = published("lead", "list")
    assert (done.status, "damaged" in done.err) == (5, True)


def test_a_database_that_is_not_one_of_ours(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address of another kind of database: status 5, with what to write; a password in it is not shown."""
    monkeypatch.setenv("LEADFLOW_DATABASE_URL", "mysql://me:s3cret@host/x")
    done = here("lead", "list")
    assert done.status == 5
    assert "postgresql://" in done.err
    assert "s3cret" not in done.err


def test_the_doctor_of_an_empty_folder(here: Here) -> None:
    """Nothing is there yet: status 1, each part says what to run, and nothing is made."""
    done = here("doctor")
    assert done.status == 1
    assert "run `leadflow up` first" in done.out
    assert list(here.folder.iterdir()) == []
