"""Messages to messengers by our own protocol, against a real gateway."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from leadflow.channels.http import HttpTimeouts
from leadflow.channels.messenger import MessengerChannel, is_ours
from leadflow.channels.outcome import Ambiguous, ChannelDown, Outcome, Refused, Sent
from leadflow.errors import Misconfigured
from leadflow.installation import Connection
from proving.sinks.process import Sink
from tests.channels.conftest import Ledger

KEY = "0123456789abcdef0123456789abcdef"
TO = "+79161234567"
TEXT = "Добрый день!"
NOW = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef").decode()
SHORT = HttpTimeouts(connect=0.4, answer=0.4)


async def send(ledger: Ledger, url: str, name: str = "whatsapp", **more: Any) -> Outcome:
    connection = Connection(name, "message", url, **more)
    channel = MessengerChannel(connection, timeouts=SHORT, clock=lambda: NOW)
    return await channel.send(key=KEY, to=TO, text=TEXT, handover=ledger)


async def test_an_accepted_message(http: Sink, ledger: Ledger) -> None:
    """The gateway learns which messenger it is for; its id comes back; without a secret nothing is signed."""
    outcome = await send(ledger, f"{http.url}chat")
    assert isinstance(outcome, Sent)
    assert outcome.provider_id == f"gw-{KEY}"
    [message] = http.messages(KEY)
    told = {"id": KEY, "to": TO, "channel": "whatsapp", "text": TEXT}
    assert (message["path"], json.loads(message["body"])) == ("/chat", told)
    assert message["headers"]["idempotency-key"] == KEY
    assert "webhook-signature" not in message["headers"]


async def test_what_is_signed_can_be_verified(http: Sink, ledger: Ledger) -> None:
    """Signed by the scheme of the webhooks, over id, time and the very body; further headers go along."""
    headers = {"X-Token": "of {secret}"}
    assert isinstance(await send(ledger, http.url, secret=SECRET, headers=headers), Sent)
    [message] = http.messages(KEY)
    got = message["headers"]
    signed = f"{KEY}.{int(NOW.timestamp())}.{message['body']}".encode()
    digest = hmac.new(b"0123456789abcdef", signed, hashlib.sha256).digest()
    assert got["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    assert (got["webhook-id"], got["x-token"]) == (KEY, f"of {SECRET}")


@pytest.mark.parametrize("body", ["", "OK", "[1]", '{"status": "queued"}'])
async def test_2xx_is_enough(http: Sink, ledger: Ledger, body: str) -> None:
    """Whatever stands in the answer: the gateway has taken the message; it only gave no id."""
    http.script({"at": "accepted", "status": 202, "body": body})
    outcome = await send(ledger, http.url)
    assert isinstance(outcome, Sent)
    assert outcome.provider_id == ""


async def test_failures_mean_what_they_mean_with_sms(http: Sink, ledger: Ledger) -> None:
    """429 waits, 422 is final, 401 pauses the channel, 5xx and silence leave nobody knowing, unless 5xx is safe."""
    expected: list[tuple[dict[str, Any], str, type[Outcome]]] = [
        ({"at": "request", "status": 429, "headers": {"Retry-After": "7"}}, "", Refused),
        ({"at": "request", "status": 422}, "", Refused),
        ({"at": "request", "status": 401}, "", ChannelDown),
        ({"at": "request", "status": 500}, "", Ambiguous),
        ({"at": "request", "status": 500}, "?5xx=safe", Refused),
        ({"at": "accepted", "drop": True}, "", Ambiguous),
    ]
    for rule, option, kind in expected:
        http.forget()
        http.script(rule)
        assert isinstance(await send(ledger, f"{http.url}{option}"), kind), rule


def test_a_described_gateway_speaks_its_own_protocol() -> None:
    """Form, JSON or GET in leadflow.yaml: then the request is the gateway's, not ours; SMS never is."""
    assert is_ours(Connection("a", "message", "https://x"))
    assert not is_ours(Connection("a", "message", "https://x", form={"t": "{text}"}))
    assert not is_ours(Connection("a", "message", "https://x", json={"t": "{text}"}))
    assert not is_ours(Connection("a", "message", "https://x", method="GET"))
    assert not is_ours(Connection("a", "sms", "https://x"))


def test_a_broken_secret_is_told() -> None:
    """Not base64 after whsec_: nothing is sent unsigned instead."""
    with pytest.raises(Misconfigured, match="base64"):
        MessengerChannel(Connection("a", "message", "https://x", secret="whsec_*"))
