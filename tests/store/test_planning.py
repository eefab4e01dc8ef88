"""What leaves the house is planned by the commit: a row a recipient, everything it needs frozen and sealed."""

from datetime import timedelta
from hashlib import sha256

import pytest
from msgspec.structs import replace

from leadflow.engine.clock import iso
from leadflow.engine.effects import (
    AudienceChange,
    CancelSends,
    Frozen,
    MakeDocument,
    NotifyPeople,
    PostWebhook,
    SettleSend,
    TaskChanged,
    TaskOpened,
)
from leadflow.engine.events import EffectDone
from leadflow.engine.pipeline import People, Text
from leadflow.engine.state import TaskRun
from leadflow.ports import Planned
from leadflow.store.db import Store
from leadflow.store.entries import Entry
from leadflow.store.keys import Vault
from leadflow.store.ledger import Ledger
from leadflow.store.outbox import answered_late, counts, outbox
from tests.store.samples import NOW, PIPELINE, Run, in_turn, person

LATER = NOW + timedelta(hours=1)
NAMES = (
    ("lead", "price"),
    ("owner", "name"),
    ("lead", "owner"),
    ("lead", "number"),
    ("document", "offer", "number"),
)


@pytest.fixture
def run(shop: Store, vault: Vault) -> Run:
    return Run(shop, vault, number=1, owner="anna")


@pytest.fixture
def ledger(shop: Store, vault: Vault) -> Ledger:
    return Ledger(shop, vault)


def test_a_message_is_planned_with_all_that_will_be_asked(run: Run, ledger: Ledger) -> None:
    """The row says which line of which version asked for what; only the hash of its key is for the outside."""
    mail = run.mail(
        ref="new/on_enter/0",
        pos="shop.yaml:7:9",
        via="second",
        not_after=iso(LATER),
        if_unsure="resend",
    )
    assert run.commit(mail).sends == (Planned(mail.key, "email"),)
    (row,) = outbox(run.store)
    assert (row.key, row.effect, row.hash) == (
        mail.key,
        mail.key,
        sha256(mail.key.encode()).hexdigest()[:32],
    )
    assert (row.state, row.kind, row.channel, row.connection, row.template) == (
        "planned",
        "SendMessage",
        "email",
        "second",
        "offer",
    )
    assert (row.planned, row.not_after, row.pos, row.number) == (NOW, LATER, "shop.yaml:7:9", 1)
    entry = ledger.find(mail.key)
    assert (entry.pipeline, entry.pipeline_hash, entry.if_unsure) == (
        "shop",
        PIPELINE.hash,
        "resend",
    )
    assert entry.effect == mail


def test_values_that_only_the_commit_knows_are_frozen_with_it(run: Run, ledger: Ledger) -> None:
    """Owner, number and a document's number of the same commit; what the engine has frozen stays as it was."""
    frozen = Frozen({"lead.price": ("money", "100")})
    mail = run.mail(body=Text(template="offer", names=NAMES), frozen=frozen)
    run.commit(MakeDocument(key=run.key("create_document:offer"), document="offer"), mail)
    effect = ledger.find(mail.key).effect
    assert not isinstance(effect, AudienceChange)
    assert effect.frozen.values == {
        "lead.price": ("money", "100"),
        "owner.name": ("text", "Анна"),
        "lead.owner": ("user", "anna"),
        "lead.number": ("number", "1"),
        "document.offer.number": ("text", "КП-2026-001"),
    }


def notified(run: Run, *names: str, **more: object) -> dict[str, tuple[str, ...]]:
    """Ledger keys (their end) → recipient, for a notification of these."""
    key = run.key("notify")
    run.commit(NotifyPeople(key=key, to=People(names=names), **more))  # type: ignore[arg-type]  # as the test says
    ledger = Ledger(run.store, run.vault)
    found = {}
    for row in outbox(run.store):
        effect = ledger.find(row.key).effect
        assert isinstance(effect, NotifyPeople)
        assert row.effect == key
        found[row.key.removeprefix(key)] = effect.users
    return found


def test_our_people_get_a_row_each(run: Run) -> None:
    """Roles, teams and names; whoever is meant twice gets one; the key of one among several ends in the user."""
    found = notified(run, "owner", "sales", "supervisor", users=("vera", "gone"))
    assert found == {
        "/anna": ("anna",),
        "/boris": ("boris",),
        "/vera": ("vera",),
        "/olga": ("olga",),
    }


def test_one_recipient_has_the_key_of_the_effect(run: Run) -> None:
    """Nothing is added to the key where there is one recipient only."""
    assert notified(run, "owner") == {"": ("anna",)}


def test_a_reminder_goes_to_the_assignee_whom_only_the_task_knows(run: Run) -> None:
    """Found by an earlier commit, in its row: he is reminded."""
    key = run.key("create_task:papers")
    state = {"papers": TaskRun(id="papers", key=key, scope="stage/1")}
    run.commit(TaskOpened(key=key, task="papers", assignee=in_turn("vera")), tasks=state)
    assert notified(run, task="papers", about="remind") == {"": ("vera",)}


def test_a_word_to_nobody_is_not_lost_silently(shop: Store, vault: Vault) -> None:
    """No owner: the row ends at once with its reason, and the lead is told."""
    run = Run(shop, vault, number=1)
    key = run.key("notify")
    answer = run.commit(NotifyPeople(key=key, to=People(names=("owner",))))
    assert answer.sends == ()
    (fact,) = answer.facts
    assert isinstance(fact, EffectDone)
    assert (fact.key, fact.result, fact.reason) == (key, "skipped", "no_address")
    (row,) = outbox(shop)
    assert (row.state, row.reason, row.finished) == ("suppressed", "no_address", NOW)


def test_a_webhook_and_an_audience_are_planned_too(run: Run, ledger: Ledger) -> None:
    """Each by its own channel; the audience's membership is ours at once."""
    body = {"owner": Text(source="{{ owner.name }}", names=(("owner", "name"),))}
    hook = PostWebhook(key=run.key("hook"), connection="erp", body=body)
    into = AudienceChange(key=run.key("into"), name="nurture", email="ivan@client.example")
    answer = run.commit(hook, into)
    assert [planned.channel for planned in answer.sends] == ["webhook", "audience"]
    effect = ledger.find(hook.key).effect
    assert isinstance(effect, PostWebhook)
    assert effect.frozen.values == {"owner.name": ("text", "Анна")}
    assert members(run.store) == ["nurture"]
    run.commit(replace(into, key=run.key("again")))
    assert members(run.store) == ["nurture"]
    run.commit(replace(into, key=run.key("out"), remove=True))
    assert members(run.store) == []


def members(store: Store) -> list[str]:
    return list(
        store.read(lambda c: c.exec_driver_sql("SELECT name FROM audiences").scalars().all())
    )


def test_what_was_put_off_comes_again_with_fresh_values(run: Run, ledger: Ledger) -> None:
    """Postponed before its hand-over: planned again under its key, rendered anew; once handed over it stays as it was."""
    old = Frozen({"lead.price": ("money", "1")})
    new = Frozen({"lead.price": ("money", "2")})
    run.commit(run.mail(frozen=old))
    mine = ledger.freeze(ledger.claim(run.key("send_email:offer"), "w", NOW), b"old", "<1@shop>")
    assert ledger.hand_over(mine, NOW, LATER).verdict == "postponed"
    assert run.commit(run.mail(frozen=new, not_after=iso(LATER))).sends == (
        Planned(mine.key, "email"),
    )
    again = ledger.claim(mine.key, "w", LATER)
    assert (again.message, again.not_after, again.effect) == (
        None,
        LATER,
        run.mail(frozen=new, not_after=iso(LATER)),
    )
    again = ledger.freeze(again, b"new", "<2@shop>")
    ledger.hand_over(again, LATER, LATER)
    ledger.release(again, "421")
    run.commit(run.mail(frozen=old))
    third = ledger.claim(mine.key, "w", LATER)
    assert (third.message, third.message_id) == (b"new", "<2@shop>")


def test_what_is_called_back_in_the_same_commit_does_not_go(run: Run, ledger: Ledger) -> None:
    """Two events in one commit, the second leaves the stage: the attempt finds it stopped, and tells the lead."""
    mail = run.mail()
    answer = run.commit(mail, CancelSends(key="cancel", keys=(mail.key,), reason="left"))
    assert answer.sends == (Planned(mail.key, "email"),)
    assert ledger.claim(mail.key, "w", NOW).state == "suppressed"


def test_all_recipients_are_called_back(run: Run) -> None:
    """The engine's key names all rows of an effect, and no other effect's."""
    key = run.key("notify")
    run.commit(NotifyPeople(key=key, to=People(names=("sales",))), run.mail())
    run.commit(CancelSends(key="cancel", keys=(key,), reason="left"))
    assert counts(run.store)["suppressed"] == 3
    assert counts(run.store)["planned"] == 1


def ambiguous(run: Run, ledger: Ledger) -> Entry:
    run.commit(run.mail())
    mine = ledger.claim(run.key("send_email:offer"), "w", NOW)
    ledger.hand_over(mine, NOW, NOW)
    return ledger.finish(mine, "ambiguous", NOW, reason="no answer after the dot")


@pytest.mark.parametrize(
    ("verdict", "state"), [("sent", "accepted"), ("drop", "dropped"), ("resend", "planned")]
)
def test_a_settled_send_follows_the_verdict(
    run: Run, ledger: Ledger, verdict: str, state: str
) -> None:
    """The task `settle` done: its row ends, or goes again."""
    mine = ambiguous(run, ledger)
    answer = run.commit(SettleSend(key=mine.key, verdict=verdict))  # type: ignore[arg-type]  # listed above
    assert answer.facts == ()
    assert answer.sends == ((Planned(mine.key, "email"),) if verdict == "resend" else ())
    (row,) = outbox(run.store)
    assert (row.state, row.reason) == (state, f"settled by anna: {verdict}")


def test_a_truth_that_came_late_is_listed_until_the_lead_has_heard(
    run: Run, ledger: Ledger
) -> None:
    """While the task asks, its row has ended: the sweep finds it; not while others of the effect are unsure."""
    key = run.key("notify")
    run.commit(NotifyPeople(key=key, to=People(names=("sales",))))
    rows = [ledger.claim(f"{key}/{user}", "w", NOW) for user in ("anna", "boris")]
    for mine in rows:
        ledger.hand_over(mine, NOW, NOW)
        assert ledger.unsure(ledger.claim(mine.key, "w", LATER), LATER, "died").state == "ambiguous"
    about = {"about": "settle", "settles": key}
    asked = TaskOpened(key=run.key("settle"), task="settle", assignee=person("owner"), **about)  # type: ignore[arg-type]  # texts
    run.commit(asked)
    ledger.finish(rows[0], "accepted", LATER)
    assert answered_late(run.store) == []
    ledger.finish(rows[1], "refused", LATER, reply="550")
    late = [(row.key, row.state) for row in answered_late(run.store)]
    assert late == [(rows[0].key, "accepted"), (rows[1].key, "refused")]
    run.commit(TaskChanged(key=asked.key, status="done"))
    assert answered_late(run.store) == []


def test_a_question_after_its_answer_is_listed_too(run: Run, ledger: Ledger) -> None:
    """An old doubt, told once more, has opened a task though the row was dropped meanwhile: the lead is to hear that."""
    mine = ambiguous(run, ledger)
    run.commit(SettleSend(key=mine.key, verdict="drop"))
    about = {"about": "settle", "settles": mine.key}
    run.commit(TaskOpened(key=run.key("settle"), task="settle", assignee=person("owner"), **about))  # type: ignore[arg-type]  # texts
    assert [row.state for row in answered_late(run.store)] == ["dropped"]


def test_the_truth_comes_before_a_verdict(run: Run, ledger: Ledger) -> None:
    """The server's answer was found while somebody wondered: it is not sent again, and the lead hears the truth."""
    mine = ambiguous(run, ledger)
    ledger.finish(replace(mine, fence=mine.fence - 1), "accepted", LATER, provider_id="q1")
    assert outbox(run.store)[0].state == "accepted"
    answer = run.commit(SettleSend(key=mine.key, verdict="resend"))
    assert answer.sends == ()
    (fact,) = answer.facts
    assert isinstance(fact, EffectDone)
    assert (fact.key, fact.result, fact.provider_id) == (mine.key, "accepted", "q1")
    assert run.commit(SettleSend(key=mine.key, verdict="drop")).facts == ()
    assert outbox(run.store)[0].state == "accepted"
