"""What the description of a gateway in `leadflow.yaml` can say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leadflow.channels.outcome import (
    Ambiguous,
    Refused,
    Sent,
)
from proving.sinks.process import Sink
from tests.channels.conftest import Ledger
from tests.channels.gateways import (
    KEY,
    TEXT,
    described,
    look_up,
    send,
    told,
)

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


async def test_a_gateway_that_is_away_cannot_be_asked(tmp_path: Path, http: Sink) -> None:
    """No connection: it says nothing of the message."""
    dead = described(tmp_path, http, ASKED.replace("gate.example/ask", "127.0.0.1:1/"))
    assert isinstance(await look_up(dead), Ambiguous)


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
