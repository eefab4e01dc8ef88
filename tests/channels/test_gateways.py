"""Gateways as `leadflow.yaml` describes them: those of docs/channels.md as written there, and what else a description can say."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import msgspec
import pytest

from leadflow.channels.http import HttpTimeouts
from leadflow.channels.outcome import (
    Ambiguous,
    ChannelDown,
    Found,
    Missing,
    Outcome,
    Refused,
    Sent,
)
from leadflow.channels.sms import HttpSmsChannel
from leadflow.installation import Connection, filled
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
    blocks = [each for each in read_page(DOCS / "channels.md") if isinstance(each, Block)]
    (text,) = [each.text for each in blocks if each.file == f"{name}/leadflow.yaml"]
    return described(folder, sink, text)


def answers(path: str, body: dict[str, Any], *, status: int = 200, at: str = "accepted") -> Any:
    return {"at": at, "status": status, "body": json.dumps(body), "match": {"path": path}}


async def send(made: HttpSmsChannel, ledger: Ledger) -> Outcome:
    return await made.send(key=KEY, to=TO, text=TEXT, handover=ledger)


async def look_up(made: HttpSmsChannel) -> Found:
    return await made.look_up(key=KEY, to=TO)


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
    dead = described(tmp_path, http, ASKED.replace("gate.example/ask", "127.0.0.1:1/"))
    assert isinstance(await look_up(dead), Ambiguous)


async def test_twilio_takes_a_text(tmp_path: Path, http: Sink, ledger: Ledger) -> None:
    """Twilio: Basic login from the url, a form in its words, 201 with a sid; nobody can be asked."""
    path = "/2010-04-01/Accounts/AC77/Messages.json"
    http.script(answers(path, {"sid": "SM1", "status": "queued", "error_code": None}, status=201))
    made = of_the_page(tmp_path, http, "twilio")
    outcome = await send(made, ledger)
    assert isinstance(outcome, Sent)
    assert (outcome.provider_id, made.missing_after, made.idempotent_for) == ("SM1", None, 0)
    [message] = http.messages()
    assert parse_qs(message["body"]) == {"To": [TO], "From": ["+15005550006"], "Body": [TEXT]}
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


async def test_our_own_protocol_carries_the_secret(
    tmp_path: Path, http: Sink, ledger: Ledger
) -> None:
    """`secret` goes as a bearer token where nothing else is described."""
    assert isinstance(await send(of_the_page(tmp_path, http, "own"), ledger), Sent)
    [message] = http.messages(KEY)
    assert message["headers"]["authorization"] == "Bearer s3cret"
    assert json.loads(message["body"]) == {"id": KEY, "to": TO, "text": TEXT}


ASKED = """
connections:
  gate:
    type: sms
    url: "https://gate.example/send"
    look_up:
      url: "https://gate.example/ask?id={key}"
      method: GET
      after: 5 seconds
      answers:
        - {status: 404, matches: "no such", means: missing}
        - {at: found, is: true, means: known, id: "list.{digits}[1]"}
"""


async def test_a_value_keeps_its_place(tmp_path: Path, http: Sink, ledger: Ledger) -> None:
    """In the url values are percent-encoded, in JSON quoted; what a value brings along in braces stays as it is."""
    made = described(
        tmp_path,
        http,
        """
        connections:
          gate:
            type: sms
            url: "https://gate.example/to/{to}?text={text}&route=7"
            from: 'a"b'
            method: PUT
            headers: {X-Ref: "{key}/{digits}", Idempotency-Key: "{digits}"}
            json: {list: [{text: "{text}", from: "{sender}", count: 5, part: 0.5, really: true, s: "5"}], note: "{"}
        """,
    )
    assert isinstance(await send(made, ledger), Sent)
    [message] = http.messages()
    assert message["path"] == (
        "/to/%2B79161234567?text=%D0%96%D0%B4%D1%91%D0%BC%20%D0%B2%D0%B0%D1%81%3A%2010%20%26%2011%20%7Bto%7D%3F&route=7"
    )
    assert (message["method"], message["headers"]["x-ref"]) == ("PUT", f"{KEY}/79161234567")
    assert message["headers"]["idempotency-key"] == "79161234567"
    entry = {"text": TEXT, "from": 'a"b', "count": 5, "part": 0.5, "really": True, "s": "5"}
    assert json.loads(message["body"]) == {"list": [entry], "note": "{"}


@pytest.mark.parametrize(
    ("status", "body", "found"),
    [
        (404, "no such message", ("missing", "")),
        (404, "no page", ("unsure", "")),
        (200, '{"found": true, "list": {"79161234567": [0, "x7"]}}', ("accepted", "x7")),
        (200, '{"found": true, "list": {"79160000000": [0, "x7"]}}', ("unsure", "")),
        (200, '{"found": "true", "list": {"79161234567": [0, 7]}}', ("accepted", "7")),
        (200, '{"found": false}', ("unsure", "")),
        (200, '{"found": true, "list": {"79161234567": [0, {"id": 7}]}}', ("unsure", "")),
        (200, '[{"found": true}]', ("unsure", "")),
        (200, "\x00\xff", ("unsure", "")),
    ],
)
async def test_a_look_up_in_other_words(
    tmp_path: Path, http: Sink, status: int, body: str, found: tuple[str, str]
) -> None:
    """By status, expression, value and path; an id that is not where it should be means nothing."""
    http.script({"at": "request", "status": status, "body": body})
    made = described(tmp_path, http, ASKED)
    assert (told(await look_up(made)), made.missing_after) == (found, 5)
    assert http.faults()[0]["path"] == f"/ask?id={KEY}"


READ = """
connections:
  gate:
    type: message
    url: "https://gate.example/send?5xx=safe"
    form: {to: "{to}", text: "{text}"}
    idempotent_for: 1 day
    answers:
      - {status: 409, means: known}
      - {status: [503, 504], means: temporary, wait: 2 minutes}
      - {matches: "^ERR (?P<code>E\\\\d+)", means: refused}
      - {matches: "^OK (?P<id>\\\\w+)", means: accepted}
      - {status: 202, means: accepted}
"""


@pytest.mark.parametrize(
    ("rule", "outcome"),
    [
        ({"status": 409, "body": "again"}, ("accepted", "")),
        ({"status": 503}, ("temporary", "503")),
        ({"status": 500, "body": "boom"}, ("temporary", "500")),
        ({"status": 200, "body": "ERR E17 wrong"}, ("refused", "E17")),
        ({"status": 200, "body": "OK z9"}, ("accepted", "z9")),
        ({"status": 200, "body": "OK z9", "truncate": True}, ("unsure", "")),
        ({"status": 202, "body": "", "truncate": True}, ("accepted", "")),
        ({"status": 200, "body": "?"}, ("unsure", "")),
        ({"status": 400, "body": "?"}, ("refused", "400")),
        ({"status": 200, "body": "x" * 11_000 + "\nOK z9"}, ("unsure", "")),
    ],
)  # fmt: skip
async def test_answers_in_other_words(
    tmp_path: Path, http: Sink, ledger: Ledger, rule: dict[str, Any], outcome: tuple[str, str]
) -> None:
    """S1: the first that fits counts, a cut answer says no more than its status, what nobody described is judged by HTTP."""
    http.script({"at": "request", **rule})
    made = described(tmp_path, http, READ)
    found = await send(made, ledger)
    assert (told(found), made.idempotent_for) == (outcome, 86_400)
    if rule["status"] == 503:
        assert isinstance(found, Refused)
        assert found.retry_after == 120
