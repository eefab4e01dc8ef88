"""Lives worth recording: between them they do everything that a lead's workflow can do (`tests.workflows.record`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from leadflow.engine.clock import iso
from leadflow.engine.decide import begin
from leadflow.engine.events import (
    AnyEvent,
    Created,
    FieldsSet,
    Released,
    Reopened,
    Signal,
    Snoozed,
    TaskDone,
    Woken,
)
from leadflow.spec.compile.pipeline import Compiled, compile_text
from leadflow.store.intake import add_lead, waiting
from leadflow.store.published import Release, newest, publish
from tests.support.running import OLGA, Home, until
from tests.support.tiny import TINY, tiny
from workflows import names
from workflows.lead import LeadWorkflow
from workflows.shapes import Start

FULL = """
pipeline: full
title: Заявки
calendar: {timezone: Europe/Moscow, days: mon-fri, hours: "09:00-19:00", holidays: RU}
fields:
  name:  {type: person, label: Имя}
  phone: {type: phone, label: Телефон}
  email: {type: email, label: E-mail}
  visit: {type: datetime, label: Визит}
routing: [{assign: {round_robin: sales}}]
stages:
  new:
    on_enter:
      - create_task:
          id: contact
          title: "Позвонить: {{ lead.phone }}"
          due: 2 working days at 10:00
          remind: 1 working hour
          outcomes: {reached: Поговорили, no_answer: Не ответил}
    attempts: {task: contact, outcome: no_answer, again: 1 second, times: 3, exhausted: {goto: lost}}
    exits:
      - {task: contact, outcome: reached, goto: offered, requires: [email]}
  offered:
    on_enter: [{send_email: offer}, {create_task: {id: discuss, title: Обсудить, due: visit}}]
    sla: {within: 3 working days, overdue: [{notify: supervisor}]}
    sequence:
      stop_when: [replied]
      steps:
        - {after: 1 second, send_email: reminder}
        - {after: 2 seconds, notify: owner}
        - {after: 9 working days, send_email: reminder, id: last}
    when:
      - {signal: replied, do: [{create_task: {id: answer, title: Ответить}}]}
      - {at: 1 day before visit, do: [{notify: owner}]}
    exits:
      - {signal: agreed, goto: won}
      - {signal: refused, goto: lost}
      - {after: 60 days, goto: lost}
  won: {final: success, convert: [{create: [contact]}]}
  lost: {final: failure, reopen: new}
"""
LOOPED = TINY.replace(
    "      - {task: contact,",
    "      - {if: lead.price > 100, goto: offered}\n      - {task: contact,",
).replace(
    "      - {signal: refused,",
    "      - {if: lead.price > 100, goto: new}\n      - {signal: refused,",
)
"""Of a lead that is dear enough it never comes to rest."""


def full() -> Compiled:
    return compile_text(
        FULL,
        offer_email_md="Subject: Offer\n\nHello",
        reminder_email_md="Subject: Still there?\n\nHello",
    )


def looped() -> Compiled:
    return tiny(LOOPED)


PIPELINES = (full(), tiny())
Keep = Callable[[Home, str, str], Awaitable[None]]
"""Writes the history of a lead's present run under a name."""


async def _begun(one: Home, pipeline: str) -> str:
    created = Created(id="c", fields={"phone": "+79161234567", "name": "Ivan"})
    lead = (await one.gateway.add(pipeline, created, source="t", external_id="")).lead
    await until(lambda: one.card(lead), lambda card: card.owner)
    await one.calm(lead)
    return lead


async def _act(one: Home, lead: str, event: AnyEvent) -> None:
    answer = await one.gateway.act(lead, event)
    assert not answer.refusals, answer.refusals


async def _ended(one: Home, lead: str) -> None:
    await one.client.get_workflow_handle(lead).result()


async def sold(one: Home, keep: Keep) -> None:
    """Attempts, a reminder far ahead, a mail, steps of a sequence, a reply, a snooze, a date, a conversion."""
    lead = await _begun(one, "full")
    missed = TaskDone(id="a1", actor=OLGA, task="contact", outcome="no_answer")
    await _act(one, lead, missed)
    await until(lambda: one.card(lead), lambda card: card.tasks["contact"].count == 2)
    fields = {"email": "c@example.org"}
    reached = TaskDone(id="a2", actor=OLGA, task="contact", outcome="reached", fields=dict(fields))
    await _act(one, lead, reached)
    await until(lambda: one.card(lead), lambda card: card.programs["offered/sequence"].step == 2)
    far = iso(await one.clock.now() + timedelta(days=40))
    await _act(one, lead, FieldsSet(id="v", actor=OLGA, fields={"visit": far}))
    soon = iso(await one.clock.now() + timedelta(seconds=3))
    await _act(one, lead, Snoozed(id="z", actor=OLGA, until=soon))
    await until(lambda: one.card(lead), lambda card: card.sleep is None)
    later = iso(await one.clock.now() + timedelta(days=3))
    await _act(one, lead, Snoozed(id="y", actor=OLGA, until=later))
    await _act(one, lead, Woken(id="w", actor=OLGA))
    await one.gateway.tell(lead, Signal(id="r", name="replied"))
    await until(lambda: one.card(lead), lambda card: "answer" in card.tasks)
    await _act(one, lead, Signal(id="s", actor=OLGA, name="agreed"))
    await _ended(one, lead)
    await keep(one, lead, "sold")


async def reopened(one: Home, keep: Keep) -> None:
    """Lost, opened again in a run of its own, lost again."""
    lead = await _begun(one, "full")
    for n in range(3):
        missed = TaskDone(id=f"a{n}", actor=OLGA, task="contact", outcome="no_answer")
        await until(lambda: one.card(lead), lambda card: card.tasks["contact"].status == "open")
        await _act(one, lead, missed)
    await _ended(one, lead)
    await keep(one, lead, "lost")
    await _act(one, lead, Reopened(id="again", actor=OLGA))
    await one.gateway.tell(lead, Signal(id="r", name="replied"))
    await one.calm(lead)
    await keep(one, lead, "reopened")


async def talk(one: Home, keep: Keep) -> None:
    """Decisions and facts: a refusal, an edit, a reply, a task, a mail, a sale; one decision twice."""
    lead = await _begun(one, "tiny")
    edit = FieldsSet(id="f", actor=OLGA, fields={"price": "5", "email": "c@example.org"})
    done = TaskDone(id="t", actor=OLGA, task="contact", outcome="reached")
    assert (await one.gateway.act(lead, done)).refusals
    for event in (edit, done, edit):
        await _act(one, lead, event)
    await one.gateway.tell(lead, Signal(id="r", name="replied"))
    await until(lambda: one.card(lead), lambda card: "answer" in card.tasks)
    await _act(one, lead, Signal(id="s", actor=OLGA, name="agreed"))
    await _ended(one, lead)
    await keep(one, lead, "talk")


async def renewed(one: Home, keep: Keep) -> None:
    """Continue-as-new: the end of one run and the beginning of the next."""
    created = Created(id="c", fields={"phone": {"number": "+79161234567"}})
    lead = add_lead(one.store, one.vault, "tiny", created, now=await one.clock.now()).lead
    (kept,) = waiting(one.store, one.vault, lead)
    version = newest(one.store, "tiny")
    start = Start(version.packed, begin(version.pipeline, lead), kept.events, renew_at=30)
    first = await one.client.start_workflow(
        LeadWorkflow.run, start, id=lead, task_queue=names.LEADS_QUEUE
    )
    for n in range(8):
        edit = FieldsSet(id=f"e{n}", actor=OLGA, fields={"price": str(n)})
        await _act(one, lead, edit)
    run = first.first_execution_run_id or ""
    await until(lambda: _run(one, lead), lambda present: present != run)
    await _act(one, lead, FieldsSet(id="on", actor=OLGA, fields={"price": "9"}))
    await one.calm(lead)
    await keep(one, f"{lead}/{run}", "renewing")
    await keep(one, lead, "renewed")


async def _run(one: Home, lead: str) -> str:
    return (await one.client.get_workflow_handle(lead).describe()).run_id or ""


async def mended(one: Home, keep: Keep) -> None:
    """A loop without a wait parks the lead, facts wait; a version without the loop, released under that."""
    good, bad = Release(tiny().pipeline, tiny().blobs), Release(looped().pipeline, looped().blobs)
    publish(one.store, [bad], by="olga", now=await one.clock.now())
    lead = await _begun(one, "tiny")
    dear = FieldsSet(id="f", actor=OLGA, fields={"price": "500"})
    assert (await one.gateway.act(lead, dear)).refusals
    await until(lambda: one.card(lead), lambda card: card.quarantined)
    await one.gateway.tell(lead, Signal(id="r", name="replied"))
    await until(lambda: one.card(lead), lambda card: card.held)
    publish(one.store, [good], by="olga", now=await one.clock.now())
    await one.calm(lead)
    await one.gateway.migrate(lead, newest(one.store, "tiny"), OLGA)
    await _act(one, lead, Released(id="free", actor=OLGA))
    await one.calm(lead)
    await keep(one, lead, "mended")


LIVES = (sold, reopened, talk, renewed, mended)
