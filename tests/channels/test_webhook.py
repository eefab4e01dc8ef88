"""Webhooks: the signature, the guard against inner addresses, and what answers mean."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from leadflow.channels import guard
from leadflow.channels.http import HttpTimeouts
from leadflow.channels.outcome import Ambiguous, ChannelDown, Outcome, Refused, Sent, Withheld
from leadflow.channels.webhook import WebhookChannel, signature_headers
from leadflow.errors import Misconfigured
from proving.sinks.process import Sink
from tests.channels.conftest import Ledger

KEY = "0123456789abcdef0123456789abcdef"
NOW = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
BODY = b'{"lead": "42"}'
SHORT = HttpTimeouts(connect=0.4, answer=0.4)


async def send(sink: Sink, ledger: Ledger, url: str = "", **options: Any) -> Outcome:
    settings = {"allow_private": True, "ports": [sink.port], "timeouts": SHORT, **options}
    channel = WebhookChannel(url or f"{sink.url}in?a=b", secret="s3cret", **settings)
    return await channel.send(key=KEY, body=BODY, now=NOW, handover=ledger)


def answer_with(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Makes the name server answer so; returns the names it was asked for."""
    asked: list[str] = []

    async def getaddrinfo(
        _loop: object, host: str | bytes, port: int, **_rest: object
    ) -> list[tuple[object, ...]]:
        asked.append(host if isinstance(host, str) else host.decode())
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses]

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", getaddrinfo)
    return asked


async def test_a_signed_post(http: Sink, ledger: Ledger) -> None:
    """The receiver gets the body as it is, and can check who it comes from and when."""
    assert await send(http, ledger) == Sent("", f'200 {{"id": "gw-{KEY}"}}')
    assert ledger.asked == 1
    [message] = http.messages(KEY)
    headers = message["headers"]
    assert json.loads(message["body"]) == {"lead": "42"}
    assert (message["path"], headers["host"]) == ("/in?a=b", f"127.0.0.1:{http.port}")
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    signed = f"{KEY}.{headers['webhook-timestamp']}.".encode() + BODY
    digest = base64.b64encode(hmac.new(b"s3cret", signed, hashlib.sha256).digest()).decode()
    assert (headers["webhook-id"], headers["webhook-signature"]) == (KEY, f"v1,{digest}")


def test_the_schemes_own_example() -> None:
    """Standard Webhooks' published test vector comes out."""
    headers = signature_headers(
        base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        key="msg_p5jXN8AQM9LWM0D4loKWxJek",
        body=b'{"test": 2432232314}',
        now=datetime.fromtimestamp(1614265330, UTC),
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_the_schemes_secret_form(http: Sink, ledger: Ledger) -> None:
    """A `whsec_` secret signs with the bytes its base64 means."""
    secret = "whsec_" + base64.b64encode(b"s3cret").decode()
    channel = WebhookChannel(http.url, secret=secret, allow_private=True, ports=[http.port])
    await channel.send(key=KEY, body=BODY, now=NOW, handover=ledger)
    await send(http, ledger, http.url)
    first, second = http.messages(KEY)
    assert first["headers"]["webhook-signature"] == second["headers"]["webhook-signature"]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "0.0.0.1", "0", "10.0.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "2130706433", "0x7f.1", "0177.0.0.1", "127.1",
        "[::1]", "[::ffff:127.0.0.1]", "[fe80::1]", "[fc00::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
        "[::7f00:1]", "[::ffff:0:7f00:1]", "224.0.0.1", "255.255.255.255",
    ],
)  # fmt: skip
async def test_inner_addresses_are_out_of_reach(http: Sink, ledger: Ledger, host: str) -> None:
    """ASVS 1.3.6: however an inner address is written, nothing is sent there."""
    outcome = await send(http, ledger, f"http://{host}:{http.port}/", allow_private=False)
    assert isinstance(outcome, ChannelDown)
    assert outcome.reason == "misconfigured"
    assert "inner address" in outcome.detail
    assert (ledger.asked, http.count()) == (0, 0)


async def test_one_inner_address_among_several_is_enough(
    http: Sink, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name with a public and an inner address is refused as a whole."""
    answer_with(monkeypatch, "93.184.216.34", "127.0.0.1")
    outcome = await send(http, ledger, f"http://two.example:{http.port}/", allow_private=False)
    assert isinstance(outcome, ChannelDown)
    assert (ledger.asked, http.count()) == (0, 0)


async def test_the_judged_address_is_the_one_connected_to(
    http: Sink, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the name is asked once, and the connection goes to that answer under the right Host."""
    asked = answer_with(monkeypatch, "127.0.0.1")
    url = f"http://hook.example:{http.port}/"
    assert isinstance(await send(http, ledger, url), Sent)
    assert asked.count("hook.example") == 1
    assert http.messages()[0]["headers"]["host"] == f"hook.example:{http.port}"


async def test_the_next_address_is_tried(
    http: Sink, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of several addresses one that cannot be connected to is passed over; the ledger is asked once."""
    answer_with(monkeypatch, "127.0.0.9", "127.0.0.1")
    assert isinstance(await send(http, ledger, f"http://hook.example:{http.port}/"), Sent)
    assert (ledger.asked, http.count(KEY)) == (1, 1)


async def test_the_certificate_must_name_the_host(
    tmp_path: Path, certificate: Path, trust: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Connecting to a pinned address, TLS still asks for the certificate of the name."""
    with Sink("http", tmp_path, "--certificate", str(certificate)) as sink:
        good = f"https://localhost:{sink.port}/"
        assert isinstance(await send(sink, Ledger(), good, tls=trust), Sent)
        answer_with(monkeypatch, "127.0.0.1")
        other = f"https://other.example:{sink.port}/"
        ledger = Ledger()
        outcome = await send(sink, ledger, other, tls=trust)
        assert isinstance(outcome, Refused)
        assert (outcome.code, ledger.asked, sink.count()) == ("tls", 0, 1)


async def test_redirects_are_not_followed(http: Sink, ledger: Ledger) -> None:
    """A redirect is a setting to mend, not a way into the house."""
    location = {"Location": "http://169.254.169.254/"}
    http.script({"at": "request", "status": 307, "headers": location, "times": 1})
    outcome = await send(http, ledger)
    assert isinstance(outcome, ChannelDown)
    assert outcome.reason == "misconfigured"
    assert (len(http.faults()), http.count()) == (1, 0)


@pytest.mark.parametrize("rule", [{"drop": True}, {"stall": 30}, {"status": 500}])
async def test_once_written_no_answer_is_ambiguous(
    http: Sink, ledger: Ledger, rule: dict[str, object]
) -> None:
    """As with SMS: written and not answered, or answered 5xx, nobody knows."""
    http.script({"at": "accepted", **rule})
    assert isinstance(await send(http, ledger), Ambiguous)
    assert (ledger.asked, http.count(KEY)) == (1, 1)


async def test_a_2xx_counts_whatever_its_body(http: Sink, ledger: Ledger) -> None:
    """A receiver owes us no body: 204, or a torn one, is accepted."""
    http.script({"at": "accepted", "status": 202, "body": "half", "truncate": True})
    assert await send(http, ledger) == Sent("", "202 half")


async def test_the_ledger_says_no(http: Sink) -> None:
    """P5: after a "no" not a byte of the request leaves."""
    assert await send(http, Ledger(says=False)) == Withheld()
    assert http.count() == 0


async def test_an_unknown_name_is_temporary(http: Sink, ledger: Ledger) -> None:
    """A name that cannot be resolved now may be resolved later."""
    outcome = await send(http, ledger, f"http://no-such-host.invalid:{http.port}/")
    assert isinstance(outcome, Refused)
    assert (outcome.permanent, outcome.code, ledger.asked) == (False, "dns", 0)


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("https://hooks.example:8443/", "s3cret"),
        ("ftp://hooks.example/", "s3cret"),
        ("https://hooks.example/", ""),
        ("https://hooks.example/", "whsec_!s3cret!"),
    ],
)
def test_settings_that_cannot_be_used(url: str, secret: str) -> None:
    """A port that is not allowed, a foreign scheme, no secret, a broken one: refused at once, nothing shown."""
    with pytest.raises(Misconfigured) as caught:
        WebhookChannel(url, secret=secret)
    assert "s3cret" not in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"])  # fmt: skip
def test_public_addresses_pass(address: str) -> None:
    """The public Internet is reachable, NAT64's view of it too."""
    assert guard.is_public(address)
