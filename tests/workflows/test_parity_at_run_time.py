"""P3 at run time: a build that is not deterministic gets hold of living leads, and harms none of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio.api.enums.v1 import WorkflowTaskFailedCause

from leadflow.engine.events import Created, FieldsSet, Signal, TaskDone
from leadflow.errors import Unreachable
from leadflow.store.leads import history
from leadflow.store.outbox import outbox
from proving.sinks.process import Sink
from tests.support.hasty import HastyWorkflow
from tests.support.running import OLGA, Home, home, until, working
from tests.support.tiny import tiny


async def test_a_bad_build_harms_no_lead(
    tmp_path: Path, temporal_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its tasks fail and are tried again, nothing is decided, sent or lost; under the good build the lead goes on.

    What was told meanwhile is applied then, once; the message that was sent is not sent again.
    """
    with Sink("smtp", tmp_path) as smtp:
        async with home(tmp_path, temporal_server, tiny(), smtp_url=smtp.url) as one:
            async with working(one.settings):
                lead = await _offered(one)
            before = one.row(lead), [each.event for each in history(one.store, lead)]
            with monkeypatch.context() as bad:
                bad.setattr("workflows.workers.LeadWorkflow", HastyWorkflow)
                bad.setattr("workflows.patience.PATIENCE", 2.0)
                async with working(one.settings):
                    await one.gateway.tell(lead, Signal(id="news", name="replied"))
                    edit = FieldsSet(id="edit", actor=OLGA, fields={"price": "7"})
                    with pytest.raises(Unreachable):
                        await one.gateway.act(lead, edit)
                    assert await until(lambda: _failures(one, lead), bool) == {NOT_DETERMINISTIC}
            assert (one.row(lead), [each.event for each in history(one.store, lead)]) == before
            async with working(one.settings):
                assert not (await one.gateway.act(lead, edit)).refusals
                card = await until(lambda: one.card(lead), lambda card: "answer" in card.tasks)
                sold = await one.gateway.act(lead, Signal(id="s", actor=OLGA, name="agreed"))
                assert (card.fields["price"], sold.closed) == ("7", "success")
                await one.client.get_workflow_handle(lead).result()
            told = [each.event for each in history(one.store, lead)]
            assert [told.count(each) for each in ("news", "edit", "s")] == [1, 1, 1]
            assert len(smtp.messages()) == len(outbox(one.store, lead=lead)) == 1


NOT_DETERMINISTIC = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR


async def _offered(one: Home) -> str:
    created = Created(id="c", fields={"phone": "+79161234567", "name": "Иван"})
    lead = (await one.gateway.add("tiny", created, source="t", external_id="")).lead
    await until(lambda: one.card(lead), lambda card: card.owner)
    fields = {"price": "5", "email": "a@example.org"}
    done = TaskDone(id="t", actor=OLGA, task="contact", outcome="reached", fields=dict(fields))
    assert not (await one.gateway.act(lead, done)).refusals
    await until(lambda: one.card(lead), lambda card: card.stage == "offered" and not card.sends)
    await one.calm(lead)
    return lead


async def _failures(one: Home, lead: str) -> set[int]:
    """Why workflow tasks of the lead have failed."""
    events = (await one.client.get_workflow_handle(lead).fetch_history()).events
    return {
        event.workflow_task_failed_event_attributes.cause
        for event in events
        if event.HasField("workflow_task_failed_event_attributes")
    }
