"""What a provider has told later, where people look for it."""

from __future__ import annotations

from datetime import timedelta

from leadflow.installation import Connection, Installation
from leadflow.ports import Report
from leadflow.store.db import open_store
from leadflow.store.deliveries import report
from leadflow.store.keys import open_vault
from leadflow.store.ledger import Ledger
from leadflow.store.migrate import migrate
from tests.cli.program import Here
from tests.store.samples import NOW, Run, publish_shop

SMS = Connection("sms", "sms", "https://sms.example")


def test_a_delivery_is_shown(here: Here) -> None:
    """In the outbox, on the card and in the history, with its time, the provider's words and the line that asked for it."""
    home = here.folder / ".leadflow"
    store = open_store(f"sqlite:///{home / 'leadflow.db'}")
    migrate(store)
    publish_shop(store)
    vault = open_vault(store, home / "keys" / "master.key")
    run, ledger = Run(store, vault, number=1), Ledger(store, vault)
    message = run.mail("send_sms:offer", channel="sms", to="+79161234567", pos="shop.yaml:7:9")
    run.commit(message)
    mine = ledger.claim(message.key, "w", NOW)
    ledger.hand_over(mine, NOW, NOW)
    ledger.finish(mine, "accepted", NOW, provider_id="p")
    told = Report("undelivered", key=mine.hash, code="absent subscriber")
    at = NOW + timedelta(minutes=30)
    assert report(store, vault, Installation(connections={"sms": SMS}), SMS, told, at)
    store.close()
    (row,) = here("outbox").out.splitlines()[1:]
    assert "undelivered" in row
    assert "2026-11-25 14:30" in row
    assert "absent subscriber" in row
    (found,) = here("outbox", "--state", "accepted", "--json").json["messages"]
    assert (found["delivery"], found["delivered"]) == ("undelivered", "2026-11-25T11:30:00Z")
    assert "sms undelivered 2026-11-25 14:30: absent subscriber" in here("lead", "show", "1").out
    *_, moment, line = here("lead", "history", "1").out.splitlines()
    assert moment.startswith("2026-11-25 14:30  Undelivered  sms")
    assert "absent subscriber" in line
    assert "[shop.yaml:7]" in line
