"""The hand-written process is a fair one: it does all that the reference process says, and refuses what does not fit."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError

from bench.baseline.shapes import TASK_QUEUE, Inquiry, Mail, Move, Task
from bench.baseline.store import BaselineStore
from bench.baseline.workflow import STAGE, BenchLead
from bench.meter import settled
from proving.processes import ROOT
from proving.sinks.process import Sink
from workflows.connect import define_search_attributes

LEAD = "baseline-test"
INQUIRY = Inquiry(LEAD, "Иван", "+79161234567", "ivan@example.org")


@pytest.fixture
def smtp(tmp_path: Path) -> Iterator[Sink]:
    with Sink("smtp", tmp_path) as sink:
        yield sink


@pytest.fixture
def database(tmp_path: Path, temporal_server: str, smtp: Sink) -> Iterator[str]:
    """Of a worker that runs."""
    url = f"sqlite:///{tmp_path / 'baseline.db'}"
    command = [sys.executable, "-m", "bench.baseline.worker", temporal_server, url]
    with subprocess.Popen([*command, f"127.0.0.1:{smtp.port}"], cwd=ROOT) as worker:
        yield url
        worker.terminate()
    assert worker.returncode == 0


async def test_it_lives(temporal_server: str, database: str, smtp: Sink) -> None:
    """A decision out of turn or without a price is refused; in turn they lead to one letter, one deal and the end."""
    client = await Client.connect(temporal_server)
    await define_search_attributes(client, [STAGE])
    handle = await client.start_workflow(BenchLead.run, INQUIRY, id=LEAD, task_queue=TASK_QUEUE)
    await refused(handle, "consent")
    await refused(handle, "qualify", "")
    assert await handle.execute_update(BenchLead.qualify, "12500") == "qualified"
    await settled(client, LEAD)
    (letter,) = smtp.messages()
    assert (letter["to"], letter["key"]) == ("ivan@example.org", f"{LEAD}/offer")
    assert await handle.execute_update(BenchLead.consent) == "agreed"
    assert await handle.query(BenchLead.stage) == "agreed"
    assert await handle.execute_update(BenchLead.convert) == "won"
    assert await handle.result() == "won"
    with closing(BaselineStore(database)) as store:
        assert store.deals() == 1
    assert smtp.count() == 1


async def refused(handle: WorkflowHandle[BenchLead, str], update: str, *arguments: str) -> None:
    with pytest.raises(WorkflowUpdateFailedError):
        await handle.execute_update(update, args=arguments)


def test_its_rows_are_written_once(tmp_path: Path) -> None:
    """Each action may be tried again: sellers take turns by leads, a deal is made once, open tasks end with their stage."""
    with closing(BaselineStore(f"sqlite:///{tmp_path / 'rows.db'}")) as store:
        store.prepare()
        store.prepare()
        assert store.assign(INQUIRY) == store.assign(INQUIRY) == "boris"
        assert store.assign(Inquiry("another", "Анна", "", "")) == "anna"
        for _ in range(2):
            store.create_task(Task(LEAD, "new", "Связаться"))
            store.move(Move(LEAD, "qualified", "12500"))
            assert store.convert(Move(LEAD, "won", "12500")) == LEAD
        assert store.deals() == 1
        assert store.open_tasks(LEAD) == []
        store.create_task(Task(LEAD, "won", "Поздравить"))
        assert store.open_tasks(LEAD) == ["Поздравить"]
        letter = Mail(LEAD, "offer", "Иван", "ivan@example.org", "12500")
        assert not store.is_sent(letter)
        store.sent(letter)
        assert store.is_sent(letter)
