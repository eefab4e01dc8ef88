"""Fixtures of the command line's tests."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from proving.processes import wait_until
from tests.cli.program import LEADFLOW, Here
from tests.e2e.installation import Installation
from tests.support import servers


@pytest.fixture
def here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Here:
    """Verbs run in this process, in an empty folder, without any setting."""
    return Here(tmp_path, monkeypatch, capsys)


@pytest.fixture(scope="session")
def installation() -> Installation:
    """The installation of this test run, as `leadflow up` runs it; tests share it, so each takes leads of its own."""
    return Installation(Path(servers.shared("up", _start)))


@pytest.fixture
def running(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Here:
    """Verbs run in this process, where that installation runs."""
    return Here(installation.folder, monkeypatch, capsys)


def _start(home: Path) -> str:
    Installation(home).prepare()
    servers.keep(home, [str(LEADFLOW), "up"], stop=signal.SIGTERM)
    console = home / "server.log"
    wait_until(lambda: "leadflow is up" in console.read_text("utf-8"), home)
    return str(home)
