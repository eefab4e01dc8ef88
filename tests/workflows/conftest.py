"""An installation with a worker, for tests of running leads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from proving.sinks.process import Sink
from tests.support.running import Home, home, working
from tests.support.tiny import tiny


@pytest.fixture
def smtp(tmp_path: Path) -> Iterator[Sink]:
    """A mail server."""
    with Sink("smtp", tmp_path) as sink:
        yield sink


@pytest.fixture
async def one(tmp_path: Path, temporal_server: str, smtp: Sink) -> AsyncIterator[Home]:
    """An installation with a worker and a mail server; the tiny pipeline is published."""
    async with (
        home(tmp_path, temporal_server, tiny(), smtp_url=smtp.url) as installed,
        working(installed.settings),
    ):
        yield installed
