"""How a worker ends: asked to stop it finishes what is being handed over; badly set up it says what to do."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from leadflow.engine.events import Created, TaskDone
from leadflow.store.outbox import outbox
from proving.sinks.process import Sink
from tests.support import chaos
from tests.support.running import ANNA, ROOT, home, until
from tests.support.tiny import tiny

FIELDS = {"phone": "+79161234567", "name": "Иван", "email": "c@example.org", "price": "1"}


async def test_asked_to_stop_in_the_middle_of_a_handover(
    tmp_path: Path, temporal_server: str
) -> None:
    """W10: SIGTERM while the server thinks about the message: the answer is waited for, nothing is ambiguous, status 0."""
    with Sink("smtp", tmp_path) as smtp:
        smtp.script({"at": "accepted", "stall": 1.5})
        async with home(tmp_path, temporal_server, tiny(), smtp_url=smtp.url) as one:
            with chaos.worker(tmp_path, one.environment):
                created = Created(id="c", fields=FIELDS)  # type: ignore[arg-type]  # raw values
                lead = (await one.gateway.add("tiny", created, source="t", external_id="")).lead
                await one.until(lead, lambda row: row.version > 0)
                await one.calm(lead)
                done = TaskDone(id="t", actor=ANNA, task="contact", outcome="reached")
                await one.gateway.act(lead, done)
                await until(lambda: smtp.faults("accepted"), bool)
                assert outbox(one.store)[0].state == "handing_over"
            assert outbox(one.store)[0].state == "accepted"


def run_worker(environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "worker.py")],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_without_an_address_it_says_what_to_set(tmp_path: Path) -> None:
    """No TEMPORAL_ADDRESS: status 5 and a hint, no traceback."""
    ended = run_worker({"LEADFLOW_HOME": str(tmp_path), "TEMPORAL_ADDRESS": ""})
    assert ended.returncode == 5
    assert "hint: set TEMPORAL_ADDRESS" in ended.stderr
    assert "Traceback" not in ended.stderr


async def test_a_lost_key_file_is_said_so(tmp_path: Path, temporal_server: str) -> None:
    """Its key file gone, an installation that has sealed something does not start: status 5, where to put the file back."""
    async with home(tmp_path, temporal_server, tiny(), smtp_url="smtp://127.0.0.1:9") as one:
        await one.gateway.add("tiny", Created(id="c"), source="t", external_id="")
        one.settings.key_file.unlink()
        ended = await asyncio.to_thread(run_worker, one.environment)
    assert ended.returncode == 5
    assert "key file" in ended.stderr
    assert "Traceback" not in ended.stderr
