"""A lead lives end to end: stored, refused, decided, mailed, closed; on both databases."""

from __future__ import annotations

import asyncio
from pathlib import Path

from leadflow.engine.events import Created, Signal, TaskDone
from leadflow.store.outbox import outbox
from leadflow.store.todo import find_tasks
from proving.sinks.process import Sink
from tests.support.running import ANNA, home, working
from tests.support.tiny import tiny


async def test_a_lead_lives(tmp_path: Path, temporal_server: str, database_url: str) -> None:
    """From an inquiry to a sale: a refusal names all that is missing, the mail arrives once, the run ends."""
    with Sink("smtp", tmp_path) as smtp:
        async with (
            home(
                tmp_path, temporal_server, tiny(), database=database_url, smtp_url=smtp.url
            ) as one,
            working(one.settings),
        ):
            gateway = one.gateway
            created = Created(id="c1", fields={"phone": "8 (916) 123-45-67", "name": "Иван Петров"})
            lead = (await gateway.add("tiny", created, source="test", external_id="x1")).lead
            row = await one.until(lead, lambda row: row.version > 0)
            await one.calm(lead)
            assert (row.stage, row.owner, row.title) == ("new", "anna", "Иван Петров")
            (task,) = find_tasks(one.store, user="anna")
            assert task.title == "Позвонить: +7 916 123-45-67"

            done = TaskDone(id="t1", actor=ANNA, task="contact", outcome="reached")
            refused = await gateway.act(lead, done)
            assert {one.id for one in refused.refusals} == {"price", "email"}

            filled = TaskDone(
                id="t1",
                actor=ANNA,
                task="contact",
                outcome="reached",
                fields={"price": "12 500,50", "email": "client@example.org"},
            )
            answer = await gateway.act(lead, filled)
            assert (answer.refusals, answer.stage) == ((), "offered")
            assert one.row(lead).stage == "offered"

            (mail,) = await asyncio.to_thread(smtp.wait, 1)
            (sent,) = outbox(one.store, lead=lead)
            assert (mail["to"], mail["key"]) == ("client@example.org", sent.hash)
            row = await one.until(
                lead, lambda _: outbox(one.store, lead=lead)[0].state == "accepted"
            )

            answer = await gateway.act(lead, Signal(id="s1", actor=ANNA, name="agreed"))
            assert (answer.stage, answer.closed) == ("won", "success")
            await one.client.get_workflow_handle(lead).result()
            assert one.row(lead).closed == "success"
            assert smtp.count() == 1
