"""The commit: what it writes, that it counts once, and what a store that is ahead answers."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from leadflow.engine.clock import iso
from leadflow.engine.decision import Note
from leadflow.engine.effects import (
    NotifyPeople,
    StartOther,
    WatchChanged,
)
from leadflow.engine.events import Created, Numbered
from leadflow.engine.pipeline import People
from leadflow.engine.state import Deadline, Sleep
from leadflow.errors import NotFound
from leadflow.store import outbox as box
from leadflow.store.commit import commit
from leadflow.store.db import Store
from leadflow.store.intake import waiting
from leadflow.store.keys import Vault
from leadflow.store.leads import Filters, find_lead, find_leads, history, load_state
from leadflow.store.published import Release, publish
from leadflow.text import render
from tests.store.samples import DEALS, NOW, PIPELINE, Run, together


@pytest.fixture
def run(shop: Store, vault: Vault) -> Run:
    return Run(shop, vault, number=1)


def test_a_lead_is_shown_as_its_state_says(run: Run) -> None:
    """Every column that a board reads follows the state; what it is called comes from whoever it is about."""
    due, until = NOW + timedelta(hours=2), NOW + timedelta(hours=1)
    run.commit(
        fields={"phone": {"number": "+79161234567"}, "price": "12500"},
        ticks=("requisites",),
        owner="anna",
        creator="boris",
        source="site",
        channel="form",
        deadlines={
            "a": Deadline(due=iso(due), kind="exit", ref="a", scope="stage/1"),
            "b": Deadline(due="", kind="exit", ref="b", scope="stage/1"),
        },
        sleep=Sleep(until=iso(until), since=iso(NOW)),
    )
    row = find_lead(run.store, run.lead)
    assert (row.version, row.stage, row.stage_title, row.title) == (
        1,
        "new",
        "Новый",
        "+7 916 123-45-67",
    )
    assert (row.owner, row.creator, row.source, row.channel) == ("anna", "boris", "site", "form")
    assert (row.fields["price"], row.ticks) == ("12500", ("requisites",))
    assert (row.next_deadline, row.snoozed_until, row.closed) == (due, until, "")
    run.commit(
        title="Пропуска",
        sleep=None,
        deadlines={},
        stage="won",
        closed="success",
        closed_at=iso(due),
    )
    row = find_lead(run.store, "1")
    assert (row.title, row.stage_title, row.closed, row.closed_at) == (
        "Пропуска",
        "Успех",
        "success",
        due,
    )
    assert (row.next_deadline, row.snoozed_until) == (None, None)
    assert row.card().stage_title == "Успех"
    assert load_state(run.store, run.vault, run.lead) == run.state


def test_the_timeline_keeps_every_event(run: Run) -> None:
    """When, what, who, through which door, with its notes; several events of one commit stand one after the other."""
    first = run.batch(notes=[Note("entered", "new", {"visit": 1}, pos="shop.yaml:3:1")])
    both = run.batch()
    run.apply(replace(both, happened=(*first.happened, *both.happened)))
    run.commit()
    moments = history(run.store, run.lead)
    assert [moment.version for moment in moments] == [1, 2, 3]
    assert [moment.event for moment in moments] == ["event-1", "event-2", "event-3"]
    assert (moments[0].kind, moments[0].actor, moments[0].via) == ("Signal", "anna", "cli:op")
    assert moments[0].at == NOW + timedelta(minutes=1)
    assert moments[0].notes == (Note("entered", "new", {"visit": 1}, pos="shop.yaml:3:1"),)


def test_a_repeated_commit_changes_nothing_and_answers_the_same(run: Run) -> None:
    """A retried activity: the same events again, whatever the clock says by then."""
    batch = run.batch(run.mail(), NotifyPeople(key=run.key("notify"), to=People(names=("sales",))))
    first = run.apply(batch)
    later = NOW + timedelta(hours=1)
    assert commit(run.store, run.vault, batch, render, later) == first
    assert len(history(run.store, run.lead)) == 1
    assert len(box.outbox(run.store)) == 4
    assert [planned.channel for planned in first.sends] == ["email"] * 4


def test_many_attempts_at_one_commit_make_one(run: Run) -> None:
    """A zombie attempt beside its successor: one of them writes, all answer the same."""
    batch = run.batch(run.mail())
    answers: list[object] = []
    together([lambda: answers.append(run.apply(batch))] * 6)
    assert len(answers) == 6
    assert all(answer == answers[0] for answer in answers)
    assert len(box.outbox(run.store)) == 1


def test_an_older_commit_is_answered_with_the_store_s_state(run: Run) -> None:
    """After an operator's reset the store is ahead: its state, its last facts, and all that may still have to go."""
    old = run.batch(run.mail())
    run.apply(old)
    run.commit(run.mail("send_email:second"), fields={"price": "2"})
    run.commit(fields={"price": "3"})
    answer = run.apply(old)
    assert answer.ahead == run.state
    keys = [run.key("send_email:offer"), run.key("send_email:second")]
    assert [planned.key for planned in answer.sends] == keys
    assert find_lead(run.store, run.lead).fields == {"price": "3"}


def test_another_event_under_the_same_version_is_no_repetition(run: Run) -> None:
    """The reset run decided something else: the store's own event of that version counts."""
    run.commit(event="click", fields={"price": "1"})
    kept = run.state
    other = replace(run.state, fields={"price": "2"})
    batch = run.batch(event="another")
    batch = replace(batch, state=other, happened=(replace(batch.happened[0], version=1),))
    answer = run.apply(batch)
    assert answer.ahead == kept
    assert find_lead(run.store, run.lead).fields == {"price": "1"}


def test_facts_of_the_last_commit_come_again_with_the_stores_state(
    shop: Store, vault: Vault
) -> None:
    """What the commit found out and the reset run never heard is told once more."""
    run = Run(shop, vault)
    old = run.batch()
    run.apply(old)
    run.state = replace(run.state, number=0)
    (fact,) = run.commit().facts
    assert isinstance(fact, Numbered)
    assert run.apply(old).facts == (fact,)


def test_a_lead_without_number_is_told_its_own(shop: Store, vault: Vault) -> None:
    """The number was given on storing; a state that does not know it hears of it."""
    run = Run(shop, vault)
    (fact,) = run.commit().facts
    assert isinstance(fact, Numbered)
    assert fact.number == find_lead(shop, run.lead).number
    assert run.commit(number=fact.number).facts == ()


def test_an_unknown_lead_is_not_made_up(run: Run, shop: Store, vault: Vault) -> None:
    """A commit for a lead that this database does not have fails and says so."""
    run.state = replace(run.state, lead="lead-elsewhere")
    with pytest.raises(NotFound, match="lead-elsewhere has no key"):
        run.commit()
    shop.write(lambda c: vault.create(c, "lead-elsewhere"))
    with pytest.raises(NotFound, match="lead-elsewhere is not in this database") as error:
        run.commit()
    assert "different homes" in error.value.hint


def test_an_unknown_version_of_the_pipeline_is_an_error(run: Run) -> None:
    """Nothing is guessed about a pipeline that was never published here; nothing is stored."""
    run.state = replace(run.state, hash="f" * 64)
    with pytest.raises(NotFound, match="was never published here"):
        run.commit()
    assert find_lead(run.store, run.lead).version == 0


def test_quarantine_raises_one_alert_and_ends_it(run: Run) -> None:
    """A parked lead shows its error on the card and among the alerts, until it is released."""
    for _ in range(2):
        run.commit(quarantined="EngineError: loop")
    assert find_lead(run.store, run.lead).quarantined == "EngineError: loop"
    assert [row.number for row in find_leads(run.store, Filters(quarantined=True))] == [1]
    assert [(one.cause, one.text) for one in box.find_alerts(run.store)] == [
        ("lead/1/quarantined", "lead 1 is quarantined: EngineError: loop")
    ]
    run.commit(quarantined="")
    assert box.find_alerts(run.store) == []


def test_watchers_follow_the_state(run: Run) -> None:
    """Roles and teams are watched by the people they mean now; what the state has no more, ends."""
    watch = WatchChanged(key=run.key("watch"), to=People(names=("supervisor",)), scope="stage/1")
    run.commit(watch, owner="anna", watchers={"supervisor": "stage/1", "sales": "stage/1"})
    watching = [u for u in ("olga", "anna", "boris", "vera", "root") if watched_by(run.store, u)]
    assert watching == ["olga", "anna", "boris", "vera"]
    run.commit(watch, watchers={"root": "stage/1"})
    assert [u for u in ("olga", "anna", "root") if watched_by(run.store, u)] == ["root"]


def watched_by(store: Store, user: str) -> list[int]:
    return [row.number for row in find_leads(store, Filters(watched_by=user))]


def test_another_pipeline_is_begun_once(run: Run) -> None:
    """A lead or deal in another pipeline is stored like any inquiry, with what it takes over and its owner."""
    batch = run.batch(
        StartOther(key=run.key("start"), pipeline=DEALS.id, fields={"price": "5", "unknown": "x"}),
        owner="boris",
        source="site",
        language="ru",
    )
    for _ in range(2):
        run.apply(batch)
    (deal,) = find_leads(run.store, Filters(kind="deal"))
    assert (deal.pipeline, deal.source, deal.creator, deal.fields) == (
        DEALS.id,
        "site",
        "boris",
        {"price": "5"},
    )
    (begun,) = waiting(run.store, run.vault, deal.id)
    (event,) = begun.events
    assert isinstance(event, Created)
    assert (event.number, event.language, event.actor.via) == (deal.number, "ru", "pipeline:shop")


def test_a_pipeline_that_is_not_there_raises_an_alert(run: Run) -> None:
    """The lead goes on; an administrator hears what is missing, once."""
    for node in ("start:1", "start:2"):
        run.commit(StartOther(key=run.key(node), pipeline="nothing", pos="shop.yaml:9:3"))
    (alert,) = box.find_alerts(run.store)
    assert (
        alert.text == "shop.yaml:9:3 wants to start pipeline 'nothing', which was never published"
    )
    assert len(find_leads(run.store)) == 1


def test_a_migrated_lead_changes_its_version(run: Run, shop: Store) -> None:
    """The row follows the version of the pipeline that the state runs on."""
    stage = replace(PIPELINE.stages["new"], title="Новая заявка")
    second = replace(PIPELINE, hash="b" * 64, stages={**PIPELINE.stages, "new": stage})
    publish(shop, [Release(second)], by="root", now=NOW)
    run.commit(hash=second.hash)
    row = find_lead(shop, run.lead)
    assert (row.hash, row.stage_title) == (second.hash, "Новая заявка")
