"""The ledger's transitions: who may take a row from where to where, and what every attempt finds."""

from datetime import timedelta

import pytest

from leadflow.engine.effects import CancelSends, NotifyPeople, SendMessage
from leadflow.engine.pipeline import People
from leadflow.errors import NotFound, Refused
from leadflow.store.db import Store
from leadflow.store.entries import Entry, EntryState
from leadflow.store.keys import Vault
from leadflow.store.ledger import RESENDS, Ending, Ledger
from leadflow.store.outbox import outbox
from tests.store.samples import NOW, Run

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def run(shop: Store, vault: Vault) -> Run:
    """A lead with one mail planned."""
    run = Run(shop, vault)
    run.commit(run.mail())
    return run


@pytest.fixture
def ledger(shop: Store, vault: Vault) -> Ledger:
    return Ledger(shop, vault)


@pytest.fixture
def mine(run: Run, ledger: Ledger) -> Entry:
    """The mail, claimed for a first attempt."""
    return ledger.claim(run.key("send_email:offer"), "worker-1", NOW)


@pytest.fixture
def handed(ledger: Ledger, mine: Entry) -> Entry:
    """The mail, being handed over."""
    assert ledger.hand_over(mine, NOW, NOW).verdict == "go"
    return mine


@pytest.fixture
def resending(shop: Store, vault: Vault) -> Run:
    """A lead with one mail planned that goes again where nobody can know (``if_unsure``)."""
    run = Run(shop, vault)
    run.commit(run.mail(if_unsure="resend"))
    return run


@pytest.fixture
def old(ledger: Ledger, resending: Run) -> Entry:
    """Its first attempt, handing over."""
    mine = ledger.claim(resending.key("send_email:offer"), "worker-1", NOW)
    assert ledger.hand_over(mine, NOW, NOW).verdict == "go"
    return mine


def died(ledger: Ledger, handed: Entry) -> Entry:
    """Its attempt is taken for dead, and nobody can be asked."""
    return ledger.unsure(ledger.claim(handed.key, "worker-2", LATER), LATER, "it died")


def test_a_planned_effect_is_claimed_with_all_it_needs(mine: Entry, run: Run) -> None:
    """The first attempt finds the effect as it was planned, and only a hash for the outside."""
    assert (mine.state, mine.fence, mine.channel, mine.template) == ("claimed", 1, "email", "offer")
    assert isinstance(mine.effect, SendMessage)
    assert (mine.effect.to, mine.effect_key) == ("ivan@client.example", mine.key)
    assert mine.message is None
    assert len(mine.hash) == 32
    assert run.lead not in mine.hash


def test_the_way_of_a_message_that_arrives(ledger: Ledger, handed: Entry, shop: Store) -> None:
    """Planned → claimed → handing over → accepted, each with its time; a later attempt is told the end."""
    done = ledger.finish(handed, "accepted", LATER, reply="250 ok", provider_id="q1")
    assert (done.state, done.finished, done.provider_id) == ("accepted", LATER, "q1")
    (row,) = outbox(shop)
    assert (row.planned, row.claimed, row.handed, row.finished) == (NOW, NOW, NOW, LATER)
    again = ledger.claim(handed.key, "worker-2", LATER)
    assert (again.state, again.reply, again.fence) == ("accepted", "250 ok", 1)


def test_a_claim_of_a_dead_attempt_is_taken_over(ledger: Ledger, mine: Entry) -> None:
    """Nothing was handed over yet, so trying again is safe; the dead attempt's fence opens nothing any more."""
    second = ledger.claim(mine.key, "worker-2", LATER)
    assert (second.state, second.fence) == ("claimed", 2)
    assert ledger.hand_over(mine, LATER, LATER).verdict == "lost"
    assert ledger.finish(mine, "refused", LATER).state == "claimed"
    ledger.release(mine, "421")
    assert ledger.hand_over(second, LATER, LATER).verdict == "go"


def test_a_hand_over_of_a_dead_attempt_is_ambiguous(ledger: Ledger, handed: Entry) -> None:
    """Nobody can know whether the message arrived: it is not sent again, and no third attempt changes that."""
    given = ledger.claim(handed.key, "worker-2", LATER)
    assert (given.state, given.fence, given.handed) == ("handing_over", handed.fence, NOW)
    found = ledger.unsure(given, LATER, "it died")
    assert (found.state, found.finished, found.reason) == ("ambiguous", LATER, "it died")
    assert ledger.claim(handed.key, "worker-3", LATER) == found
    assert ledger.unsure(given, LATER, "again") == found
    assert ledger.hand_over(found, LATER, LATER).verdict == "lost"


def test_what_may_be_resent_is_resent_so_often_and_no_more(
    shop: Store, ledger: Ledger, resending: Run
) -> None:
    """``if_unsure: resend``: the same bytes go again after each death in the hand-over, until somebody is asked."""
    key = resending.key("send_email:offer")
    ends = []
    for attempt in range(RESENDS + 1):
        mine = ledger.claim(key, f"worker-{attempt}", NOW)
        kept = ledger.freeze(mine, f"attempt {attempt}".encode(), "<1@shop>")
        assert kept.message == b"attempt 0"
        assert ledger.hand_over(mine, NOW, NOW).verdict == "go"
        ends.append(ledger.unsure(mine, NOW, "no answer").state)
    assert ends == ["planned"] * RESENDS + ["ambiguous"]
    assert outbox(shop)[0].resends == RESENDS


def test_rendered_bytes_are_frozen(ledger: Ledger, mine: Entry, shop: Store) -> None:
    """What was rendered first is what every attempt sends; in the database it is sealed."""
    first = ledger.freeze(mine, "Здравствуйте".encode(), "<1@shop>")
    assert first.message == "Здравствуйте".encode()
    second = ledger.claim(mine.key, "worker-2", LATER)
    kept = ledger.freeze(second, b"another", "<2@shop>")
    assert (kept.message, kept.message_id) == ("Здравствуйте".encode(), "<1@shop>")
    query = "SELECT bytes_sealed, effect_sealed FROM effects"
    row = shop.read(lambda c: c.exec_driver_sql(query).one())
    assert "Здравствуйте".encode() not in bytes(row[0])
    assert b"ivan@client.example" not in bytes(row[1])


def test_a_lost_attempt_freezes_nothing(ledger: Ledger, mine: Entry) -> None:
    """Bytes of an attempt that was taken over are not kept."""
    second = ledger.claim(mine.key, "worker-2", LATER)
    assert ledger.freeze(mine, b"old", "<1@shop>").message is None
    assert ledger.freeze(second, b"new", "<2@shop>").message == b"new"


@pytest.mark.parametrize("phase", ["claimed", "handing_over"])
def test_a_passing_refusal_gives_the_row_back(ledger: Ledger, mine: Entry, phase: str) -> None:
    """421, a full mailbox for now, no connection: the next attempt starts from the beginning, with the same bytes."""
    ledger.freeze(mine, b"bytes", "<1@shop>")
    if phase == "handing_over":
        ledger.hand_over(mine, NOW, NOW)
    ledger.release(mine, "421 try later")
    again = ledger.claim(mine.key, "worker-1", LATER)
    assert (again.state, again.fence, again.message) == ("claimed", 2, b"bytes")


@pytest.mark.parametrize("end", ["accepted", "refused", "ambiguous", "suppressed", "expired"])
def test_an_end_is_an_end(ledger: Ledger, handed: Entry, end: EntryState) -> None:
    """Once a row has ended, neither the same attempt nor a new one moves it."""
    assert ledger.finish(handed, end, LATER, reason="so").state == end  # type: ignore[arg-type]  # listed above
    ledger.release(handed, "late")
    assert ledger.finish(handed, "refused", LATER, reason="late").reason == "so"
    assert ledger.claim(handed.key, "worker-2", LATER).state == end


@pytest.mark.parametrize("truth", ["accepted", "refused"])
def test_the_truth_that_comes_late_replaces_a_guess(
    ledger: Ledger, handed: Entry, truth: EntryState
) -> None:
    """An attempt taken for dead comes back with the server's answer: the row, ambiguous by then, tells it."""
    assert died(ledger, handed).state == "ambiguous"
    told = ledger.finish(handed, truth, LATER, reply="from the server")  # type: ignore[arg-type]  # listed above
    assert (told.state, told.reply) == (truth, "from the server")


def test_a_late_acceptance_comes_before_the_resend(ledger: Ledger, old: Entry) -> None:
    """The old attempt says it arrived before anybody has claimed the second one: there is none."""
    assert died(ledger, old).state == "planned"
    assert ledger.finish(old, "accepted", LATER).state == "accepted"


def test_what_the_other_side_takes_once_goes_again(ledger: Ledger, handed: Entry) -> None:
    """`resend`: planned again whatever the spec says of doubt, counted, and only by the attempt it belongs to."""
    ledger.resend(handed, "no answer")
    again = ledger.claim(handed.key, "worker-2", LATER)
    assert (again.state, again.resends) == ("claimed", 1)
    ledger.hand_over(again, LATER, LATER)
    ledger.resend(handed, "the old one")
    assert ledger.claim(handed.key, "worker-3", LATER).state == "handing_over"


def test_a_late_acceptance_stops_the_resend(ledger: Ledger, old: Entry) -> None:
    """The old attempt says it arrived while the new one has not handed over yet: it goes no second time."""
    died(ledger, old)
    new = ledger.claim(old.key, "worker-2", LATER)
    assert new.state == "claimed"
    ledger.finish(old, "accepted", LATER)
    assert ledger.hand_over(new, LATER, LATER).verdict == "lost"
    assert ledger.claim(old.key, "worker-2", LATER).state == "accepted"


def test_a_late_acceptance_tells_what_a_stop_cannot_undo(
    ledger: Ledger, resending: Run, old: Entry
) -> None:
    """Stopped before it went a second time, and then the first attempt says it arrived: the row says so too."""
    died(ledger, old)
    ledger.claim(old.key, "worker-2", LATER)
    resending.commit(CancelSends(key="cancel", keys=(old.key,), reason="left"))
    assert ledger.finish(old, "refused", LATER).state == "suppressed"
    assert ledger.finish(old, "accepted", LATER).state == "accepted"


def test_a_late_guess_replaces_nothing(ledger: Ledger, handed: Entry) -> None:
    """From a lost attempt only certainty counts, and after a person has settled it not even that."""
    died(ledger, handed)
    assert ledger.finish(handed, "ambiguous", LATER, reason="late").reason != "late"
    ledger.settle(handed.key, "drop", "anna", LATER)
    assert ledger.finish(handed, "accepted", LATER).state == "dropped"


@pytest.mark.parametrize(
    ("verdict", "state"), [("sent", "accepted"), ("drop", "dropped"), ("resend", "planned")]
)
def test_a_person_settles_what_nobody_can_know(
    ledger: Ledger, handed: Entry, verdict: str, state: str
) -> None:
    """sent, drop or resend; the row says who decided, and the same verdict twice counts once."""
    ledger.freeze(handed, b"bytes", "<1@shop>")
    died(ledger, handed)
    settled = ledger.settle(handed.key, verdict, "anna", LATER)  # type: ignore[arg-type]  # listed above
    assert (settled.state, settled.reason) == (state, f"settled by anna: {verdict}")
    assert settled.message == b"bytes"
    again = ledger.settle(handed.key, verdict, "anna", LATER)  # type: ignore[arg-type]  # listed above
    assert again == settled


def test_only_what_is_ambiguous_can_be_settled(ledger: Ledger, handed: Entry) -> None:
    """Everything else is refused, with the state it is in."""
    with pytest.raises(Refused, match="is handing_over, not ambiguous"):
        ledger.settle(handed.key, "drop", "anna", LATER)


def test_effects_are_found_by_key_and_by_their_hash(
    ledger: Ledger, mine: Entry, shop: Store, vault: Vault
) -> None:
    """The key, the hash, or its first digits; nothing and several say where to look."""
    for name in (mine.key, mine.hash, mine.hash[:6]):
        assert ledger.find(name).key == mine.key
    other = Run(shop, vault)
    other.commit(other.mail())
    for name in ("nothing", ""):
        with pytest.raises(NotFound) as error:
            ledger.find(name)
        assert "leadflow outbox" in error.value.hint
    with pytest.raises(NotFound, match="was never planned"):
        ledger.claim("nothing", "worker-1", NOW)


def test_a_thread_is_what_has_arrived(shop: Store, vault: Vault, ledger: Ledger) -> None:
    """A reply refers to the mails that were accepted, the first always, then the last ones; not to notifications."""
    run = Run(shop, vault)
    for number in range(5):
        node = f"send_email:{number}"
        run.commit(run.mail(node))
        mine = ledger.claim(run.key(node), "worker-1", NOW)
        mine = ledger.freeze(mine, b"bytes", f"<{number}@shop>")
        ledger.hand_over(mine, NOW, NOW)
        state: Ending = "refused" if number == 2 else "accepted"
        ledger.finish(mine, state, NOW + timedelta(minutes=number))
    run.commit(NotifyPeople(key=run.key("notify"), to=People(names=("owner",)), users=("anna",)))
    assert ledger.thread(run.lead) == ["<0@shop>", "<1@shop>", "<3@shop>", "<4@shop>"]
    assert ledger.thread(run.lead, most=2) == ["<0@shop>", "<4@shop>"]
    assert ledger.thread(run.lead, "sms") == []
