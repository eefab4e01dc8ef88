"""What the catcher takes, keeps and gives back, over its own sockets."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from leadflow.catcher.box import Box, Draft
from leadflow.catcher.server import serve
from leadflow.channels.mime import Mailbox
from leadflow.channels.outcome import Refused, Sent
from leadflow.channels.sms import HttpSmsChannel
from leadflow.channels.smtp import SmtpChannel
from leadflow.channels.webhook import WebhookChannel
from leadflow.errors import Misconfigured
from leadflow.installation import Connection
from proving.sinks.process import ROOT
from tests.catcher.conftest import Catcher, an_email, go_ahead


@pytest.fixture(name="key")
def _key() -> str:
    return uuid.uuid4().hex


async def test_a_caught_mail(catcher: Catcher, key: str) -> None:
    """A mail is found by key, recipient and time, with all its parts."""
    before = datetime.now(UTC)
    to = Mailbox(f"{key}@example.com")
    outcome = await catcher.mail(an_email(key, recipient=to, html="<p>Здравствуйте!</p>"))
    [message] = catcher.messages(key=key)
    assert outcome == Sent(str(message["id"]), f"250 2.0.0 Ok: queued as {message['id']}")
    assert (message["kind"], message["to"], message["subject"]) == (
        "email",
        to.address,
        "Предложение",
    )
    assert message["text"] == "Здравствуйте!\n"
    assert message["html"].strip() == "<p>Здравствуйте!</p>"
    assert message["message_id"] == f"<{key}@leads.example.com>"
    assert message["headers"]["Auto-Submitted"] == "auto-generated"
    assert catcher.messages(to=to.address.upper()) == [message]
    assert catcher.messages(key=key, since=before.isoformat()) == [message]
    later = (before + timedelta(hours=1)).isoformat()
    assert catcher.messages(key=key, since=later) == []
    assert catcher.messages(key=key, kind="sms") == []


async def test_a_text_is_kept_once(catcher: Catcher, key: str) -> None:
    """The same id gets the same answer and is kept once, also when both come together."""
    channel = HttpSmsChannel(Connection("", "sms", f"{catcher.url}/sms"))
    first, second = await asyncio.gather(
        channel.send(key=key, to="+79161234567", text="Да", handover=go_ahead),
        channel.send(key=key, to="+79161234567", text="Да", handover=go_ahead),
    )
    assert isinstance(first, Sent)
    assert first == second
    [message] = catcher.messages(key=key)
    assert (message["kind"], message["text"], message["segments"]) == ("sms", "Да", 1)
    assert first.provider_id == f"sms-{message['id']}"


async def test_a_webhook_is_kept_each_time(catcher: Catcher, key: str) -> None:
    """Webhooks are kept with their signature; one that came before is marked."""
    url, ports = f"{catcher.url}/hook/crm", [catcher.http_port]
    channel = WebhookChannel(url, secret="s3cret", allow_private=True, ports=ports)
    for _ in range(2):
        outcome = await channel.send(
            key=key, body=b'{"lead": 7}', now=datetime.now(UTC), handover=go_ahead
        )
        assert isinstance(outcome, Sent)
    second, first = catcher.messages(key=key)
    assert (first["to"], first["body"]) == ("crm", {"lead": 7})
    assert first["headers"]["webhook-signature"].startswith("v1,")
    assert (first["again"], second["again"]) == (False, True)


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("{}", "application/json", 422),
        ("[", "application/json", 422),
        ("[" * 100_000, "application/json", 422),
        ('{"id": "", "to": "+79161234567", "text": "x"}', "application/json", 422),
        ('{"id": "1", "to": "89161234567", "text": "x"}', "application/json", 422),
        ('{"id": "1", "to": "+79161234567", "text": "x"}', "text/plain", 415),
        ("id=1&to=%2B79161234567", "application/x-www-form-urlencoded", 415),
        ("x" * 1_100_000, "application/json", 413),
    ],
)
def test_what_is_no_text(catcher: Catcher, body: str, content_type: str, status: int) -> None:
    """Anything but one well-formed JSON message is refused and not kept."""
    count = len(catcher.messages(kind="sms"))
    headers = {"Content-Type": content_type}
    answer = httpx2.post(f"{catcher.url}/sms", content=body.encode(), headers=headers)
    assert answer.status_code == status
    assert len(catcher.messages(kind="sms")) == count


def dialogue(port: int, *said: bytes) -> list[str]:
    """Speaks SMTP line by line; the codes that came back, the greeting's first."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        stream = connection.makefile("rwb")
        codes = [stream.readline()[:3].decode()]
        for line in said:
            stream.write(line)
            stream.flush()
            codes.append(stream.readline()[:3].decode())
        return codes


def test_smtp_out_of_order(catcher: Catcher) -> None:
    """Commands that come too early or are unknown are refused, and the session goes on."""
    codes = dialogue(
        catcher.smtp_port,
        b"HELO me\r\n", b"DATA\r\n", b"RCPT TO:<a@example.com>\r\n", b"WHAT\r\n", b"MAIL FROM: me\r\n",
        b"MAIL FROM:<>\r\n", b"RSET\r\n", b"RCPT TO:<a@example.com>\r\n", b"MAIL FROM:<>\r\n", b"DATA\r\n",
        b"RCPT TO:<a@example.com>\r\n", b"NOOP\r\n", b"DATA\r\n", b"no header\r\n.\r\n", b"QUIT\r\n",
    )  # fmt: skip
    assert codes == ["220", "250", "503", "503", "502", "503", "250", "250", "503", "250", "503",
                     "250", "250", "354", "250", "221"]  # fmt: skip


def test_bytes_that_are_no_mail(catcher: Catcher) -> None:
    """Broken headers, no known encoding, a bare dot without CRLF: kept as it came, shown as far as it goes."""
    head = b"Subject: =?utf-8?b?\xff\xfe?=\r\nX-Effect-Key: broken-1\r\nTo: \xd0\r\n"
    raw = head + b"Content-Type: text/plain; charset=x\r\n\r\n\xff\n.\nx\r\n"
    codes = dialogue(
        catcher.smtp_port,
        b"MAIL FROM:<a@b>\r\n", b"RCPT TO:<c@d>\r\n", b"DATA\r\n", raw + b"..x\r\n.\r\n",
    )  # fmt: skip
    assert codes[-1] == "250"
    [message] = catcher.messages(key="broken-1")
    assert catcher.get(f"/messages/{message['id']}").status_code == 200
    assert catcher.get(f"/messages/{message['id']}/raw").content == raw + b".x\r\n"


async def test_kill_9_loses_nothing(tmp_path: Path, key: str) -> None:
    """What it said 250 and 200 to is there after a `kill -9`, under the same ids; ids go on."""
    first = Catcher(tmp_path)
    try:
        await first.mail(an_email(key))
        await HttpSmsChannel(Connection("", "sms", f"{first.url}/sms")).send(
            key=key, to="+79161234567", text="Да", handover=go_ahead
        )
        told = first.messages()
    finally:
        first.kill()
    with (tmp_path / "caught.jsonl").open("ab") as torn:
        torn.write(b'{"id":3,"kind":"ema')
    second = Catcher(tmp_path)
    try:
        assert second.messages() == told
        await second.mail(an_email(key))
        assert [(m["id"], m["again"]) for m in second.messages()] == [
            (3, True),
            (2, False),
            (1, False),
        ]
    finally:
        assert second.stop() == (0, "")


async def test_an_idle_client_does_not_hold_up_the_stop(tmp_path: Path) -> None:
    """SIGTERM ends it at once, open connections or not."""
    running = Catcher(tmp_path)
    with socket.create_connection(("127.0.0.1", running.smtp_port)) as idle:
        assert idle.recv(3) == b"220"
        assert running.stop() == (0, "")


def test_a_port_that_is_taken(tmp_path: Path, catcher: Catcher) -> None:
    """It says which port, and what to do; exit status 1."""
    command = [sys.executable, "-m", "leadflow.catcher", "--data-dir", str(tmp_path)]
    ports = ["--smtp-port", str(catcher.smtp_port), "--http-port", "0"]
    refused = subprocess.run([*command, *ports], cwd=ROOT, capture_output=True, text=True, check=False, timeout=20)  # fmt: skip
    assert refused.returncode == 1
    assert f"127.0.0.1:{catcher.smtp_port}" in refused.stderr
    assert "choose other ports" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_ctrl_c_is_an_orderly_stop(tmp_path: Path) -> None:
    """SIGINT ends it with status 0 and no traceback."""
    running = Catcher(tmp_path)
    running.process.send_signal(signal.SIGINT)
    _, said = running.process.communicate(timeout=10)
    assert (running.process.returncode, said) == (0, "")


def test_a_damaged_file(tmp_path: Path) -> None:
    """A file that is not ours is refused with its line, and left as it is."""
    path = tmp_path / "caught.jsonl"
    path.write_text('{"some": "json"}\n')
    with pytest.raises(Misconfigured, match="damaged at line 1"):
        Box(path)
    assert path.read_text() == '{"some": "json"}\n'


async def test_a_full_disk_leaves_no_half_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the disk is full nothing is acknowledged, and what comes later can be read again."""
    box = Box(tmp_path / "caught.jsonl")
    draft = Draft(key="1", to="a", subject="s", content=b"x")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            await box.put("email", draft)
    kept = await box.put("email", draft)
    box.close()
    again = Box(tmp_path / "caught.jsonl")
    assert list(again.newest()) == [kept]
    assert again.content(kept) == b"x"
    again.close()


async def test_a_full_disk_is_told_to_the_sender(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SMTP answers 452: temporary, nothing kept."""
    ports: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    running = asyncio.create_task(
        serve(tmp_path, 0, 0, ready=lambda smtp, _: ports.set_result(smtp))
    )

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    channel = SmtpChannel(f"smtp://127.0.0.1:{await ports}")
    outcome = await channel.send(
        b"\r\nhello\r\n", sender="a@b.c", recipient="d@e.f", handover=go_ahead
    )
    assert isinstance(outcome, Refused)
    assert (outcome.permanent, outcome.code) == (False, "452 4.3.1")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (tmp_path / "caught.jsonl").read_bytes() == b""
