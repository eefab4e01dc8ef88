"""Callbacks as they came: kept once, looked at again and again, let go after a day."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from leadflow.errors import Misconfigured
from leadflow.store.callbacks import (
    is_read,
    keep,
    let_go,
    look_again,
    opened,
    unheard,
    unread,
)
from leadflow.store.db import Store
from leadflow.store.keys import Vault
from leadflow.store.outbox import find_alerts
from leadflow.store.tables import callbacks
from tests.store.samples import NOW

HOUR = timedelta(hours=1)


def test_the_same_call_is_kept_once(store: Store, vault: Vault) -> None:
    """Ten copies are one; the same words of another connection are another."""
    assert [keep(store, vault, "sms", "json", b"{}", NOW) for _ in range(10)] == [
        True,
        *[False] * 9,
    ]
    assert keep(store, vault, "chat", "json", b"{}", NOW)
    assert sorted((one.source, opened(vault, one)) for one in unread(store, NOW)) == [
        ("chat", b"{}"),
        ("sms", b"{}"),
    ]


def test_what_was_read_is_known_for_a_day(store: Store, vault: Vault) -> None:
    """Its body goes at once; a copy that comes later is still the same one; then it is forgotten."""
    keep(store, vault, "sms", "json", b"{}", NOW)
    (one,) = unread(store, NOW)
    is_read(store, one)
    assert unread(store, NOW + HOUR) == []
    assert not keep(store, vault, "sms", "json", b"{}", NOW + HOUR)
    assert let_go(store, NOW + 25 * HOUR) == []
    assert keep(store, vault, "sms", "json", b"{}", NOW + 25 * HOUR)


def test_what_nobody_knows_is_looked_at_for_a_day(store: Store, vault: Vault) -> None:
    """At growing distances, ten minutes at most; after a day it is told, once, and gone."""
    keep(store, vault, "sms", "form", b"id=7", NOW)
    now, looks = NOW, 0
    while now < NOW + 24 * HOUR:
        (one,) = unread(store, now)
        look_again(store, one, now)
        looks += 1
        assert unread(store, now) == []
        pause = timedelta(seconds=min(2 ** min(looks, 12), 600))
        now += pause
        assert let_go(store, now) == [] or now > NOW + 24 * HOUR
    assert 140 < looks < 170
    assert let_go(store, now) == []
    assert unread(store, now + HOUR) == []


def test_what_was_lost_is_told_once(store: Store, vault: Vault) -> None:
    """Its source and its name; nothing of its contents."""
    keep(store, vault, "sms", "form", b"id=7", NOW)
    ((source, name),) = let_go(store, NOW + 25 * HOUR)
    assert (source, len(name)) == ("sms", 64)
    assert let_go(store, NOW + 25 * HOUR) == []


def test_what_came_is_sealed(store: Store, vault: Vault) -> None:
    """Whoever has the database alone learns nothing of numbers and texts, nor can try out which they were."""
    body = b"from=%2B79161234567&text=yes"
    keep(store, vault, "sms", "form", body, NOW)
    (row,) = store.read(lambda c: c.execute(sa.select(callbacks)).all())
    assert body not in row.body
    other = Vault(store, b"0" * 32)
    assert row.external_id == vault.digest(body) != other.digest(body)
    (one,) = unread(store, NOW)
    with pytest.raises(Misconfigured, match="the installation does not open"):
        opened(other, one)


def test_nobody_reads_what_clients_write(store: Store) -> None:
    """One alert a connection, without a word of what was written; it stands for a day after the first."""
    for hours in (0, 1, 2):
        unheard(store, "sms", NOW + hours * HOUR)
    unheard(store, "chat", NOW)
    found = {each.cause: each.text for each in find_alerts(store)}
    assert set(found) == {"answers/chat", "answers/sms"}
    assert "'sms'" in found["answers/sms"]
    let_go(store, NOW + 23 * HOUR)
    assert len(find_alerts(store)) == 2
    let_go(store, NOW + 25 * HOUR)
    assert find_alerts(store) == []
