"""Gateways of a description, their hosts being a sink."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from leadflow.channels.http import HttpTimeouts
from leadflow.channels.outcome import (
    ChannelDown,
    Found,
    Missing,
    Outcome,
    Refused,
    Sent,
)
from leadflow.channels.sms import HttpSmsChannel
from leadflow.installation import Connection, Installation, filled
from leadflow.spec.installation import load_installation
from proving.sinks.process import Sink
from tests.channels.conftest import Ledger
from tests.docs.pages import Block, read_page

DOCS = Path(__file__).parents[2] / "docs"
KEY = "0123456789abcdef0123456789abcdef"
TO = "+79161234567"
TEXT = "Ждём вас: 10 & 11 {to}?"
SHORT = HttpTimeouts(connect=0.4, answer=0.4)
ENVIRON = {
    "SMSC_LOGIN": "kuhni", "SMSC_PASSWORD": "p&ss", "TWILIO_SID": "AC77", "TWILIO_TOKEN": "t0ken", "SMS_TOKEN": "s3cret",
    "SMSC_HOOK": "smsc-0123456789012345", "TWILIO_HOOK": "twilio-0123456789012345",
}  # fmt: skip


def described(folder: Path, sink: Sink, text: str) -> HttpSmsChannel:
    """The first connection of the settings, its hosts being the sink's."""
    file = folder / "leadflow.yaml"
    file.write_text(text, "utf-8")
    made, problems = load_installation(file, ENVIRON)
    assert [problem.message for problem in problems] == []
    told = msgspec.json.encode(filled(next(iter(made.connections.values())), ENVIRON)).decode()
    for host in ("smsc.ru", "api.twilio.com", "sms.kuhni.example", "gate.example"):
        told = told.replace(f"https://{host}/", sink.url)
        told = told.replace(f"@{host}/", f"@127.0.0.1:{sink.port}/").replace(
            "https://AC", "http://AC"
        )
    return HttpSmsChannel(msgspec.json.decode(told, type=Connection), timeouts=SHORT)


def of_the_page(folder: Path, sink: Sink, name: str) -> HttpSmsChannel:
    """The connection that docs/channels.md writes down."""
    return described(folder, sink, _text_of_the_page(name))


def settings_of_the_page(folder: Path, name: str) -> Installation:
    """What docs/channels.md writes down, without a problem."""
    file = folder / "leadflow.yaml"
    file.write_text(_text_of_the_page(name), "utf-8")
    made, problems = load_installation(file)
    assert [problem.message for problem in problems] == []
    return made


def _text_of_the_page(name: str) -> str:
    blocks = [each for each in read_page(DOCS / "channels.md") if isinstance(each, Block)]
    (text,) = [each.text for each in blocks if each.file == f"{name}/leadflow.yaml"]
    return text


def answers(path: str, body: dict[str, Any], *, status: int = 200, at: str = "accepted") -> Any:
    return {"at": at, "status": status, "body": json.dumps(body), "match": {"path": path}}


async def send(made: HttpSmsChannel, ledger: Ledger) -> Outcome:
    return await made.send(key=KEY, to=TO, text=TEXT, handover=ledger)


async def look_up(made: HttpSmsChannel) -> Found:
    return await made.look_up(key=KEY, to=TO)


def told(outcome: Outcome | Found) -> tuple[str, str]:
    match outcome:
        case Sent(provider_id=given):
            return "accepted", given
        case Refused(permanent=permanent, code=code):
            return "refused" if permanent else "temporary", code
        case ChannelDown(reason=reason):
            return "down", reason
        case Missing():
            return "missing", ""
        case _:
            return "unsure", ""
