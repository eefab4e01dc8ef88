"""An SMS centre's client for a test, and what the centre got."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from leadflow.channels.outcome import Outcome
from leadflow.channels.segments import from_gsm
from leadflow.channels.smpp.channel import SmppChannel
from leadflow.channels.smpp.session import SmppTimeouts, Take
from leadflow.installation import Connection
from proving.sinks.process import Sink
from tests.channels.conftest import LOGIN, Ledger

KEY = "0123456789abcdef0123456789abcdef"
TO = "+79161234567"
SHORT = SmppTimeouts(connect=3, answer=0.5, quiet=30)
THROTTLED = 0x58
LONG = "Ждём вас завтра. " * 10


@asynccontextmanager
async def centre(
    smpp: Sink,
    options: str = "",
    *,
    login: str = LOGIN,
    sender: str = "KUHNI",
    idle: float = 30,
    take: Take | None = None,
) -> AsyncIterator[SmppChannel]:
    url = f"smpp://{login}@127.0.0.1:{smpp.port}{options}"
    connection = Connection("c", "sms", url, sender)
    made = SmppChannel(connection, timeouts=SHORT, idle=idle, take=take)
    try:
        yield made
    finally:
        await made.close()


async def send(made: SmppChannel, ledger: Ledger, text: str = "Здравствуйте!") -> Outcome:
    return await made.send(key=KEY, to=TO, text=text, handover=ledger)


def receipt(given: str, state: str = "DELIVRD", *, to: str = TO[1:]) -> dict[str, Any]:
    """A receipt for the sink to bring."""
    text = f"id:{given} sub:001 dlvrd:001 stat:{state} err:000 text:"
    return {"id": given, "from": to, "body": text.encode().hex(), "esm_class": 4}


def statuses(smpp: Sink, given: str) -> list[int]:
    """What each attempt to bring something was answered with."""
    return [each["status"] for each in smpp.entries("delivered") if each["id"] == given]


def text_of(message: dict[str, Any]) -> str:
    body = bytes.fromhex(message["body"] or message["tlvs"].get("0424", ""))
    if message["esm_class"] & 0x40:
        body = body[6:]
    return body.decode("utf-16-be") if message["coding"] == 8 else from_gsm(body)
