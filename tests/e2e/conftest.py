"""Fixtures of the tests of whole installations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from activities import ended, send
from tests.support import postgres
from workflows import reconcile


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is held back is tried again at once, not after a minute; so is a second look taken."""
    monkeypatch.setattr(send, "LATER", ended.SOON)
    monkeypatch.setattr(reconcile, "SETTLES", 0.3)


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[str]:
    """Another empty database of the same kind."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'copy' / 'leadflow.db'}"
        return
    with postgres.new_database(request.getfixturevalue("postgres_url")) as url:
        yield url
