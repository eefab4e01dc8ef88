"""Callbacks are read in the background: what nobody knows is let go after a day, with a word in the log."""

from __future__ import annotations

from datetime import timedelta

import structlog

from activities.callbacks import work_off
from leadflow.installation import Callbacks, Connection, Installation, Telling
from leadflow.store.callbacks import keep, unread
from leadflow.store.db import Store
from leadflow.store.keys import Vault
from tests.support.desk import NOON

RULES = Callbacks("s", (Telling("delivered"),), key="id")
COMPANY = Installation(
    connections={"sms": Connection("sms", "sms", "https://sms.example", callbacks=RULES)}
)


def words(store: Store, vault: Vault, hours: float) -> list[str]:
    """What a round says, so long after noon."""
    with structlog.testing.capture_logs() as said:
        work_off(store, vault, lambda: COMPANY, NOON + timedelta(hours=hours))
    return [line["event"] for line in said]


def test_about_nobody(store: Store, vault: Vault) -> None:
    """Looked at again and again for a day; then one line says that it was about nothing of ours."""
    keep(store, vault, "sms", "json", b'{"id": "%s"}' % (b"f" * 32), NOON)
    assert words(store, vault, 0) == []
    assert unread(store, NOON) == []
    assert len(unread(store, NOON + timedelta(minutes=1))) == 1
    assert words(store, vault, 23) == []
    assert words(store, vault, 24.1) == ["a callback was about no message of ours"]
    assert words(store, vault, 25) == []


def test_nothing_final(store: Store, vault: Vault) -> None:
    """A report that names no message is done with."""
    keep(store, vault, "sms", "json", b'{"status": "queued"}', NOON)
    assert words(store, vault, 0) == []
    assert unread(store, NOON + timedelta(hours=1)) == []


def test_the_rules_have_changed(store: Store, vault: Vault) -> None:
    """A connection that is gone, a body that it does not take any more: told, and no obstacle to the others."""
    keep(store, vault, "gone", "json", b"{}", NOON)
    keep(store, vault, "sms", "json", b"id=7", NOON)
    assert sorted(words(store, vault, 0)) == [
        "a callback came for what is no connection any more",
        "a callback cannot be read",
    ]
    assert unread(store, NOON + timedelta(hours=1)) == []
