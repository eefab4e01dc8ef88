"""What an operator watches, on both databases: each number is what the rows say, and ages are the oldest row's."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from leadflow.store.db import Store
from leadflow.store.intents import intend
from leadflow.store.keys import Vault
from leadflow.store.metrics import Waiting, measure
from leadflow.store.outbox import hold, pause
from leadflow.store.seat import unseat
from leadflow.store.tables import callbacks, effects, leads
from tests.store.samples import NOW, ON_SQLITE, Run, add


def change_lead(store: Store, lead: str, **values: Any) -> None:
    store.write(lambda c: c.execute(leads.update().where(leads.c.id == lead).values(**values)))


def plan(store: Store, lead: str, name: str, **values: Any) -> None:
    """A row of the ledger, planned an hour ago by the pipeline ``shop`` for ``email``."""
    row = {
        "key": name,
        "hash": name,
        "lead": lead,
        "effect": name,
        "kind": "SendMessage",
        "channel": "email",
        "pipeline": "shop",
        "state": "planned",
        "planned": NOW - timedelta(hours=1),
    }
    store.write(lambda c: c.execute(effects.insert(), {**row, **values}))


def test_an_empty_installation_has_nothing_to_show(shop: Store) -> None:
    """No lead, no message: zeros, nothing paused, confirmed where it sits."""
    found = measure(shop, NOW)
    assert (found.leads, found.sends, found.late) == ({}, {}, Waiting())
    assert set(found.queues.values()) == {Waiting()}
    assert (found.paused, found.holds, found.alerts, found.confirmed) == ((), 0, 0, True)


def test_leads_by_state(shop: Store, vault: Vault) -> None:
    """Open, closed both ways, quarantined while open; one that closed in quarantine is closed."""
    states = [
        {"closed": ""},
        {"closed": ""},
        {"closed": "success"},
        {"closed": "failure", "quarantined": "E"},
        {"quarantined": "E"},
    ]
    for one in states:
        change_lead(shop, add(shop, vault).lead, **one)
    assert measure(shop, NOW).leads == {
        ("shop", "open"): 2,
        ("shop", "success"): 1,
        ("shop", "failure"): 1,
        ("shop", "quarantined"): 1,
    }


def test_a_late_timer_is_an_open_leads_deadline_in_the_past(shop: Store, vault: Vault) -> None:
    """Over a minute past counts; a fresh one, one to come, a closed lead's and a quarantined lead's do not."""
    past = NOW - timedelta(minutes=7)
    for values in (
        {"next_deadline": past},
        {"next_deadline": NOW - timedelta(seconds=61)},
        {"next_deadline": NOW - timedelta(seconds=59)},
        {"next_deadline": NOW + timedelta(days=1)},
        {"next_deadline": past, "closed": "failure"},
        {"next_deadline": past, "quarantined": "E"},
    ):
        change_lead(shop, add(shop, vault).lead, **values)
    assert measure(shop, NOW).late == Waiting(2, 420.0)


def test_messages_by_channel_and_outcome(shop: Store, vault: Vault) -> None:
    """Each row counts once; what waits is told apart by why it waits, with the age of the oldest."""
    lead = add(shop, vault).lead
    plan(shop, lead, "a", state="accepted")
    plan(shop, lead, "b", state="accepted", channel="sms")
    plan(shop, lead, "c", state="ambiguous", planned=NOW - timedelta(hours=5))
    plan(shop, lead, "d")
    plan(shop, lead, "e", planned=NOW - timedelta(hours=3))
    plan(shop, lead, "f", reason="not_now")
    plan(shop, lead, "g", template="offer")
    plan(shop, lead, "h", channel="sms")
    plan(shop, lead, "i", connection="second", state="claimed")
    plan(shop, lead, "j", state="handing_over", template="offer")
    hold(shop, "template:offer", "olga", NOW)
    pause(shop, "sms", "login refused", NOW)
    pause(shop, "second", "login refused", NOW)
    found = measure(shop, NOW)
    hour = 3600.0
    assert found.sends == {
        ("email", "accepted"): Waiting(1, hour),
        ("sms", "accepted"): Waiting(1, hour),
        ("email", "ambiguous"): Waiting(1, 5 * hour),
        ("email", "planned"): Waiting(2, 3 * hour),
        ("email", "postponed"): Waiting(1, hour),
        ("email", "held"): Waiting(2, hour),
        ("sms", "held"): Waiting(1, hour),
        ("email", "handing_over"): Waiting(1, hour),
    }
    assert (found.paused, found.holds, found.alerts) == (("second", "sms"), 1, 2)


def test_who_holds_everything_holds_everything(shop: Store, vault: Vault) -> None:
    """`outbox hold` of all, of a pipeline, and a copy that nobody has confirmed: every waiting message is held."""
    lead = add(shop, vault).lead
    plan(shop, lead, "a")
    plan(shop, lead, "b", pipeline="other", reason="not_now")
    hold(shop, "pipeline:shop", "olga", NOW)
    assert {name[1]: one.count for name, one in measure(shop, NOW).sends.items()} == {
        "held": 1,
        "postponed": 1,
    }
    hold(shop, "all", "olga", NOW)
    assert measure(shop, NOW).sends["email", "held"].count == 2

    shop.write(lambda c: c.execute(sa.text("DELETE FROM holds")))
    shop.write(lambda c: unseat(c, "restored", NOW))
    found = measure(shop, NOW)
    assert (found.confirmed, found.sends["email", "held"].count) == (False, 2)


def test_what_waits_for_others(shop: Store, vault: Vault) -> None:
    """A start that no workflow has heard of, a door's intent, an unread callback: how many, how old."""
    lead = add(shop, vault).lead
    intend(shop, lead, "one", NOW - timedelta(seconds=20))
    intend(shop, lead, "two", NOW - timedelta(seconds=50))
    row = {"source": "gate", "kind": "json", "since": NOW - timedelta(seconds=30)}
    due = {**row, "external_id": "1", "body": b"{}", "due": NOW}
    shop.write(lambda c: c.execute(callbacks.insert(), [due, {**due, "external_id": "2"}]))
    shop.write(lambda c: c.execute(callbacks.insert(), {**row, "external_id": "3", "due": None}))
    assert measure(shop, NOW + timedelta(seconds=10)).queues == {
        "starts": Waiting(1, 10.0),
        "intents": Waiting(2, 60.0),
        "callbacks": Waiting(2, 40.0),
    }


def test_a_stored_life_is_counted(shop: Store, vault: Vault) -> None:
    """What commits write is what is counted: a planned message of a lead that has been heard of."""
    run = Run(shop, vault, fields={"email": "ivan@client.example"})
    run.commit(run.mail())
    found = measure(shop, NOW)
    assert found.leads == {("shop", "open"): 1}
    assert found.sends == {("email", "planned"): Waiting(1, 0.0)}


def plan_of(statement: str, values: Any, connection: sa.Connection) -> str:
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    return " ".join(row.detail for row in rows)


@ON_SQLITE
def test_indexes_answer(shop: Store) -> None:
    """The counts that grow with the installation read no row of leads, nor of messages that have ended."""
    asked: list[tuple[str, Any]] = []
    sa.event.listen(shop.engine, "before_cursor_execute", lambda *call: asked.append(call[2:4]))
    measure(shop, NOW)
    counts = [
        one
        for one in asked
        if "count(" in one[0] and ("FROM leads" in one[0] or "FROM effects" in one[0])
    ]
    plans = [shop.read(partial(plan_of, statement, values)) for statement, values in counts]
    assert len(plans) == 4
    assert all("INDEX" in one for one in plans), plans
    assert sum("COVERING INDEX" in one for one in plans) == 3, plans
