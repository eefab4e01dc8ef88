"""The sink as the killer: a sender dies at the position the sink chooses."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from proving.sinks.process import ROOT, Sink
from proving.sinks.script import SENDER
from tests.channels.mail import KEY, MAIL

CHILD = """
import asyncio, os, sys
from pathlib import Path
from leadflow.channels.smtp import SmtpChannel

async def handover():
    Path(sys.argv[3]).write_text("handing over")
    return True

Path(sys.argv[2]).write_text(str(os.getpid()))
asyncio.run(SmtpChannel(sys.argv[1]).send(
    sys.stdin.buffer.read(), sender="us@example.com", recipient="a@example.com", handover=handover))
"""


@pytest.mark.parametrize("known_by", ["its file", "its connection"])
@pytest.mark.parametrize(
    ("phase", "handed_over", "arrived"),
    [("rcpt", False, 0), ("data", False, 0), ("body", True, 0), ("accepted", True, 1)],
)
def test_the_sink_can_kill_the_sender(
    tmp_path: Path, phase: str, handed_over: bool, arrived: int, known_by: str
) -> None:
    """W3–W5: killed at a position of the sink's choosing, the sender has handed over exactly when the books say so."""
    pid, mark = tmp_path / "pid", tmp_path / "handed-over"
    whom = str(pid) if known_by == "its file" else SENDER
    with Sink("smtp", tmp_path) as smtp:
        smtp.script({"at": phase, "kill": whom, "drop": True})
        sender = subprocess.run(
            [sys.executable, "-c", CHILD, smtp.url, str(pid), str(mark)],
            input=MAIL, cwd=ROOT, check=False, timeout=20, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert sender.returncode == -9
        assert mark.exists() == handed_over
        assert smtp.count(KEY) == arrived
        assert len(smtp.faults(phase)) == 1
