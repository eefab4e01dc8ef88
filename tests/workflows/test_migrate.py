"""Running leads under another version: durable, once, carried on by renewals, resets and replays; nothing is sent twice."""

from __future__ import annotations

from typing import Any

import pytest
from temporalio.api.enums.v1 import ResetReapplyExcludeType

from leadflow.engine import migrate as engine
from leadflow.engine.decide import begin
from leadflow.engine.decision import Decision
from leadflow.engine.events import Created, FieldsSet, Signal, TaskDone
from leadflow.errors import NotFound
from leadflow.spec.compile.pipeline import Compiled
from leadflow.store.intake import add_lead, waiting
from leadflow.store.leads import history
from leadflow.store.outbox import outbox
from leadflow.store.published import Release, Version, newest, publish
from proving.sinks.process import Sink
from tests.support.running import ANNA, OLGA, Home, reset
from tests.support.tiny import TINY, tiny
from workflows import names
from workflows.lead import LeadWorkflow
from workflows.migration import Migration, Outcome, rehearse
from workflows.shapes import Start

RENAMED = TINY.replace("signal: agreed,", "signal: accepted,")
"""Another decision leads from the offer to the sale."""
SHORTER = RENAMED.replace("  offered:\n", "  sent:\n").replace("goto: offered", "goto: sent")
"""The stage "offered" is gone."""


OFFERED = TaskDone(
    id="t",
    actor=ANNA,
    task="contact",
    outcome="reached",
    fields={"price": "5", "email": "a@example.org"},
)
SIGNALS = ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL
UPDATES = ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE


async def release(one: Home, made: Compiled) -> Version:
    publish(one.store, [Release(made.pipeline, made.blobs)], by="olga", now=await one.clock.now())
    return newest(one.store, "tiny")


async def begun(one: Home) -> str:
    created = Created(id="c", fields={"phone": "+7 916 123-45-67", "name": "Иван"})
    lead = (await one.gateway.add("tiny", created, source="test", external_id="")).lead
    await one.until(lead, lambda row: row.owner != "")
    return lead


async def offered(one: Home) -> str:
    """A lead to whom an offer has been sent."""
    lead = await begun(one)
    assert not (await one.gateway.act(lead, OFFERED)).refusals
    await one.until(
        lead, lambda _: [row.state for row in outbox(one.store, lead=lead)] == ["accepted"]
    )
    await one.calm(lead)
    return lead


async def test_a_lead_goes_on_under_the_new_version(one: Home) -> None:
    """Board, search attribute and timeline say so; the same migration again changes nothing; no message goes twice."""
    lead = await offered(one)
    version = await release(one, tiny(RENAMED))
    before = one.row(lead)
    answer = await one.gateway.migrate(lead, version, OLGA)
    assert (answer.refusals, answer.stage, answer.waiting) == ((), "offered", False)
    again = await one.gateway.migrate(lead, version, OLGA)
    assert (again.refusals, again.version) == ((), answer.version)
    after = one.row(lead)
    assert (after.hash, after.version) == (version.hash, before.version + 2)  # "sent" had waited
    last = history(one.store, lead)[-1]
    assert (last.kind, last.actor, last.notes[0].kind) == ("Migrated", "olga", "migrated")
    await one.calm(lead)
    described = await one.client.get_workflow_handle(lead).describe()
    assert described.typed_search_attributes[names.VERSION] == version.hash[:12]
    refused = await one.gateway.act(lead, Signal(id="s", actor=ANNA, name="agreed"))
    assert [each.id for each in refused.refusals] == ["not_expected"]
    sold = await one.gateway.act(lead, Signal(id="s2", actor=ANNA, name="accepted"))
    assert (sold.stage, sold.closed) == ("won", "success")
    assert len(outbox(one.store, lead=lead)) == 1


async def test_a_version_without_the_stage_is_refused(one: Home) -> None:
    """The lead runs on, on its own version (P2); going back is publishing the old file again, and back again works, too."""
    lead = await offered(one)
    gone = await release(one, tiny(SHORTER))
    answer = await one.gateway.migrate(lead, gone, OLGA)
    assert [each.message for each in answer.refusals] == ["the new version has no stage 'offered'"]
    assert one.row(lead).hash == tiny().pipeline.hash
    renamed = await release(one, tiny(RENAMED))
    assert not (await one.gateway.migrate(lead, renamed, OLGA)).refusals
    back = await release(one, tiny())
    assert not (await one.gateway.migrate(lead, back, OLGA)).refusals
    forth = await release(one, tiny(RENAMED))
    assert (forth.hash, forth.number) == (renamed.hash, renamed.number)
    assert not (await one.gateway.migrate(lead, forth, OLGA)).refusals
    assert one.row(lead).hash == renamed.hash
    same = await one.gateway.migrate(lead, await release(one, tiny(RENAMED)), OLGA)
    assert [each.id for each in same.refusals] == ["not_expected"]
    kinds = [each.kind for each in history(one.store, lead)]
    assert kinds.count("Migrated") == 3


async def test_a_closed_lead_has_no_run(one: Home) -> None:
    """It is left alone, and so is one that nobody knows."""
    lead = await offered(one)
    await one.gateway.act(lead, Signal(id="s", actor=ANNA, name="agreed"))
    await one.client.get_workflow_handle(lead).result()
    version = await release(one, tiny(RENAMED))
    with pytest.raises(NotFound, match="has no run"):
        await one.gateway.migrate(lead, version, OLGA)
    with pytest.raises(NotFound, match="there is no lead"):
        await one.gateway.migrate("4711", version, OLGA)


async def test_a_renewed_run_keeps_the_version(one: Home) -> None:
    """Continue-as-new gives the next run the pipeline that the lead runs on now, not the one it began with."""
    created = Created(id="c", fields={"phone": {"number": "+79161234567"}})
    first = newest(one.store, "tiny")
    added = add_lead(one.store, one.vault, "tiny", created, now=await one.clock.now())
    (kept,) = waiting(one.store, one.vault, added.lead)
    lead = added.lead
    start = Start(first.packed, begin(first.pipeline, lead), kept.events, {}, renew_at=30)
    handle = await one.client.start_workflow(
        LeadWorkflow.run, start, id=lead, task_queue=names.LEADS_QUEUE
    )
    await one.until(lead, lambda row: row.owner != "")
    version = await release(one, tiny(TINY.replace("title: Новая", "title: Свежая")))
    assert not (await one.gateway.migrate(lead, version, OLGA)).refusals
    for n in range(12):
        edit = FieldsSet(id=f"e{n}", actor=ANNA, fields={"price": str(n)})
        assert not (await one.gateway.act(lead, edit)).refusals
    await one.calm(lead)
    described = await handle.describe()
    assert described.raw_description.workflow_execution_info.first_run_id != described.run_id
    assert (await one.card(lead)).hash == version.hash
    assert one.row(lead).stage_title == "Свежая"


async def test_after_a_reset_the_version_is_the_stores(one: Home) -> None:
    """A run reset to before its migration finds the store ahead: state and pipeline are taken from there."""
    lead = await offered(one)
    version = await release(one, tiny(RENAMED))
    await one.gateway.migrate(lead, version, OLGA)
    await reset(one, lead, forgetting=[SIGNALS, UPDATES])
    await one.gateway.tell(lead, Signal(id="news", name="replied"))
    await one.until(lead, lambda _: "news" in [each.event for each in history(one.store, lead)])
    await one.calm(lead)
    assert (await one.card(lead)).hash == version.hash
    sold = await one.gateway.act(lead, Signal(id="s2", actor=ANNA, name="accepted"))
    assert sold.closed == "success"
    assert len(outbox(one.store, lead=lead)) == 1


async def test_a_job_moves_what_it_can(one: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each lead is told of: moved, stuck, busy, without an answer; what has closed meanwhile is not. A second run goes on."""
    monkeypatch.setattr("workflows.migration.PAUSE_SECONDS", 0.01)
    new = [await begun(one) for _ in range(2)]
    out, dead = await offered(one), await begun(one)
    await one.client.get_workflow_handle(dead).terminate("a test")
    gone = await release(one, tiny(SHORTER))
    job = Migration(one.gateway, one.store, gone, OLGA)
    heard: list[Outcome] = []
    found = await job.run(100.0, heard.append)
    assert {each.lead: each.result for each in found} == {
        **dict.fromkeys(new, "moved"),
        out: "stuck",
        dead: "failed",
    }
    assert sorted(heard, key=lambda each: each.number) == found
    assert {each.lead: each.reasons for each in found if each.reasons} == {
        out: ("the new version has no stage 'offered'",),
        dead: (f"lead {one.row(dead).number} has no run",),
    }
    again = await job.run(100.0, heard.append)
    assert [each.lead for each in again] == [out, dead]
    rehearsed = rehearse(one.store, one.vault, gone, await one.clock.now())
    assert [(each.lead, each.result) for each in rehearsed] == [(out, "stuck"), (dead, "moved")]


async def test_a_lead_that_is_busy_is_asked_again(
    one: Home, smtp: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message is on its way of which the new version knows nothing: once it has arrived the lead moves."""
    monkeypatch.setattr("workflows.migration.PAUSE_SECONDS", 0.2)
    smtp.script({"at": "rcpt", "reply": "450 4.2.0 later", "times": 1})
    lead = await begun(one)
    await one.gateway.act(lead, OFFERED)
    await one.until(lead, lambda row: row.stage == "offered")
    text = RENAMED.replace("send_email: offer", "create_task: {id: write, title: Написать}")
    version = await release(one, tiny(text))
    (rehearsed,) = rehearse(one.store, one.vault, version, await one.clock.now())
    assert (rehearsed.result, rehearsed.reasons) == (
        "busy",
        ("'send_email:offer' is on its way, and the new version has it no more",),
    )
    monkeypatch.setattr("workflows.migration.TRIES", 1)
    (refused,) = await Migration(one.gateway, one.store, version, OLGA).run(9.0, lambda _: None)
    assert refused.result == "busy"
    monkeypatch.setattr("workflows.migration.TRIES", 100)
    (moved,) = await Migration(one.gateway, one.store, version, OLGA).run(9.0, lambda _: None)
    assert (moved.result, len(smtp.messages())) == ("moved", 1)


async def test_what_fails_is_no_refusal(one: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the engine in a migration harms no lead: it stays as it was, and the job says so."""
    real, works = engine.migrate, False

    def migrate(*given: Any) -> Decision:
        return real(*given) if works else given[99]

    monkeypatch.setattr("workflows.steps.migrate", migrate)
    lead = await begun(one)
    version = await release(one, tiny(RENAMED))
    (failed,) = await Migration(one.gateway, one.store, version, OLGA).run(9.0, lambda _: None)
    assert (failed.result, failed.reasons) == ("failed", ("IndexError: tuple index out of range",))
    works = True
    assert not (await one.gateway.migrate(lead, version, OLGA)).refusals
    assert one.row(lead).quarantined == ""
