"""An installation with a worker, for tests of running leads."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

import worker as product
from leadflow.store.commit import commit
from proving.sinks.process import Sink
from tests.support.running import Home, home, working
from tests.support.tiny import tiny


@pytest.fixture
def smtp(tmp_path: Path) -> Iterator[Sink]:
    """A mail server."""
    with Sink("smtp", tmp_path) as sink:
        yield sink


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set; while it is not, the database answers no worker's commit."""
    answers = threading.Event()
    answers.set()

    def late(*args: Any) -> Any:
        assert answers.wait(20)
        return commit(*args)

    monkeypatch.setattr(product, "commit", late)
    return answers


@pytest.fixture
async def one(tmp_path: Path, temporal_server: str, smtp: Sink) -> AsyncIterator[Home]:
    """An installation with a worker and a mail server; the tiny pipeline is published."""
    async with (
        home(tmp_path, temporal_server, tiny(), smtp_url=smtp.url) as installed,
        working(installed.settings),
    ):
        yield installed
