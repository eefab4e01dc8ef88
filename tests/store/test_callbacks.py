"""Callbacks as they came: kept once, looked at again and again, let go after a day."""

from __future__ import annotations

from datetime import timedelta

from leadflow.store.callbacks import is_read, keep, let_go, look_again, unread
from leadflow.store.db import Store
from tests.store.samples import NOW

HOUR = timedelta(hours=1)


def test_the_same_call_is_kept_once(store: Store) -> None:
    """Ten copies are one; the same words of another connection are another."""
    assert [keep(store, "sms", "json", b"{}", NOW) for _ in range(10)] == [True, *[False] * 9]
    assert keep(store, "chat", "json", b"{}", NOW)
    assert sorted((one.source, one.body) for one in unread(store, NOW)) == [
        ("chat", b"{}"),
        ("sms", b"{}"),
    ]


def test_what_was_read_is_known_for_a_day(store: Store) -> None:
    """Its body goes at once; a copy that comes later is still the same one; then it is forgotten."""
    keep(store, "sms", "json", b"{}", NOW)
    (one,) = unread(store, NOW)
    is_read(store, one)
    assert unread(store, NOW + HOUR) == []
    assert not keep(store, "sms", "json", b"{}", NOW + HOUR)
    assert let_go(store, NOW + 25 * HOUR) == []
    assert keep(store, "sms", "json", b"{}", NOW + 25 * HOUR)


def test_what_nobody_knows_is_looked_at_for_a_day(store: Store) -> None:
    """At growing distances, ten minutes at most; after a day it is told, once, and gone."""
    keep(store, "sms", "form", b"id=7", NOW)
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


def test_what_was_lost_is_told_once(store: Store) -> None:
    """Its source and its name; nothing of its contents."""
    keep(store, "sms", "form", b"id=7", NOW)
    ((source, name),) = let_go(store, NOW + 25 * HOUR)
    assert (source, len(name)) == ("sms", 64)
    assert let_go(store, NOW + 25 * HOUR) == []
