"""The gateways of docs/channels.md, as written there, against servers that answer as theirs do."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest

from leadflow.channels.callbacks import reports
from leadflow.channels.messenger import is_ours
from leadflow.channels.outcome import (
    Ambiguous,
    ChannelDown,
    Found,
    Missing,
    Outcome,
    Refused,
    Sent,
)
from leadflow.ports import Report
from proving.sinks.process import Sink
from tests.channels.conftest import Ledger
from tests.channels.gateways import (
    KEY,
    TEXT,
    TO,
    answers,
    look_up,
    of_the_page,
    send,
    settings_of_the_page,
    told,
)

SEND, STATUS = "/sys/send.php", "/sys/status.php"


async def test_smsc_takes_a_text(tmp_path: Path, http: Sink, ledger: Ledger) -> None:
    """SMSC.ru: a form with our id; its answer names the message."""
    http.script(answers(SEND, {"id": KEY, "cnt": 1}))
    assert await send(of_the_page(tmp_path, http, "smsc"), ledger) == Sent(
        KEY, f'200 {{"id": "{KEY}", "cnt": 1}}'
    )
    [message] = http.messages(KEY)
    assert parse_qs(message["body"]) == {
        "login": ["kuhni"], "psw": ["p&ss"], "phones": ["79161234567"], "mes": [TEXT], "id": [KEY], "sender": ["KUHNI"],
        "charset": ["utf-8"], "fmt": ["3"],
    }  # fmt: skip
    assert ledger.asked == 1


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (1, Refused(True, "1", '200 {"error": "x", "error_code": 1, "id": "5"}')),
        (2, ChannelDown('the gateway says 200 {"error": "x", "error_code": 2, "id": "5"}', "misconfigured")),
        (7, Refused(True, "7", '200 {"error": "x", "error_code": 7, "id": "5"}')),
        (9, Ambiguous('answered 200 {"error": "x", "error_code": 9, "id": "5"}')),
    ],
)  # fmt: skip
async def test_smsc_refuses(
    tmp_path: Path, http: Sink, ledger: Ledger, code: int, outcome: Outcome
) -> None:
    """Its errors come with 200, some with an id: of this message, of our account, or one that leaves nobody knowing."""
    http.script(answers(SEND, {"error": "x", "error_code": code, "id": "5"}, at="request"))
    assert await send(of_the_page(tmp_path, http, "smsc"), ledger) == outcome


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"status": -3, "last_date": ""}, Missing),
        ({"status": -1}, Sent),
        ({"status": 0, "last_timestamp": 1}, Sent),
        ({"status": 1}, Sent),
        ({"status": 22}, Refused),
        ({"error": "too often", "error_code": 9}, Ambiguous),
        ({}, Ambiguous),
    ],
    ids=["missing", "waits", "left", "delivered", "wrong number", "too often", "nothing"],
)
async def test_smsc_is_asked(
    tmp_path: Path, http: Sink, body: dict[str, Any], found: type[Found]
) -> None:
    """S2: `status.php` by our id and the number: what is there, what is certainly not, and what it does not say."""
    http.script(answers(STATUS, body, at="request"))
    made = of_the_page(tmp_path, http, "smsc")
    assert made.missing_after == 120
    assert isinstance(await look_up(made), found)
    assert http.count() == 0


@pytest.mark.parametrize(
    "rule", [{"status": 500}, {"status": 404}, {"drop": True}, {"stall": 30}, {"status": 401}]
)
async def test_a_question_without_an_answer_says_nothing(
    tmp_path: Path, http: Sink, rule: dict[str, object]
) -> None:
    """However asking fails, it does not say that the message failed."""
    http.script({"at": "request", **rule})
    assert isinstance(await look_up(of_the_page(tmp_path, http, "smsc")), Ambiguous)


async def test_twilio_takes_a_text(tmp_path: Path, http: Sink, ledger: Ledger) -> None:
    """Twilio: Basic login from the url, a form in its words, 201 with a sid; nobody can be asked."""
    path = "/2010-04-01/Accounts/AC77/Messages.json"
    http.script(answers(path, {"sid": "SM1", "status": "queued", "error_code": None}, status=201))
    made = of_the_page(tmp_path, http, "twilio")
    outcome = await send(made, ledger)
    assert isinstance(outcome, Sent)
    assert (outcome.provider_id, made.missing_after, made.idempotent_for) == ("SM1", None, 0)
    [message] = http.messages()
    assert parse_qs(message["body"]) == {
        "To": [TO],
        "From": ["+15005550006"],
        "Body": [TEXT],
        "StatusCallback": ["https://leads.kuhni.example/hooks/sms/twilio-0123456789012345"],
    }
    login = base64.b64encode(b"AC77:t0ken").decode()
    assert message["headers"]["authorization"] == f"Basic {login}"
    assert isinstance(await look_up(made), Ambiguous)


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (400, {"code": 21211, "message": "Invalid 'To'", "status": 400}, ("refused", "21211")),
        (400, {"code": 21610, "message": "unsubscribed"}, ("refused", "21610")),
        (400, {"code": 21606, "message": "not your number"}, ("down", "misconfigured")),
        (401, {"code": 20003}, ("down", "login")),
        (429, {"code": 20429}, ("temporary", "429")),
        (500, {"code": 20500}, ("unsure", "")),
    ],
)
async def test_twilio_refuses(
    tmp_path: Path,
    http: Sink,
    ledger: Ledger,
    status: int,
    body: dict[str, Any],
    outcome: tuple[str, str],
) -> None:
    """Its own code where the error is about the message; what is about the account stops the channel."""
    path = "/2010-04-01/Accounts/AC77/Messages.json"
    http.script(answers(path, body, status=status, at="request"))
    assert told(await send(of_the_page(tmp_path, http, "twilio"), ledger)) == outcome


async def test_our_own_protocol_carries_the_secret(
    tmp_path: Path, http: Sink, ledger: Ledger
) -> None:
    """`secret` goes as a bearer token where nothing else is described."""
    assert isinstance(await send(of_the_page(tmp_path, http, "own"), ledger), Sent)
    [message] = http.messages(KEY)
    assert message["headers"]["authorization"] == "Bearer s3cret"
    assert json.loads(message["body"]) == {"id": KEY, "to": TO, "text": TEXT}


@pytest.mark.parametrize(
    ("gateway", "form", "expected"),
    [
        ("smsc", {"id": KEY, "status": "1", "err": "0"}, Report("delivered", KEY)),
        ("smsc", {"id": KEY, "status": "20", "err": "6"}, Report("undelivered", KEY, "", "6")),
        ("smsc", {"id": KEY, "status": "22", "err": "1"}, Report("dead", KEY, "", "1")),
        ("smsc", {"id": KEY, "status": "0", "err": "0"}, None),
        (
            "twilio",
            {"MessageSid": "SM1", "MessageStatus": "delivered"},
            Report("delivered", "", "SM1"),
        ),
        (
            "twilio",
            {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30005"},
            Report("dead", "", "SM1", "30005"),
        ),
        (
            "twilio",
            {"MessageSid": "SM1", "MessageStatus": "failed", "ErrorCode": "21610"},
            Report("unsubscribed", "", "SM1", "21610"),
        ),
        (
            "twilio",
            {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30003"},
            Report("undelivered", "", "SM1", "30003"),
        ),
        ("twilio", {"MessageSid": "SM1", "MessageStatus": "sent"}, None),
    ],
)
def test_what_they_tell_later(
    tmp_path: Path, gateway: str, form: dict[str, str], expected: Report | None
) -> None:
    """Callbacks as each of them makes them, by the rules of the page."""
    rules = next(iter(settings_of_the_page(tmp_path, gateway).connections.values())).callbacks
    assert rules is not None
    assert reports(rules, "form", urlencode(form).encode()) == ([expected] if expected else [])


def test_the_other_connections_of_the_page(tmp_path: Path) -> None:
    """Messengers and audiences are written as `leadflow check` takes them."""
    chat = settings_of_the_page(tmp_path, "messenger").connections["telegram"]
    assert is_ours(chat)
    audiences = settings_of_the_page(tmp_path, "audiences").connections
    assert [bool(each.url) for each in audiences.values()] == [False, True]
