"""A lead whose worker was killed, and which is asked something: whoever takes it over decides as every later replay does.

Decision 0018. What Temporal's core does with two tasks in a row that gave no command is seen here on the real thing.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetStickyTaskQueueRequest

import worker as product
import workflows
from leadflow.engine.events import Created, Signal
from leadflow.spec.compile.pipeline import compile_text
from leadflow.store.commit import commit
from proving.replays import replay_all
from proving.sinks.process import Sink
from tests.support import chaos
from tests.support.running import ANNA, Home, home, until, working
from tests.support.tasks import empty_tasks
from tests.support.tiny import OFFER
from workflows.lead import LeadWorkflow

LETTERS = """
pipeline: letters
title: Письма
fields:
  name:  {type: person, label: Имя}
  email: {type: email, label: E-mail}
  price: {type: money, label: Стоимость, currency: RUB}
routing: [{assign: anna}]
stages:
  new:
    on_enter: [{send_email: offer}, {send_email: again}]
    when: [{signal: call_in, do: [{create_task: {id: answer, title: Ответить}}]}]
    exits:
      - {signal: sell, label: Продать, goto: won}
      - {signal: paid, goto: lost}
  won: {final: success, convert: {create: [contact, deal]}}
  lost: {final: failure, reopen: new}
"""
LATE = LETTERS.replace(
    "      - {signal: paid", "      - {after: 6 seconds, goto: lost}\n      - {signal: paid"
)
FIELDS = {"name": "Иван", "email": "c@example.org", "price": "1"}
STALL = 1.5  # seconds: one letter's result is heard that much later than the other's


@contextlib.asynccontextmanager
async def corresponding(folder: Path, temporal: str, text: str = LETTERS) -> AsyncIterator[Home]:
    """An installation whose mail server says yes to one letter at once, to the other later."""
    made = compile_text(text, offer_email_md=OFFER, again_email_md=OFFER)
    with Sink("smtp", folder) as smtp:
        smtp.script({"at": "accepted", "stall": STALL, "times": 1})
        async with home(folder, temporal, made, smtp_url=smtp.url) as one:
            yield one


async def begun(one: Home, number: int = 0) -> str:
    created = Created(id=f"c{number}", fields=FIELDS)  # type: ignore[arg-type]  # raw values
    return (await one.gateway.add("letters", created, source="t", external_id="")).lead


async def answered(one: Home, lead: str) -> None:
    """Both results are heard."""
    await until(lambda: one.card(lead), lambda card: card.occurrences and not card.sends)


async def forgotten(one: Home, lead: str) -> None:
    """The server forgets which worker knew the lead, as it does some seconds after that has gone."""
    execution = WorkflowExecution(workflow_id=lead)
    request = ResetStickyTaskQueueRequest(namespace=one.client.namespace, execution=execution)
    await one.client.workflow_service.reset_sticky_task_queue(request)


async def looked_at(one: Home, lead: str) -> str:
    """Its stage; and whoever has looked tells it of something."""
    card = await one.card(lead)
    await one.client.get_workflow_handle(lead).signal(LeadWorkflow.mend, ())
    return card.stage


async def sold(one: Home, lead: str) -> None:
    answer = await one.gateway.act(lead, Signal(id="s", actor=ANNA, name="sell"))
    assert answer.refusals == ()
    await one.client.get_workflow_handle(lead).result()


async def test_who_takes_a_lead_over_decides_in_the_order_of_its_history(
    tmp_path: Path, temporal_server: str
) -> None:
    """Two results are heard, one after the other, and lead to nothing; the worker is killed; then comes a decision.

    Who takes over meets the second result and the decision at once, and takes them in the order in which they were: what
    it writes replays. (A worker that stops in peace tells the server, and never gets here.)
    """
    async with corresponding(tmp_path, temporal_server) as one:
        with chaos.worker(tmp_path, one.environment) as worker:
            lead = await begun(one)
            await answered(one, lead)
            await one.calm(lead)
            worker.kill()
            await sold(one, lead)
        assert (await replay_all(one.client, one.vault)).complaints == ()


@pytest.mark.parametrize(
    ("text", "fact", "stage"),
    [(LETTERS, "call_in", "new"), (LETTERS, "paid", "lost"), (LATE, "call_in", "lost")],
    ids=["open", "closed", "time is up"],
)
async def test_what_is_heard_while_a_commit_is_under_way_is_followed_by_a_command(
    text: str,
    fact: str,
    stage: str,
    tmp_path: Path,
    temporal_server: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The loop waits for the database; what is heard meanwhile leaves its mark all the same, also if the lead is closed."""
    database_is_back = threading.Event()
    commits: list[str] = []

    def waiting(*args: Any) -> Any:
        commits.append("asked")
        assert database_is_back.wait(20)
        return commit(*args)

    async with corresponding(tmp_path, temporal_server, text) as one:
        monkeypatch.setattr(product, "commit", waiting)
        async with working(one.settings):
            lead = await begun(one)
            await one.gateway.tell(lead, Signal(id="r", name=fact))
            await answered(one, lead)
            await until(lambda: one.card(lead), lambda card: card.stage == stage)
            assert commits == ["asked"]
            history = await one.client.get_workflow_handle(lead).fetch_history()
            database_is_back.set()
            await one.calm(lead)
        assert empty_tasks(history) == []


async def test_who_is_looked_at_while_no_worker_is_there_comes_to_no_harm(
    tmp_path: Path, temporal_server: str
) -> None:
    """Asked how it stands, told of something, then a worker comes, and it is told again: all it decides replays (decision 0020)."""
    async with corresponding(tmp_path, temporal_server) as one:
        async with working(one.settings):
            leads = [await begun(one, number) for number in range(30)]
            for lead in leads:
                await answered(one, lead)
                await one.calm(lead)
        for lead in leads:
            await forgotten(one, lead)
        looks = [asyncio.create_task(looked_at(one, lead)) for lead in leads]
        await asyncio.wait(looks, timeout=1)
        for lead in leads:
            await one.client.get_workflow_handle(lead).signal(LeadWorkflow.mend, ())
        async with working(one.settings):
            assert await asyncio.gather(*looks) == ["new"] * len(leads)
            for lead in leads:
                await one.calm(lead)
        assert (await replay_all(one.client, one.vault)).complaints == ()


def test_leads_answer_no_queries() -> None:
    """A query may be replayed with a signal whose task nobody has begun: the lead would be lost to that worker."""
    files = Path(workflows.__file__).parent.rglob("*.py")
    assert [file.name for file in files if "@workflow.query" in file.read_text("utf-8")] == []
