"""What nobody can know becomes a task; who completes it decides what happens to the message."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from leadflow.engine.events import Created, TaskDone
from leadflow.store.outbox import outbox
from leadflow.store.todo import find_tasks
from proving.sinks.process import Sink
from tests.support.running import ANNA, home, until, working
from tests.support.tiny import tiny

FIELDS = {"phone": "+79161234567", "name": "Иван", "email": "c@example.org", "price": "1"}


@pytest.mark.parametrize(
    ("verdict", "state", "arrived"),
    [("sent", "accepted", 1), ("resend", "accepted", 2), ("drop", "dropped", 1)],
)
async def test_settled(
    tmp_path: Path, temporal_server: str, verdict: str, state: str, arrived: int
) -> None:
    """The connection is lost before the 250. The manager says: it is there, send it again (the same), or leave it."""
    with Sink("smtp", tmp_path) as smtp:
        smtp.script({"at": "accepted", "drop": True, "times": 1})
        async with (
            home(tmp_path, temporal_server, tiny(), smtp_url=smtp.url) as one,
            working(one.settings),
        ):
            created = Created(id="c", fields=FIELDS)  # type: ignore[arg-type]  # raw values
            lead = (await one.gateway.add("tiny", created, source="t", external_id="")).lead
            await one.until(lead, lambda row: row.version > 0)
            await one.calm(lead)
            done = TaskDone(id="t", actor=ANNA, task="contact", outcome="reached")
            await one.gateway.act(lead, done)
            (task,) = await until(
                lambda: [each for each in find_tasks(one.store, lead=lead) if each.settles], bool
            )
            assert (task.assignee, outbox(one.store)[0].state) == ("anna", "ambiguous")
            settle = TaskDone(id="s", actor=ANNA, task=task.task, outcome=verdict)
            assert not (await one.gateway.act(lead, settle)).refusals
            await until(lambda: outbox(one.store)[0].state, lambda found: found == state)
            await one.calm(lead)
            await asyncio.to_thread(smtp.wait, arrived)
            assert not [each for each in find_tasks(one.store, lead=lead) if each.settles]
            assert (await one.card(lead)).sends == {}
        mails = smtp.messages()
        assert len(mails) == arrived
        assert len({mail["sha256"] for mail in mails}) == 1
