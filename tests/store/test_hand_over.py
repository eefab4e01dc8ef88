"""The hand-over: everything that may still stop a message is looked at in the transaction that lets it go."""

from datetime import timedelta
from typing import Any

import pytest

from leadflow.engine.clock import iso
from leadflow.engine.effects import CancelSends, NotifyPeople
from leadflow.engine.pipeline import People
from leadflow.engine.state import Sleep
from leadflow.rules.last_look import HandOver
from leadflow.store import outbox as box
from leadflow.store.db import Store
from leadflow.store.entries import Entry
from leadflow.store.keys import Vault
from leadflow.store.ledger import Ledger
from leadflow.store.outbox import outbox
from tests.store.samples import NOW, Run

LATER = NOW + timedelta(hours=1)
CLIENT: dict[str, Any] = {
    "email": "Ivan@Client.example",
    "phone": {"number": "+79161234567"},
}


@pytest.fixture
def ledger(shop: Store, vault: Vault) -> Ledger:
    return Ledger(shop, vault)


@pytest.fixture
def run(shop: Store, vault: Vault) -> Run:
    return Run(shop, vault, fields=CLIENT)


def claimed(run: Run, ledger: Ledger, **mail: Any) -> Entry:
    """A mail of this lead, planned and claimed."""
    run.commit(run.mail(**mail))
    return ledger.claim(run.key("send_email:offer"), "worker-1", NOW)


def test_nothing_against_it(run: Run, ledger: Ledger) -> None:
    """The ordinary case: go, and the row is in its hand-over."""
    mine = claimed(run, ledger)
    assert ledger.hand_over(mine, NOW, NOW) == HandOver("go")
    assert outbox(run.store)[0].state == "handing_over"
    assert ledger.hand_over(mine, LATER, LATER).verdict == "lost"


def test_our_own_people_opt_out_of_nothing(run: Run, ledger: Ledger) -> None:
    """A notification has no client's address: neither opt-out, quiet hours nor snooze is asked."""
    key = run.key("notify")
    run.commit(NotifyPeople(key=key, to=People(names=("sales",)), users=()), opted_out=("all",))
    run.commit(sleep=Sleep(until=iso(LATER), since=iso(NOW)))
    mine = ledger.claim(f"{key}/anna", "worker-1", NOW)
    assert ledger.hand_over(mine, NOW, NOW).verdict == "go"


def test_quiet_hours_put_it_off(run: Run, ledger: Ledger) -> None:
    """Not before the instant the caller has computed; the row waits as planned and comes again."""
    mine = claimed(run, ledger)
    assert ledger.hand_over(mine, NOW, LATER) == HandOver("postponed", "not_now", LATER)
    assert outbox(run.store)[0].state == "planned"
    again = ledger.claim(mine.key, "worker-1", LATER)
    assert ledger.hand_over(again, LATER, LATER).verdict == "go"


def test_a_snooze_puts_it_off(run: Run, ledger: Ledger) -> None:
    """A lead snoozed after the message was planned: it goes when the lead wakes, whatever the caller computed."""
    mine = claimed(run, ledger)
    run.commit(sleep=Sleep(until=iso(LATER), since=iso(NOW)))
    assert ledger.hand_over(mine, NOW, NOW) == HandOver("postponed", "not_now", LATER)


def test_too_late_is_too_late(run: Run, ledger: Ledger) -> None:
    """At ``not_after`` it may go, past it it never does."""
    mine = claimed(run, ledger, not_after=iso(NOW))
    past = NOW + timedelta(seconds=1)
    assert ledger.hand_over(mine, past, past) == HandOver("expired", "too_late")
    (row,) = outbox(run.store)
    assert (row.state, row.reason, row.finished) == ("expired", "too_late", past)


def test_the_last_moment_is_not_too_late(run: Run, ledger: Ledger) -> None:
    """``not_after`` itself is still in time."""
    mine = claimed(run, ledger, not_after=iso(NOW))
    assert ledger.hand_over(mine, NOW, NOW).verdict == "go"


@pytest.mark.parametrize(
    ("channel", "verdict"), [("email", "suppressed"), ("all", "suppressed"), ("sms", "go")]
)
def test_an_opt_out_of_the_address_holds_for_every_lead(
    run: Run, ledger: Ledger, shop: Store, vault: Vault, channel: str, verdict: str
) -> None:
    """Another lead's client with the same address, written otherwise, has opted out of the channel, or of all."""
    mine = claimed(run, ledger)
    other = Run(shop, vault, fields={"email": "ivan@CLIENT.example"})
    other.commit(opted_out=(channel,))
    assert ledger.hand_over(mine, NOW, NOW).verdict == verdict
    reasons = {"suppressed": ("suppressed", "opted_out"), "go": ("handing_over", "")}
    row = outbox(run.store, lead=run.lead)[0]
    assert (row.state, row.reason) == reasons[verdict]


@pytest.mark.parametrize("passing", ["manual", "service"])
def test_manual_and_service_messages_pass_an_opt_out(
    run: Run, ledger: Ledger, passing: str
) -> None:
    """A manager's own letter and contract papers go all the same (Meaning 9)."""
    mine = claimed(run, ledger, **{passing: True})
    run.commit(opted_out=("all",))
    assert ledger.hand_over(mine, NOW, NOW).verdict == "go"


def test_a_manual_message_passes_quiet_hours_and_snooze(run: Run, ledger: Ledger) -> None:
    """A manager's own sends pass quiet hours, window and snooze; a service message does not."""
    mine = claimed(run, ledger, manual=True)
    run.commit(sleep=Sleep(until=iso(LATER), since=iso(NOW)))
    assert ledger.hand_over(mine, NOW, LATER).verdict == "go"


@pytest.mark.parametrize("what", ["all", "pipeline:shop", "template:offer"])
def test_an_operator_holds_messages_back(run: Run, ledger: Ledger, what: str) -> None:
    """Held: nothing goes, manual ones neither; released: it goes."""
    mine = claimed(run, ledger, manual=True)
    assert box.hold(run.store, what, "root", NOW)
    assert not box.hold(run.store, what, "olga", LATER)
    assert [(hold.what, hold.by, hold.since) for hold in box.find_holds(run.store)] == [
        (what, "root", NOW)
    ]
    assert ledger.hand_over(mine, NOW, NOW) == HandOver("held", f"held: {what}")
    assert box.release_hold(run.store, what)
    assert not box.release_hold(run.store, what)
    again = ledger.claim(mine.key, "worker-1", LATER)
    assert ledger.hand_over(again, NOW, NOW).verdict == "go"


@pytest.mark.parametrize("what", ["pipeline:other", "template:other"])
def test_a_hold_of_something_else_does_not_matter(run: Run, ledger: Ledger, what: str) -> None:
    """Only what is named is held."""
    box.hold(run.store, what, "root", NOW)
    assert ledger.hand_over(claimed(run, ledger), NOW, NOW).verdict == "go"


@pytest.mark.parametrize("name", ["email", "second_server"])
def test_a_paused_channel_holds_its_messages(run: Run, ledger: Ledger, name: str) -> None:
    """The login was refused: the channel, or the one connection, waits with one alert; no lead is harmed."""
    mine = claimed(run, ledger, via="second_server")
    assert box.pause(run.store, name, "login refused", NOW)
    assert not box.pause(run.store, name, "login refused again", LATER)
    assert [alert.text for alert in box.find_alerts(run.store)] == [
        f"{name} is paused: login refused"
    ]
    assert [(one.name, one.reason) for one in box.find_pauses(run.store)] == [
        (name, "login refused")
    ]
    found = ledger.hand_over(mine, NOW, NOW)
    assert found == HandOver("held", f"{name} is paused: login refused")
    assert box.resume(run.store, name)
    assert not box.resume(run.store, name)
    assert (box.find_alerts(run.store), box.find_pauses(run.store)) == ([], [])
    again = ledger.claim(mine.key, "worker-1", LATER)
    assert ledger.hand_over(again, NOW, NOW).verdict == "go"


@pytest.mark.parametrize("attempted", [False, True])
def test_stop_means_stop(run: Run, ledger: Ledger, attempted: bool) -> None:
    """A visit's end committed before the hand-over stops it, whether an attempt has begun or not; it says why."""
    run.commit(run.mail())
    key = run.key("send_email:offer")
    mine = ledger.claim(key, "worker-1", NOW) if attempted else None
    run.commit(CancelSends(key="cancel", keys=(key,), reason="left the stage"))
    mine = mine or ledger.claim(key, "worker-1", NOW)
    assert mine.state == ("claimed" if attempted else "suppressed")
    assert ledger.hand_over(mine, NOW, NOW) == HandOver("suppressed", "left the stage")
    assert ledger.claim(key, "worker-1", NOW).state == "suppressed"


def test_what_is_being_handed_over_cannot_be_stopped(run: Run, ledger: Ledger) -> None:
    """The other order: the hand-over has committed first, the stop leaves it alone and its answer counts."""
    mine = claimed(run, ledger)
    ledger.hand_over(mine, NOW, NOW)
    run.commit(CancelSends(key="cancel", keys=(mine.key,), reason="left the stage"))
    assert ledger.finish(mine, "accepted", LATER).state == "accepted"


def test_a_hand_over_whose_commit_was_lost_still_goes(
    run: Run, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection breaks while it commits and the transaction runs again: it finds itself, and may write."""
    mine = claimed(run, ledger)
    real, calls = run.store._write, []

    def twice(work: Any) -> Any:
        calls.append(real(work))
        return real(work) if len(calls) == 1 else calls[-1]

    monkeypatch.setattr(run.store, "_write", twice)
    assert ledger.hand_over(mine, NOW, NOW).verdict == "go"
    monkeypatch.undo()
    assert calls == [HandOver("go")]
