"""A worker that is badly set up: it says what to do, and ends with a status that scripts can trust."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from temporalio.client import Client

from leadflow.engine.events import Created
from proving.temporal import temporal_server
from tests.support.running import ROOT, home, working
from tests.support.tiny import tiny
from workflows.connect import prepare


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


async def test_a_namespace_that_is_not_there(tmp_path: Path, temporal_server: str) -> None:
    """Status 5, and where to name another."""
    async with home(tmp_path, temporal_server, tiny(), smtp_url="smtp://127.0.0.1:9") as one:
        environment = {**one.environment, "TEMPORAL_NAMESPACE": "nowhere"}
        ended = await asyncio.to_thread(run_worker, environment)
    assert ended.returncode == 5
    assert "Temporal has no namespace nowhere" in ended.stderr
    assert "TEMPORAL_NAMESPACE" in ended.stderr
    assert "Traceback" not in ended.stderr


async def test_temporal_dies_while_a_worker_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Just connected, it finds nobody there: it waits, and works once the server is back."""
    asked = []

    async def prepared(client: Client) -> str:
        asked.append(client)
        if len(asked) == 1:
            temporal.kill()
        try:
            return await prepare(client)
        finally:
            if len(asked) == 1:
                await asyncio.to_thread(temporal.start)

    monkeypatch.setattr("worker.prepare", prepared)
    with temporal_server(tmp_path) as temporal:
        async with (
            home(tmp_path, temporal.address, tiny(), smtp_url="smtp://127.0.0.1:9") as one,
            working(one.settings),
        ):
            added = await one.gateway.add("tiny", Created(id="c"), source="t", external_id="")
            await one.until(added.lead, lambda row: row.stage == "new")
    assert len(asked) == 2
