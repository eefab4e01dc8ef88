"""The SMS channel against a real gateway: what it answers, whether it asked the ledger, what arrived."""

from __future__ import annotations

import base64
import json
import ssl
from pathlib import Path

import pytest

from leadflow.channels.http import HttpTimeouts
from leadflow.channels.outcome import Ambiguous, ChannelDown, Outcome, Refused, Sent, Withheld
from leadflow.channels.sms import HttpSmsChannel
from leadflow.errors import Misconfigured
from leadflow.installation import Connection
from proving.sinks.process import Sink
from tests.channels.conftest import Ledger

KEY = "0123456789abcdef0123456789abcdef"
TO = "+79161234567"
SHORT = HttpTimeouts(connect=0.4, answer=0.4)


async def send(
    url: str, ledger: Ledger, *, to: str = TO, tls: ssl.SSLContext | None = None
) -> Outcome:
    channel = HttpSmsChannel(Connection("", "sms", url), tls=tls, timeouts=SHORT)
    return await channel.send(key=KEY, to=to, text="Здравствуйте!", handover=ledger)


async def test_an_accepted_text(http: Sink, ledger: Ledger) -> None:
    """The gateway gets id, number, text and the idempotency key; its id comes back."""
    outcome = await send(f"{http.url}send?route=7", ledger)
    assert outcome == Sent(f"gw-{KEY}", f'200 {{"id": "gw-{KEY}"}}')
    assert ledger.asked == 1
    [message] = http.messages(KEY)
    assert json.loads(message["body"]) == {"id": KEY, "to": TO, "text": "Здравствуйте!"}
    assert message["headers"]["idempotency-key"] == KEY
    assert message["headers"]["content-type"] == "application/json"
    assert message["path"] == "/send?route=7"


async def test_the_urls_credentials_become_a_login(http: Sink, ledger: Ledger) -> None:
    """User and password of the URL go as Basic login, percent-decoded, and not in the address."""
    url = f"http://bot:p%40ss@127.0.0.1:{http.port}/"
    assert isinstance(await send(url, ledger), Sent)
    [message] = http.messages()
    expected = base64.b64encode(b"bot:p@ss").decode()
    assert message["headers"]["authorization"] == f"Basic {expected}"
    assert message["headers"]["host"] == f"127.0.0.1:{http.port}"


@pytest.mark.parametrize("status", [400, 409 + 1, 422])
async def test_4xx_is_permanent(http: Sink, ledger: Ledger, status: int) -> None:
    """S1: a 4xx about the message is final."""
    http.script({"at": "request", "status": status, "body": '{"error": "bad number"}'})
    outcome = await send(http.url, ledger)
    assert isinstance(outcome, Refused)
    assert (outcome.permanent, outcome.code) == (True, str(status))
    assert "bad number" in outcome.reply
    assert http.count() == 0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("9999999", 86_400.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None)],
)
async def test_429_waits_as_told(
    http: Sink, ledger: Ledger, header: str, seconds: float | None
) -> None:
    """S1: 429 is temporary; a Retry-After in seconds is passed on, a day at most."""
    http.script({"at": "request", "status": 429, "headers": {"Retry-After": header}})
    outcome = await send(http.url, ledger)
    assert isinstance(outcome, Refused)
    assert (outcome.permanent, outcome.code, outcome.retry_after) == (False, "429", seconds)


@pytest.mark.parametrize(
    ("status", "reason"),
    [(401, "login"), (403, "login"), (404, "misconfigured"), (302, "misconfigured")],
)
async def test_answers_about_the_url(http: Sink, ledger: Ledger, status: int, reason: str) -> None:
    """What is the same for every lead (login, path, redirect) takes the channel down instead."""
    http.script({"at": "request", "status": status, "headers": {"Location": "http://127.0.0.1/"}})
    outcome = await send(http.url, ledger)
    assert isinstance(outcome, ChannelDown)
    assert outcome.reason == reason
    assert http.count() == 0


@pytest.mark.parametrize(
    "rule",
    [
        {"status": 500, "body": "<h1>oops</h1>"},
        {"status": 502, "body": "<html>bad gateway"},
        {"status": 409, "body": "the same id is being worked on"},
        {"status": 303},
        {"status": 200, "body": '{"error": "no money"}'},
        {"status": 200, "body": '{"id": ""}'},
        {"status": 200, "body": "OK"},
        {"status": 200, "body": '{"id": "1"}', "truncate": True},
        {"status": 200, "body": '{"id": "1', "truncate": True},
        {"status": 200, "body": "[" * 900_000},
        {"drop": True},
        {"stall": 30},
    ],
    ids=["500", "502", "409", "303", "error json", "no id", "text", "cut", "cut json", "deep", "drop", "silence"],
)  # fmt: skip
@pytest.mark.parametrize("phase", ["request", "accepted"])
async def test_once_written_only_a_clear_answer_counts(
    http: Sink, ledger: Ledger, rule: dict[str, object], phase: str
) -> None:
    """S1, S2: no answer, or one that does not say who has the message: ambiguous, arrived or not."""
    http.script({"at": phase, **rule})
    assert isinstance(await send(http.url, ledger), Ambiguous)
    assert (ledger.asked, http.count(KEY)) == (1, 1 if phase == "accepted" else 0)


async def test_an_endless_answer_is_cut_off(http: Sink, ledger: Ledger) -> None:
    """No more than a megabyte is read, and the outcome stays small."""
    http.script({"at": "accepted", "status": 200, "body": "x" * 3_000_000})
    outcome = await send(http.url, ledger)
    assert isinstance(outcome, Ambiguous)
    assert len(outcome.detail) < 700


async def test_a_gateway_whose_5xx_is_safe(http: Sink, ledger: Ledger) -> None:
    """`?5xx=safe` makes a 5xx a temporary refusal, and does not reach the gateway."""
    http.script({"at": "request", "status": 503, "headers": {"Retry-After": "3"}, "times": 1})
    url = f"{http.url}?a=1&5xx=safe"
    outcome = await send(url, ledger)
    assert isinstance(outcome, Refused)
    assert (outcome.permanent, outcome.code, outcome.retry_after) == (False, "503", 3.0)
    assert isinstance(await send(url, ledger), Sent)
    assert http.messages()[0]["path"] == "/?a=1"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "https://no-such-host.invalid/"])
async def test_no_gateway_there(ledger: Ledger, url: str) -> None:
    """Connection and name failures come before the handover: safe to try again."""
    outcome = await send(url, ledger)
    assert isinstance(outcome, Refused)
    assert (outcome.permanent, outcome.code, ledger.asked) == (False, "unreachable", 0)


async def test_tls_is_verified_before_the_handover(
    tmp_path: Path, certificate: Path, trust: ssl.SSLContext, ledger: Ledger
) -> None:
    """A certificate nobody vouches for is refused before anything is handed over."""
    with Sink("http", tmp_path, "--certificate", str(certificate)) as sink:
        url = f"https://localhost:{sink.port}/"
        outcome = await send(url, ledger)
        assert isinstance(outcome, Refused)
        assert (outcome.permanent, outcome.code, ledger.asked) == (False, "tls", 0)
        assert isinstance(await send(url, ledger, tls=trust), Sent)
        assert (ledger.asked, sink.count(KEY)) == (1, 1)


async def test_the_ledger_says_no(http: Sink) -> None:
    """P5: after a "no" not a byte of the request leaves."""
    ledger = Ledger(says=False)
    assert await send(http.url, ledger) == Withheld()
    assert (ledger.asked, http.count()) == (1, 0)


async def test_a_ledger_that_fails_sends_nothing(http: Sink) -> None:
    """An error of the ledger is the caller's: it comes out as it is, and nothing is sent."""

    async def locked() -> bool:
        msg = "database is locked"
        raise TimeoutError(msg)

    with pytest.raises(TimeoutError, match="database is locked"):
        await HttpSmsChannel(Connection("", "sms", http.url)).send(
            key=KEY, to=TO, text="x", handover=locked
        )
    assert http.count() == 0


@pytest.mark.parametrize("number", ["", "89161234567", "+7 916 123", "+0123456789", "anna"])
async def test_only_e164(http: Sink, ledger: Ledger, number: str) -> None:
    """What is no E.164 number is refused without asking anybody."""
    outcome = await send(http.url, ledger, to=number)
    assert isinstance(outcome, Refused)
    assert (outcome.permanent, outcome.code, ledger.asked) == (True, "bad_address", 0)


@pytest.mark.parametrize("url", ["ftp://x.example", "https://", "https://x.example?5xx=maybe"])
def test_a_url_that_cannot_be_used(url: str) -> None:
    """A wrong URL is refused at once."""
    with pytest.raises(Misconfigured):
        HttpSmsChannel(Connection("", "sms", url))
