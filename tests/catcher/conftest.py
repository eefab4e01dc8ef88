"""The catcher as a process of its own, as `leadflow up` runs it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from leadflow.channels.mime import Email, Mailbox, build_email, message_id
from leadflow.channels.outcome import Outcome
from leadflow.channels.smtp import SmtpChannel
from proving.sinks.process import ROOT

NOBODY = 10.0


class Catcher:
    """One running catcher."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        command = [sys.executable, "-m", "leadflow.catcher", "--data-dir", str(data_dir)]
        self.process = subprocess.Popen(
            [*command, "--smtp-port", "0", "--http-port", "0"],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        words = self.process.stdout.readline().split()
        assert words[:1] == ["catcher"]
        self.smtp_port, self.http_port = (int(word.partition("=")[2]) for word in words[1:])
        self.url = f"http://127.0.0.1:{self.http_port}"

    def stop(self) -> tuple[int, str]:
        """Ends it as Ctrl-C does; its exit status, and what it complained of."""
        self.process.terminate()
        _, said = self.process.communicate(timeout=NOBODY)
        return self.process.returncode, said

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=NOBODY)

    def get(self, path: str, **parameters: str) -> httpx2.Response:
        return httpx2.get(self.url + path, params=parameters)

    def messages(self, **parameters: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("/api/messages", **parameters).json()
        return found

    async def mail(self, email: Email) -> Outcome:
        channel = SmtpChannel(f"smtp://127.0.0.1:{self.smtp_port}")
        sender, recipient = email.sender.address, email.recipient.address
        return await channel.send(
            build_email(email), sender=sender, recipient=recipient, handover=go_ahead
        )


async def go_ahead() -> bool:
    return True


def an_email(key: str, **changes: Any) -> Email:
    return Email(
        **{
            "key": key,
            "message_id": message_id(key, "leads.example.com"),
            "date": datetime(2026, 11, 25, 11, 0, tzinfo=UTC),
            "sender": Mailbox("irina@example.com", "Ирина"),
            "recipient": Mailbox("anna@example.com"),
            "subject": "Предложение",
            "text": "Здравствуйте!\n",
            **changes,
        }
    )


@pytest.fixture(scope="module")
def catcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catcher]:
    """One for the module's tests: each looks only for its own keys."""
    running = Catcher(tmp_path_factory.mktemp("catcher"))
    yield running
    assert running.stop() == (0, "")
