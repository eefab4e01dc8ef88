"""What became of messages: the first final word stands, and what follows from it follows once (fault S3)."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from leadflow.channels.smpp.incoming import spellings
from leadflow.engine.clock import iso
from leadflow.engine.effects import EraseLead, NotifyPeople, SendMessage
from leadflow.engine.events import AnyEvent, Signal
from leadflow.engine.pipeline import People
from leadflow.installation import Connection, Installation, Told
from leadflow.ports import Report
from leadflow.store.db import Store
from leadflow.store.deliveries import delivery_notes, report
from leadflow.store.intake import told as was_told, waiting
from leadflow.store.keys import Vault
from leadflow.store.ledger import Ledger
from leadflow.store.outbox import OutboxRow, outbox
from leadflow.store.tables import suppressions
from tests.store.samples import NOW, Run

LATER = NOW + timedelta(minutes=5)
SMS = Connection("sms", "sms", "https://sms.example")
SECOND = Connection("second", "sms", "https://second.example")
MAIL = Connection("mail", "email", "smtp://mail.example")
COMPANY = Installation(connections={each.id: each for each in (SMS, SECOND, MAIL)})
PHONE = "+79161234567"


class Message:
    """One message on its way, and what providers tell of it."""

    def __init__(self, run: Run, channel: str = "sms", to: str = PHONE, **more: Any) -> None:
        self.run = run
        self.store, self.vault = run.store, run.vault
        self.ledger = Ledger(run.store, run.vault)
        node = f"send_{channel}:{more.get('via', '')}"
        effect: SendMessage = run.mail(node, channel=channel, to=to, **more)
        self.key = effect.key
        run.commit(effect)
        self.way = {"sms": SMS, "email": MAIL}[channel]

    @property
    def row(self) -> OutboxRow:
        return next(row for row in outbox(self.store) if row.key == self.key)

    def handed_over(self) -> Message:
        self.mine = self.ledger.claim(self.key, "w", NOW)
        assert self.ledger.hand_over(self.mine, NOW, NOW).verdict == "go"
        return self

    def accepted(self, provider_id: str = "p-1") -> Message:
        self.handed_over()
        self.ledger.finish(self.mine, "accepted", NOW, provider_id=provider_id)
        return self

    def hears(
        self, means: Told, *, way: Connection | None = None, at: Any = LATER, name: str = ""
    ) -> bool:
        found = Report(means, key="" if name else self.row.hash, id=name, code="c-7")
        return report(self.store, self.vault, COMPANY, way or self.way, found, at)

    @property
    def facts(self) -> list[AnyEvent]:
        kept = waiting(self.store, self.vault, self.run.lead)
        return [event for one in kept for event in one.events if isinstance(event, Signal)]

    @property
    def barred(self) -> list[tuple[str, str]]:
        query = sa.select(suppressions.c.channel, suppressions.c.reason)
        return [tuple(row) for row in self.store.read(lambda c: c.execute(query).all())]


@pytest.fixture
def run(shop: Store, vault: Vault) -> Run:
    return Run(shop, vault, number=1, owner="anna")


def test_delivered(run: Run) -> None:
    """The row says so with its time; the lead need hear nothing; its timeline shows it with the line that asked for it."""
    message = Message(run, ref="new/on_enter/0", pos="shop.yaml:7:9").accepted()
    assert message.hears("delivered")
    row = message.row
    assert (row.state, row.delivery, row.delivered) == ("accepted", "delivered", LATER)
    assert (message.facts, message.barred) == ([], [])
    (moment,) = delivery_notes(run.store, run.lead)
    assert (moment.at, moment.kind, moment.notes[0].pos) == (LATER, "Delivered", "shop.yaml:7:9")


@pytest.mark.parametrize(
    ("channel", "to", "means", "fact", "barred"),
    [
        ("sms", PHONE, "undelivered", "send_failed", []),
        ("sms", PHONE, "dead", "send_failed", [("sms", "bounced")]),
        ("email", "a@b.example", "undelivered", "bounced", []),
        ("email", "a@b.example", "dead", "bounced", [("email", "bounced")]),
        ("email", "a@b.example", "complained", "complained", [("email", "complained")]),
        ("email", "a@b.example", "unsubscribed", "unsubscribed", [("email", "unsubscribed")]),
    ],
)
def test_what_follows(
    run: Run, channel: str, to: str, means: Told, fact: str, barred: list[tuple[str, str]]
) -> None:
    """A fact that the language knows; only what is about the address itself keeps others from going there."""
    message = Message(run, channel, to).accepted()
    for _ in range(3):
        assert message.hears(means)
    (found,) = message.facts
    assert isinstance(found, Signal)
    assert (found.name, found.actor.via) == (fact, f"callback:{message.way.id}")
    assert found.data == {"channel": channel, "template": "offer", "reason": "c-7"}
    assert message.barred == barred
    failed = means in {"undelivered", "dead"}
    assert message.row.delivery == ("undelivered" if failed else "")
    was_told(run.store, run.lead, [found.id])
    run.commit(event=found.id)
    message.hears(means)
    assert message.facts == []


def test_the_first_word_stands(run: Run) -> None:
    """Whatever comes after it, in any order and however often: nothing changes."""
    words: tuple[Told, ...] = ("delivered", "undelivered", "dead")
    for number, order in enumerate(permutations(words)):
        message = Message(run, to=f"+7916123456{number}", via=f"way{number}").accepted(f"p{number}")
        for minute, word in enumerate([*order, *order], 1):
            assert message.hears(word, at=NOW + timedelta(minutes=minute))
        expected = "delivered" if order[0] == "delivered" else "undelivered"
        assert message.row.delivery == expected
        assert message.row.delivered == NOW + timedelta(minutes=1)
        assert [f.id for f in message.facts if f.id.startswith(message.row.hash)] == (
            [] if order[0] == "delivered" else [f"{message.row.hash}/send_failed"]
        )


def test_a_word_before_our_commit_waits(run: Run) -> None:
    """Before the message is known, and while it is being handed over: not now; after that it counts."""
    assert not report(run.store, run.vault, COMPANY, SMS, Report("delivered", key="f" * 32), LATER)
    message = Message(run)
    assert not message.hears("delivered")
    message.handed_over()
    assert not message.hears("delivered")
    assert not message.hears("undelivered")
    assert not message.hears("delivered", name="p-1")
    message.ledger.finish(message.mine, "accepted", NOW, provider_id="p-1")
    assert message.hears("delivered", name="p-1")
    assert message.row.delivery == "delivered"


@pytest.mark.parametrize("means", ["delivered", "undelivered"])
def test_who_can_tell_has_got_it(run: Run, means: Told) -> None:
    """Nobody was sure whether it arrived: its provider knows it, so it was taken over; whoever is asked need not answer."""
    message = Message(run).handed_over()
    message.ledger.unsure(message.mine, NOW, "no answer")
    assert message.row.state == "ambiguous"
    assert message.hears(means)
    row = message.row
    assert (row.state, row.finished, row.delivery) == ("accepted", LATER, means)


def test_what_arrived_is_not_sent_again(run: Run) -> None:
    """It was to go a second time because nobody was sure: the word that it arrived comes first, and it does not go."""
    message = Message(run, if_unsure="resend").handed_over()
    message.ledger.unsure(message.mine, NOW, "no answer")
    again = message.ledger.claim(message.key, "w", NOW)
    assert again.state == "claimed"
    assert not message.hears("undelivered")
    assert message.hears("delivered")
    assert message.ledger.hand_over(again, NOW, NOW).verdict == "lost"
    assert message.ledger.claim(message.key, "w", NOW).state == "accepted"


def test_ids_are_each_providers_own(run: Run) -> None:
    """Two gateways give the same number: each tells of its own message; one without a connection left by the default one."""
    first = Message(run).accepted("77")
    second = Message(run, via="second").accepted("77")
    assert second.hears("delivered", way=SECOND, name="77")
    assert (first.row.delivery, second.row.delivery) == ("", "delivered")
    assert first.hears("undelivered", way=SMS, name="77")
    assert (first.row.delivery, second.row.delivery) == ("undelivered", "delivered")
    assert not first.hears("delivered", way=MAIL)


HEX = Report("delivered", id="1000000010", spellings=spellings("1000000010"), to=PHONE)


def test_an_id_in_another_notation(run: Run) -> None:
    """Answered in hexadecimal, told in decimal: a message is meant only where it went to that number.

    Two ids may be alike by chance. The very same id goes before.
    """
    message = Message(run).accepted("3B9ACA0A")
    other = Message(run, to="+79161234560", via="second").accepted("1000000010")

    def told(word: Report, way: Connection = SMS) -> bool:
        return report(run.store, run.vault, COMPANY, way, word, LATER)

    assert not told(replace(HEX, to="+79161234560"))
    assert not told(replace(HEX, to=""))
    assert told(HEX)
    assert told(HEX, SECOND)
    assert (message.row.delivery, other.row.delivery) == ("delivered", "delivered")


def test_an_account_brings_receipts_to_all_its_connections(run: Run) -> None:
    """Two senders at one SMS centre are two sessions of one account: receipts come by either. Another account's do not."""
    centre = "smpp://${LOGIN}:${PASSWORD}@centre.example:2775"
    ways = (
        Connection("brand", "sms", f"{centre}?receipts=yes", "KUHNI"),
        Connection("news", "sms", f"{centre}/?system_type=VMA", "NEWS"),
        Connection("else", "sms", "smpp://${OTHER}:${PASSWORD}@centre.example:2775"),
    )
    company = Installation(connections={each.id: each for each in ways})
    by_default = Message(run).accepted("7")
    named = Message(run, to="+79161234560", via="news").accepted("8")
    elsewhere = Message(run, to="+79161234561", via="else").accepted("9")
    for way, id_ in ((ways[1], "7"), (ways[0], "8")):
        assert report(run.store, run.vault, company, way, Report("delivered", id=id_), LATER)
    assert not report(run.store, run.vault, company, ways[0], Report("delivered", id="9"), LATER)
    rows = (by_default.row, named.row, elsewhere.row)
    assert [row.delivery for row in rows] == ["delivered", "delivered", ""]


def test_a_centre_that_only_the_environment_names(run: Run) -> None:
    """`LEADFLOW_SMS_URL` and no connection: its messages name none, nor do its receipts."""
    message = Message(run).accepted("7")
    bare = Connection("", "sms")
    assert report(run.store, run.vault, Installation(), bare, Report("delivered", id="7"), LATER)
    assert message.row.delivery == "delivered"


def test_a_note_to_our_people_tells_the_lead_nothing(run: Run) -> None:
    """Its row shows that it came back; no fact about the client, no address of his."""
    note = NotifyPeople(key=run.key("notify"), to=People(names=("anna",)))
    run.commit(note)
    ledger = Ledger(run.store, run.vault)
    mine = ledger.claim(note.key, "w", NOW)
    ledger.hand_over(mine, NOW, NOW)
    ledger.finish(mine, "accepted", NOW)
    told = Report("dead", key=mine.hash)
    assert report(run.store, run.vault, COMPANY, MAIL, told, LATER)
    (row,) = outbox(run.store)
    assert row.delivery == "undelivered"
    assert waiting(run.store, run.vault, run.lead)[0].events[0].id == "created"
    assert run.store.read(lambda c: c.execute(sa.select(suppressions)).all()) == []


def test_of_an_erased_lead_only_the_word_is_kept(run: Run) -> None:
    """Its key is gone: no fact is sealed for nobody."""
    message = Message(run).accepted()
    gone = EraseLead(key=f"{run.lead}/pipeline/0/erase/1")
    run.commit(gone, fields={}, erased=iso(NOW))
    run.vault.forget(run.lead)
    assert message.hears("undelivered")
    assert message.row.delivery == "undelivered"
