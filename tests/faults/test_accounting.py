"""The account of a whole life agrees; with any one entry of any book wrong it does not."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from leadflow.engine.decision import Note
from leadflow.engine.events import TaskDone, Timer
from leadflow.spec.compile.pipeline import compile_text
from leadflow.store.books import BookedRecord, Books, read_books
from leadflow.text import RenderPool
from proving.accounting import audit, judge, under_way
from proving.complaints import Kind
from proving.evidence import Evidence, Lives, Stop, Told
from proving.sinks.process import Sink
from tests.support.desk import NOON, Desk, desk
from tests.support.running import ANNA
from tests.support.tiny import OFFER

LIFE = """
pipeline: life
title: Жизнь
fields:
  name:  {type: person, label: Имя}
  email: {type: email, label: E-mail}
  price: {type: money, label: Стоимость, currency: RUB}
routing: [{assign: anna}]
stages:
  new:
    on_enter:
      - {create_task: {id: contact, title: Позвонить, outcomes: {reached: Поговорили}}}
      - {notify: supervisor}
    sequence:
      steps:
        - {after: 1 minute, send_email: offer}
        - {after: 1 day, send_email: again}
    exits:
      - {task: contact, outcome: reached, goto: won}
  won:
    final: success
    convert: {create: [contact, deal]}
"""
TEXTS = {"offer_email_md": OFFER, "again_email_md": OFFER}
LEAD_FIELDS: dict[str, Any] = {"name": {"first": "Иван"}, "email": "c@example.org", "price": "1"}


async def lived(one: Desk, smtp: Sink) -> str:
    """A lead with a word to the supervisor, two letters, the second of them ambiguous, and a conversion; its id."""
    made = compile_text(LIFE, **TEXTS)
    one.publish(made)
    one.urls["email"] = smtp.url
    lead, planned = one.lead(made, **LEAD_FIELDS)
    smtp.script({"at": "accepted", "drop": True, "match": {"to": "c@example.org"}, "skip": 1})
    for days in (0, 1):
        for each in planned:
            one.tell(lead, await one.send(each.key))
        one.clock.move(days=days, minutes=1)
        planned = one.tell(lead, Timer(id=f"t{days}", due=one.clock.at.strftime("%FT%TZ")))
    (last,) = planned
    one.tell(lead, await one.send(last.key))
    one.tell(lead, TaskDone(id="done", actor=ANNA, task="contact", outcome="reached"))
    return lead


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """What there is to compare after that life."""
    folder: Path = tmp_path_factory.mktemp("life")
    with RenderPool(size=1) as pool, Sink("smtp", folder) as smtp, desk(folder, pool=pool) as one:
        lead = asyncio.run(lived(one, smtp))
        assert (
            report := audit(one.store, one.vault, [smtp], told=Told([lead]))
        ).complaints == (), report
        books = read_books(one.store, one.vault)
        pipeline = compile_text(LIFE, **TEXTS).pipeline
        return Evidence(
            books,
            Counter(message["key"] for message in smtp.messages()),
            {pipeline.hash: pipeline},
            Told([lead]),
            Lives(dict(books.states), {lead: False}),
        )


def test_a_whole_life_agrees(evidence: Evidence) -> None:
    """Nothing to complain of; the printed account has every figure."""
    report = judge(evidence)
    assert report.complaints == ()
    assert under_way(evidence.books) == []
    ended = "2 accepted + 0 refused + 0 suppressed + 0 expired + 1 ambiguous + 0 dropped"
    assert str(report).splitlines() == [
        "leads     1 acknowledged, 1 stored, 1 begun, 1 closed, 0 quarantined",
        f"messages  3 planned = {ended} + 0 under way",
        "          3 arrived, 0 not due yet",
        "records   1 deals",
        "verdict   lost 0, doubled 0, after a stop 0, order 0, unexplained 0",
    ]


Wrong = Callable[[Evidence], Evidence]


def books(**change: Callable[[Books], Any]) -> Wrong:
    """Books of which some pages are others."""

    def wrong(evidence: Evidence) -> Evidence:
        pages = {name: page(evidence.books) for name, page in change.items()}
        return replace(evidence, books=structs.replace(evidence.books, **pages))

    return wrong


def send(number: int, **change: Any) -> Wrong:
    """The message of that number, the first planned first, is said to be otherwise."""

    def page(old: Books) -> Any:
        rows = list(old.sends)
        rows[number] = structs.replace(rows[number], **change)
        return rows

    return books(sends=page)


def arrived(number: int, count: int) -> Wrong:
    """So many copies of a message are at the sink."""

    def wrong(evidence: Evidence) -> Evidence:
        key = evidence.books.sends[number].hash
        return replace(evidence, arrived=Counter({**evidence.arrived, key: count}))

    return wrong


def stopped(evidence: Evidence) -> Evidence:
    """A stop was answered before the first letter went."""
    lead = evidence.books.leads[0].id
    return replace(evidence, told=Told([lead], [Stop(lead, NOON)]))


def acknowledged(evidence: Evidence) -> Evidence:
    return replace(evidence, told=Told([*evidence.told.leads, "lead-2"]))


def unasked(evidence: Evidence) -> Evidence:
    return replace(evidence, told=Told(["lead-2"]))


def runs(**running: bool) -> Wrong:
    return lambda evidence: replace(evidence, lives=Lives(evidence.lives.states, running))


def still_open(evidence: Evidence) -> Evidence:
    lead = evidence.books.leads[0].id
    return replace(evidence, lives=Lives({}, {lead: True}))


def elsewhere(evidence: Evidence) -> Evidence:
    ((lead, state),) = evidence.books.states.items()
    return replace(evidence, lives=Lives({lead: structs.replace(state, stage="new")}))


def unheard(evidence: Evidence) -> Evidence:
    """The workflow still waits for a message that has ended."""
    ((lead, state),) = evidence.books.states.items()
    run = structs.replace(next(iter(state.sends.values())), status="out")
    key = evidence.books.sends[1].effect
    return replace(evidence, lives=Lives({lead: structs.replace(state, sends={key: run})}))


def strange(evidence: Evidence) -> Evidence:
    return replace(evidence, arrived=Counter({**evidence.arrived, "f" * 32: 1}))


def noted(last: Sequence[Note], first: Sequence[Note] = ()) -> Wrong:
    """The first and the last event of the timeline say more than they did."""

    def page(old: Books) -> Any:
        begin, *middle, end = old.events
        begin = structs.replace(begin, notes=(*begin.notes, *first))
        return [begin, *middle, structs.replace(end, notes=(*end.notes, *last))]

    return books(events=page)


PLANNED, STOPPED = (
    Note(kind, "again", detail={"key": "lead-1/stage/1/send_email:again/9"})
    for kind in ("planned", "stopped")
)
NOBODYS = "lead-1/stage/1/send_email:offer/7"
WRONG: dict[str, tuple[Wrong, Kind]] = {
    "doubled": (arrived(1, 2), "doubled"),
    "resent more often than allowed": (arrived(1, 3), "doubled"),
    "called accepted": (arrived(1, 0), "lost"),
    "called refused": (send(1, state="refused", reason="550"), "unexplained"),
    "refused for no reason": (send(0, state="refused", reason="", reply=""), "unexplained"),
    "under way for ever": (send(1, state="claimed"), "unexplained"),
    "never planned": (strange, "unexplained"),
    "handed over before it was planned": (send(1, handed=NOON - timedelta(days=1)), "order"),
    "a step overtook the one before": (send(1, handed=NOON + timedelta(days=9)), "order"),
    "after a stop": (stopped, "after a stop"),
    "nobody is asked": (books(tasks=lambda old: []), "unexplained"),
    "asked twice": (books(tasks=lambda old: [*old.tasks, *old.tasks]), "unexplained"),
    "asked about what is known": (send(2, state="accepted"), "unexplained"),
    "no row": (books(sends=lambda old: old.sends[:1]), "lost"),
    "no row, though called back": (noted([STOPPED], [PLANNED]), "lost"),
    "no row of a notice": (books(sends=lambda old: old.sends[1:]), "lost"),
    "a row of nobody's": (send(1, key=NOBODYS, effect=NOBODYS), "unexplained"),
    "not heard of": (unheard, "unexplained"),
    "acknowledged and gone": (acknowledged, "lost"),
    "stored unasked": (unasked, "unexplained"),
    "never began": (
        books(leads=lambda old: [structs.replace(old.leads[0], version=0)]),
        "lost",
    ),
    "a gap": (books(events=lambda old: [*old.events[:2], *old.events[3:]]), "lost"),
    "no workflow": (runs(), "lost"),
    "a workflow of nobody's": (runs(stranger=True), "unexplained"),
    "closed and runs": (still_open, "lost"),
    "the board shows another stage": (elsewhere, "unexplained"),
    "a record is gone": (books(records=lambda old: old.records[1:]), "lost"),
    "an orphan": (
        books(records=lambda old: [*old.records, BookedRecord("contact", "x", old.leads[0].id, 9)]),
        "records",
    ),
    "a deal's life is gone": (
        books(records=lambda old: [structs.replace(each, run="lead-9") for each in old.records]),
        "lost",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_any_wrong_entry_is_complained_of(evidence: Evidence, name: str) -> None:
    """One entry is not as it was: the account says so, of the right kind."""
    wrong, kind = WRONG[name]
    report = judge(wrong(evidence))
    assert report.count(kind), report


def test_what_one_event_plans_and_calls_back_has_no_row(evidence: Evidence) -> None:
    """A step that comes due with the end of its stage: the timeline says both, the ledger never hears of it."""
    assert judge(noted([PLANNED, STOPPED])(evidence)).complaints == ()


def test_what_a_person_orders_again_is_not_stopped(evidence: Evidence) -> None:
    """A letter of which nobody could be sure was settled as *resend*, after the end of its lead's life."""
    orders = [
        Note("settled", "resend", detail={"key": each.effect}) for each in evidence.books.sends
    ]
    assert judge(noted(orders)(stopped(evidence))).complaints == ()


def test_what_was_sent_again_may_have_arrived_before(evidence: Evidence) -> None:
    """Nobody could be sure of a letter, the author has it sent again, and the repetition is refused: one may be there."""
    twice = send(1, state="refused", reason="550", resends=1)
    assert judge(twice(evidence)).complaints == ()


def test_a_long_report_is_cut(evidence: Evidence) -> None:
    """Twenty complaints are printed, of the rest the number."""
    many = replace(evidence, told=Told([f"lead-{number}" for number in range(30)]))
    assert str(judge(many)).splitlines()[-1] == "  and 11 more"
