"""The worker is killed by the mail server itself, at a position of the protocol (faults W2–W7): kill -9, started again."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadflow.engine.events import Created, TaskDone
from leadflow.store.outbox import outbox
from leadflow.store.todo import find_tasks
from proving.accounting import complaints, drained
from proving.sinks.process import Sink
from tests.support import chaos
from tests.support.running import ANNA, home, until
from tests.support.tiny import tiny

FIELDS = {"phone": "+79161234567", "name": "Иван", "email": "c@example.org", "price": "1"}


@pytest.mark.parametrize(
    ("phase", "ends", "arrived"),
    [
        ("rcpt", {"accepted"}, {1}),
        ("data", {"accepted"}, {1}),
        ("go", {"accepted", "ambiguous"}, {0, 1}),
        ("body", {"ambiguous"}, {0}),
        ("dot", {"ambiguous"}, {0}),
        ("accepted", {"ambiguous"}, {1}),
        ("after", {"accepted", "ambiguous"}, {1}),
        ("ledger", {"accepted"}, {1}),
    ],
)
async def test_killed(
    tmp_path: Path, temporal_server: str, phase: str, ends: set[str], arrived: set[int]
) -> None:
    """Before the hand-over: sent once, later. In it: nobody can know, so it is asked and never sent again. After: known."""
    mark = tmp_path / "mark"
    with Sink("smtp", tmp_path) as smtp:
        async with home(tmp_path, temporal_server, tiny(), smtp_url=smtp.url) as one:
            options = [str(mark)] if phase == "ledger" else []
            with chaos.worker(tmp_path, one.environment, *options) as worker:
                if phase != "ledger":
                    fault = {"at": phase, "kill": str(worker.pid_file), "times": 1}
                    smtp.script({**fault, "drop": phase in {"body", "dot"}})
                created = Created(id="c", fields=FIELDS)  # type: ignore[arg-type]  # raw values
                lead = (await one.gateway.add("tiny", created, source="t", external_id="")).lead
                await one.until(lead, lambda row: row.version > 0)
                await one.calm(lead)
                done = TaskDone(id="t", actor=ANNA, task="contact", outcome="reached")
                await one.gateway.act(lead, done)
                await until(lambda: worker.deaths, bool)
                await until(lambda: drained(one.store), bool, seconds=40)
                (row,) = outbox(one.store, lead=lead)
                await until(
                    lambda: one.card(lead),
                    lambda card: all(send.status == "ambiguous" for send in card.sends.values()),
                )
                if row.state == "ambiguous":
                    await until(lambda: [t for t in find_tasks(one.store) if t.settles], bool)
                assert row.state in ends
                assert smtp.count() in arrived
                assert worker.deaths == 1
                assert complaints(one.store, smtp, [lead]) == []
