"""A database put back to an earlier moment, or in front of another Temporal, is noticed: then nothing is sent."""

from __future__ import annotations

import shutil
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from leadflow.store.db import Store, open_store
from leadflow.store.keys import Vault
from leadflow.store.outbox import find_alerts
from leadflow.store.seat import confirm, look, put
from leadflow.store.seen import FILE, keep_in_mind, meet, met
from leadflow.store.tables import meta
from tests.store.samples import NOW, ON_SQLITE, Run

HOUR = timedelta(hours=1)


def put_back(store: Store, seen: str) -> None:
    """Yesterday's rows in the same place."""
    row = meta.update().where(meta.c.name == "seen").values(value=seen)
    store.write(lambda c: c.execute(row))


def seen(store: Store) -> str:
    query = sa.select(meta.c.value).where(meta.c.name == "seen")
    return str(store.read(lambda c: c.execute(query).scalar_one()))


def test_what_goes_on_is_not_older(store: Store, tmp_path: Path) -> None:
    """Any number of data directories, in any order, one of them new: nothing is held."""
    for hours, home in ((0, "a"), (1, "b"), (2, "a"), (3, "new"), (4, "b")):
        assert not keep_in_mind(store, tmp_path / home, NOW + hours * HOUR)
    assert look(store) is None


def test_a_mark_of_a_whole_second_is_before_its_halves(store: Store, tmp_path: Path) -> None:
    """As texts they sort the other way round: 11:00:00Z after 11:00:00.5Z."""
    assert not keep_in_mind(store, tmp_path / "a", NOW.replace(microsecond=0))
    assert not keep_in_mind(store, tmp_path / "b", NOW.replace(microsecond=500_000))
    assert not keep_in_mind(store, tmp_path / "a", NOW.replace(microsecond=600_000))
    assert seen(store).endswith(".600000Z")


def test_two_workers_mark_at_the_same_time(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The later mark stays, whoever of them writes last: no worker finds a database that is older than its directory."""
    read, marked = threading.Event(), threading.Event()

    def put_slowly(connection: Connection, name: str, value: str) -> None:
        if threading.current_thread() is slow:
            read.set()
            marked.wait(0.5)  # the other cannot come before, if it has to wait for us
        put(connection, name, value)

    monkeypatch.setattr("leadflow.store.seen.put", put_slowly)
    slow = threading.Thread(target=keep_in_mind, args=(store, tmp_path / "a", NOW))
    slow.start()
    read.wait()
    keep_in_mind(store, tmp_path / "b", NOW + HOUR)
    marked.set()
    slow.join()
    assert not keep_in_mind(store, tmp_path / "b", NOW + 2 * HOUR)
    assert look(store) is None


def test_yesterday_s_rows_in_the_same_place_are_older(store: Store, tmp_path: Path) -> None:
    """The data directory remembers more than the database: held; confirmed once, other directories hold it no more."""
    keep_in_mind(store, tmp_path / "a", NOW)
    before = seen(store)
    keep_in_mind(store, tmp_path / "b", NOW + HOUR)
    keep_in_mind(store, tmp_path / "a", NOW + 2 * HOUR)
    put_back(store, before)
    assert keep_in_mind(store, tmp_path / "a", NOW + 3 * HOUR)
    copy = look(store)
    assert copy is not None
    assert copy.cause == "older"
    confirm(store, NOW + 3 * HOUR, ask=False)
    assert not keep_in_mind(store, tmp_path / "b", NOW + 4 * HOUR)
    assert look(store) is None


def test_another_installation_s_directory_says_nothing(store: Store, tmp_path: Path) -> None:
    """A mark left by another database, or one that cannot be read, is no sign of anything."""
    (tmp_path / FILE).write_text('{"instance": "another", "seen": "2999-01-01T00:00:00Z"}')
    assert not keep_in_mind(store, tmp_path, NOW)
    (tmp_path / FILE).write_text("{")
    assert not keep_in_mind(store, tmp_path, NOW)


def test_a_directory_that_cannot_be_written_remembers_nothing(store: Store, tmp_path: Path) -> None:
    """A worker on another machine, without a disk of its own, works all the same."""
    (tmp_path / "home").write_text("a file")
    assert not keep_in_mind(store, tmp_path / "home", NOW)
    assert not keep_in_mind(store, tmp_path / "home", NOW + HOUR)


@ON_SQLITE
def test_a_file_put_back_in_place_is_noticed(store: Store, url: str, tmp_path: Path) -> None:
    """Copied over the old one, inode and all, while nobody worked: the seat is the same, the mark is not."""
    keep_in_mind(store, tmp_path, NOW)
    path = Path(store.engine.url.database or "")
    store.close()
    shutil.copyfile(path, tmp_path / "yesterday")
    keep_in_mind(store, tmp_path, NOW + HOUR)
    store.close()
    path.write_bytes((tmp_path / "yesterday").read_bytes())
    again = open_store(url)
    assert look(again) is None
    assert keep_in_mind(again, tmp_path, NOW + 2 * HOUR)
    assert look(again) is not None
    again.close()


def test_another_temporal_is_noticed(shop: Store, vault: Vault) -> None:
    """Open leads in a namespace with another id: held, with an alert that names the verb; an empty house moves freely."""
    assert not meet(shop, "n1", NOW)
    assert not meet(shop, "n2", NOW)
    Run(shop, vault).commit()
    assert not meet(shop, "n2", NOW)
    assert look(shop) is None
    assert meet(shop, "n3", NOW)
    assert not meet(shop, "n3", NOW)
    copy = look(shop)
    assert copy is not None
    assert copy.cause == "elsewhere"
    (alert,) = find_alerts(shop)
    assert "1 open leads" in alert.text
    assert "leadflow recover" in alert.text
    met(shop)
    assert find_alerts(shop) == []


def test_two_workers_meet_temporal_for_the_first_time(store: Store) -> None:
    """Started together on an empty database: the second waits for the first, and fails with nothing."""
    answers: list[bool] = []
    second = threading.Thread(target=lambda: answers.append(meet(store, "n1", NOW)))

    def first(connection: Connection) -> None:
        put(connection, "namespace", "n1")
        second.start()
        second.join(0.5)  # it cannot end before us, and has begun by then

    store.write(first)
    second.join()
    assert answers == [False]
