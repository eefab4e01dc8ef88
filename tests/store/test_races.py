"""Who comes first wins, and the other one knows: attempts against attempts, hand-overs against whatever stops them."""

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from sqlalchemy.engine import Connection

from leadflow.engine.clock import iso
from leadflow.engine.effects import CancelSends
from leadflow.engine.state import Sleep
from leadflow.rules.last_look import HandOver
from leadflow.store import hand_over, ledger as ledger_module, outbox as box
from leadflow.store.db import Store, open_store
from leadflow.store.keys import Vault
from leadflow.store.ledger import Ledger
from leadflow.store.outbox import outbox
from tests.store.samples import NOW, Run, together

CLIENT: dict[str, Any] = {"email": "ivan@client.example"}
PATIENCE = 0.4
"""Seconds that somebody who must wait is given to do it wrong."""


@pytest.fixture
def run(shop: Store, vault: Vault) -> Run:
    """A lead with one mail planned."""
    run = Run(shop, vault, fields=CLIENT)
    run.commit(run.mail())
    return run


def test_of_many_attempts_at_most_one_goes(run: Run) -> None:
    """Eight attempts at one message in the same moment: never do two of them hand it over."""
    ledger = Ledger(run.store, run.vault)
    verdicts: list[str] = []

    def attempt() -> None:
        mine = ledger.claim(run.key("send_email:offer"), "worker", NOW)
        if mine.state == "claimed":
            verdicts.append(ledger.hand_over(mine, NOW, NOW).verdict)

    together([attempt] * 8)
    assert verdicts.count("go") == 1
    assert set(verdicts) <= {"go", "lost"}


@pytest.fixture
def neighbour(shop: Store, vault: Vault) -> Run:
    """Another lead, of a client with the same address."""
    return Run(shop, vault, fields=CLIENT)


STOPS: dict[str, Callable[[Run, Run], object]] = {
    "visit": lambda run, _: run.commit(
        CancelSends(key="cancel", keys=(run.key("send_email:offer"),), reason="left")
    ),
    "opt_out": lambda _, neighbour: neighbour.commit(opted_out=("email",)),
    "snooze": lambda run, _: run.commit(sleep=Sleep(until="2027-01-01T00:00:00Z", since=iso(NOW))),
    "hold": lambda run, _: box.hold(run.store, "all", "root", NOW),
    "pause": lambda run, _: box.pause(run.store, "email", "login refused", NOW),
}


@pytest.mark.parametrize("stop", STOPS)
def test_a_stop_that_is_being_stored_is_waited_for(
    run: Run, neighbour: Run, url: str, stop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stop has written and not yet committed: a hand-over that begins now waits for it, and does not go."""
    ledger = Ledger(run.store, run.vault)
    mine = ledger.claim(run.key("send_email:offer"), "worker", NOW)
    other = open_store(url)
    stopper = Store(other.engine)
    real = stopper._write
    verdicts: list[str] = []
    handing = Thread(target=lambda: verdicts.append(ledger.hand_over(mine, NOW, NOW).verdict))

    def slow(work: Callable[[Connection], Any]) -> Any:
        def then_wait(connection: Connection) -> Any:
            found = work(connection)
            handing.start()
            handing.join(PATIENCE)
            return found

        return real(then_wait)

    monkeypatch.setattr(stopper, "_write", slow)
    run.store = neighbour.store = stopper
    STOPS[stop](run, neighbour)
    handing.join(30)
    other.close()
    assert verdicts[0] in {"suppressed", "postponed", "held"}


@pytest.mark.parametrize("stop", STOPS)
def test_a_stop_waits_for_a_hand_over_under_way(
    run: Run, neighbour: Run, stop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hand-over has looked and not yet committed: the stop's answer comes after it, so that nothing starts later."""
    ledger = Ledger(run.store, run.vault)
    mine = ledger.claim(run.key("send_email:offer"), "worker", NOW)
    order: list[str] = []
    judge = hand_over.judge

    def stopped() -> None:
        STOPS[stop](run, neighbour)
        order.append("stopped")

    stopping = Thread(target=stopped)

    def slow(*args: Any) -> HandOver:
        verdict = judge(*args)
        stopping.start()
        stopping.join(PATIENCE)
        order.append("looked")
        return verdict

    monkeypatch.setattr(ledger_module, "judge", slow)
    assert ledger.hand_over(mine, NOW, NOW).verdict == "go"
    stopping.join(30)
    assert order == ["looked", "stopped"]
    assert outbox(run.store)[0].state == "handing_over"


def test_stops_and_hand_overs_without_end(run: Run) -> None:
    """Whatever the order in which they meet: told to go means in its hand-over, stopped means never told to go."""
    ledger = Ledger(run.store, run.vault)
    for number in range(6):
        node = f"send_email:{number}"
        run.commit(run.mail(node))
        mine = ledger.claim(run.key(node), "worker", NOW)
        batch = run.batch(CancelSends(key="cancel", keys=(mine.key,), reason="left"))
        told: list[str] = []
        together(
            [
                lambda mine=mine, told=told: told.append(ledger.hand_over(mine, NOW, NOW).verdict),  # type: ignore[misc]  # bound now
                lambda batch=batch: run.apply(batch),  # type: ignore[misc]  # bound now
            ]
        )
        state = ledger.find(mine.key).state
        assert (told[0], state) in {("go", "handing_over"), ("suppressed", "suppressed")}
