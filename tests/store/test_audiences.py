"""Audiences in the store: who is in them, who is left out of their files, and which changes advertisers still hear of."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from leadflow.engine.clock import iso
from leadflow.engine.effects import AudienceChange, EraseLead
from leadflow.store import audiences
from leadflow.store.audiences import Member, find_audiences, members
from leadflow.store.db import Store
from leadflow.store.entries import Entry
from leadflow.store.hand_over import BOUNCED, suppress
from leadflow.store.keys import Vault
from leadflow.store.ledger import Ledger
from leadflow.store.outbox import outbox
from leadflow.store.tables import effects
from tests.store.samples import NOW, Run

IVAN: dict[str, Any] = {
    "email": "Ivan@Client.Example ",
    "phone": [{"number": "+79161234567"}, {"number": "+79161234568"}],
}


@pytest.fixture
def ledger(shop: Store, vault: Vault) -> Ledger:
    return Ledger(shop, vault)


def change(run: Run, node: str, *, remove: bool = False, **more: str) -> AudienceChange:
    addresses = {"email": "ivan@client.example", "phone": "+79161234567"}
    known: dict[str, Any] = {**(more or addresses)}
    return AudienceChange(
        key=run.key(node), name="warm", remove=remove, if_unsure="resend", **known
    )


def claimed(run: Run, ledger: Ledger, planned: AudienceChange) -> Entry:
    run.commit(planned)
    return ledger.claim(planned.key, "w", NOW)


def test_members_come_in_order_with_all_their_addresses(
    shop: Store, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the lead's number, over pages; addresses as the lead has them now, normal; without an address nobody."""
    monkeypatch.setattr(audiences, "PAGE", 2)
    runs = [
        Run(shop, vault, number=number, fields=fields)
        for number, fields in enumerate((IVAN, {}, {"email": "b@x.example"}, {}, IVAN), 1)
    ]
    for run in reversed(runs):
        run.commit(change(run, "in"))
    assert list(members(shop, vault, "warm")) == [
        Member(1, ("ivan@client.example",), ("+79161234567", "+79161234568")),
        Member(3, ("b@x.example",), ()),
        Member(5, ("ivan@client.example",), ("+79161234567", "+79161234568")),
    ]
    assert [(one.name, one.members) for one in find_audiences(shop)] == [("warm", 5)]
    assert list(members(shop, vault, "cold")) == []


@pytest.mark.parametrize(
    ("reason", "stays"), [("unsubscribed", False), ("opted_out", False), (BOUNCED, True)]
)
def test_who_wants_no_messages_is_left_out(
    shop: Store, vault: Vault, reason: str, stays: bool
) -> None:
    """An opt-out by one channel and one of two addresses is enough; a dead mailbox is none."""
    run = Run(shop, vault, number=1, fields=IVAN)
    run.commit(change(run, "in"))
    marks = [("sms", vault.mark("+79161234568"))]
    shop.write(lambda c: suppress(c, marks, reason, NOW))
    assert bool(list(members(shop, vault, "warm"))) is stays


def test_taken_out_means_out(shop: Store, vault: Vault, ledger: Ledger) -> None:
    """The removal carries every address that the person was ever put in with, not only the present one."""
    run = Run(shop, vault, number=1, fields=IVAN)
    run.commit(change(run, "first", email="old@client.example"))
    run.commit(change(run, "second", email="new@client.example", phone="+79161234567"))
    mine = claimed(run, ledger, change(run, "out", remove=True, email="newest@client.example"))
    assert isinstance(mine.effect, AudienceChange)
    assert mine.effect.former == ("old@client.example", "new@client.example", "+79161234567")
    assert find_audiences(shop) == []


def test_an_overtaken_change_does_not_go(shop: Store, vault: Vault, ledger: Ledger) -> None:
    """Put in, then taken out before the first was told: only the second goes, so that the advertiser ends up right."""
    run = Run(shop, vault, number=1, fields=IVAN)
    first = claimed(run, ledger, change(run, "in"))
    second = claimed(run, ledger, change(run, "out", remove=True))
    verdict = ledger.hand_over(first, NOW, NOW)
    assert (verdict.verdict, verdict.reason) == ("suppressed", "superseded")
    assert ledger.hand_over(second, NOW, NOW).verdict == "go"
    third = claimed(run, ledger, change(run, "again"))
    held = ledger.hand_over(third, NOW, NOW)
    assert (held.verdict, "under way" in held.reason) == ("held", True)
    ledger.finish(second, "accepted", NOW)
    third = ledger.claim(third.key, "w", NOW)
    assert ledger.hand_over(third, NOW, NOW).verdict == "go"


def test_who_wants_no_messages_is_not_put_in_but_taken_out(
    shop: Store, vault: Vault, ledger: Ledger
) -> None:
    """An opt-out keeps the advertiser from hearing of a new member; a removal goes all the same."""
    run = Run(shop, vault, number=1, fields=IVAN)
    marks = [("email", vault.mark("ivan@client.example"))]
    shop.write(lambda c: suppress(c, marks, "opted_out", NOW))
    joining = claimed(run, ledger, change(run, "in"))
    verdict = ledger.hand_over(joining, NOW, NOW)
    assert (verdict.verdict, verdict.reason) == ("suppressed", "opted_out")
    leaving = claimed(run, ledger, change(run, "out", remove=True))
    assert ledger.hand_over(leaving, NOW, NOW).verdict == "go"


def test_an_erased_person_leaves_and_the_advertiser_hears_of_it(
    shop: Store, vault: Vault, ledger: Ledger
) -> None:
    """The removal that the erasure decides stays sendable, with the addresses; all else of the lead is unreadable."""
    run = Run(shop, vault, number=1, fields=IVAN)
    joined = claimed(run, ledger, change(run, "in"))
    goodbye = change(run, "goodbye", remove=True)
    gone = EraseLead(key=f"{run.lead}/pipeline/0/erase/1")
    run.commit(goodbye, gone, fields={}, erased=iso(NOW))
    mine = ledger.claim(goodbye.key, "w", NOW)
    assert isinstance(mine.effect, AudienceChange)
    assert mine.effect.former == ("ivan@client.example", "+79161234567")
    assert ledger.hand_over(mine, NOW, NOW).verdict == "go"
    assert find_audiences(shop) == []
    states = {row.key: (row.state, row.reason) for row in outbox(shop)}
    assert states[joined.key] == ("suppressed", "erased")
    sealed = sa.select(effects.c.effect_sealed).where(effects.c.key == joined.key)
    assert shop.read(lambda c: c.execute(sealed).scalar()) is None
