"""Gateways in the settings: what they are as plain data, and each mistake in its place."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, strategies as st

from leadflow.errors import Misconfigured
from leadflow.installation import (
    Connection,
    Installation,
    LookUp,
    Reading,
    filled,
    per_second,
)
from tests.support.spec_text import installation as read

GATE = """
connections:
  gate:
    type: sms
    url: "https://gate.example/send?id={key}"
    rate: 100/h
    headers: {Authorization: "Token ${TOKEN}"}
    json: {to: "{digits}", list: [1, 2.5, true, "1", "true", no]}
    idempotent_for: 1 day
    answers: {status: [201, 2xx], at: a.b, is: 0, matches: "x", id: a.id, code: c, means: accepted}
    look_up:
      url: "https://gate.example/ask"
      form: {id: "{key}", token: "${TOKEN}"}
      after: 30 seconds
      answers: [{at: found, means: accepted}, {means: missing}]
"""


def test_a_gateway_as_plain_data(tmp_path: Path) -> None:
    """JSON keeps its numbers and flags where they are not quoted; lengths of time are seconds; it survives the store."""
    made, problems = read(tmp_path, GATE)
    assert problems == []
    gate = made.connections["gate"]
    assert gate == Connection(
        id="gate",
        type="sms",
        url="https://gate.example/send?id={key}",
        headers={"Authorization": "Token ${TOKEN}"},
        rate="100/h",
        json={"to": "{digits}", "list": [1, 2.5, True, "1", "true", "no"]},
        answers=(
            Reading("accepted", ("201", "2xx"), at="a.b", is_=("0",), matches="x", id="a.id", code="c"),
        ),
        look_up=LookUp(
            "https://gate.example/ask",
            form={"id": "{key}", "token": "${TOKEN}"},
            answers=(Reading("accepted", at="found"), Reading("missing")),
            after=30,
        ),
        idempotent_for=86_400,
    )  # fmt: skip
    assert msgspec.json.decode(msgspec.json.encode(made), type=Installation) == made


def test_variables_are_filled_in_everywhere(tmp_path: Path) -> None:
    """In headers, bodies and the look-up's; a missing one is told when checking and refused when sending."""
    made, problems = read(tmp_path, GATE, {})
    assert [each[:12] for each in problems] == ["7:37 LF603 t", "13:35 LF603 "]
    whole = filled(made.connections["gate"], {"TOKEN": "t"})
    assert whole.headers == {"Authorization": "Token t"}
    assert whole.look_up is not None
    assert (whole.look_up.form["token"], whole.look_up.after) == ("t", 30)
    with pytest.raises(Misconfigured, match="TOKEN is not set"):
        filled(made.connections["gate"], {})


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("rate: 10", "5:11 LF111 '10' is not a rate"),
        ("rate: 0/s", "5:11 LF111 '0/s' is not a rate"),
        ("rate: 10/fortnight", "5:11 LF111 '10/fortnight' is not a rate"),
        ("method: DELETE", "5:13 LF105 'DELETE' is not possible here"),
        ('form: {a: "{txt}"}', "5:16 LF111 there is no {txt} here"),
        ('json: {a: [{b: "x {txt}"}]}', "5:23 LF111 there is no {txt} here"),
        ('headers: {X: "{text}"}', "5:19 LF111 there is no {text} here"),
        ("answers: {means: fine}", "5:22 LF105 'fine' is not possible here"),
        ("answers: {means: missing}", "5:5 LF106 only a look-up can find out that a message is missing"),
        ("answers: {means: accepted, is: 1}", "5:32 LF102 'is' needs 'at': where in the answer it stands"),
        ("answers: {means: accepted, status: 99}", "5:40 LF111 '99' is not an HTTP status"),
        ("answers: {means: accepted, wait: 1 hour}", "5:32 LF106 nothing is waited for where the answer means accepted"),
        ("answers: {means: temporary, wait: 1 working hour}", "5:39 LF108 '1 working hour' is not a length of time by itself"),
        ("answers: {means: temporary, wait: soon}", "5:39 LF108 'soon' is not a duration"),
        ('answers: {means: accepted, matches: "a(b"}', "5:43 LF111 the regular expression cannot be read: missing ), unterminated subpattern"),
        ('answers: {means: accepted, id: "{text}.id"}', "5:37 LF111 there is no {text} here"),
        ("form: {a: b}\n    json: {a: b}", "6:5 LF106 what is sent is either a form or JSON"),
        ("method: GET\n    form: {a: b}", "6:5 LF106 a GET request sends nothing but its url"),
        ("look_up: {answers: {means: accepted}}", "5:14 LF102 'url' must be given"),
        ('look_up: {url: "https://a"}', "5:14 LF102 'answers' must be given"),
        ('look_up: {url: "https://a", answers: {means: down}}', "5:33 LF106 a look-up tells of the message: it is neither temporary nor down"),
        ('look_up: {url: "https://{to}.a/", answers: {means: missing}}', "5:29 LF111 the host cannot depend on a message"),
        ("idempotent_for: 1 month", "5:21 LF108"),
        ("form: {api_key: k1}", "5:21 LF602 'api_key' holds a secret"),
        ("form: {psw: k1}", "5:17 LF602 'psw' holds a secret"),
        ('json: {a: {token: "k1"}}', "5:23 LF602 'token' holds a secret"),
        ('look_up: {url: "https://a/?token=k1", answers: {means: missing}}', "5:38 LF602 'token' in the address holds a secret"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_where_it_stands(tmp_path: Path, line: str, problem: str) -> None:
    """Values that cannot be, keys that exclude each other, places that no value has, secrets in the file."""
    text = f"connections:\n  gate:\n    type: sms\n    url: 'https://gate.example/'\n    {line}\n"
    _, problems = read(tmp_path, text)
    assert [each[: len(problem)] for each in problems] == [problem]


@pytest.mark.parametrize(
    ("head", "problem"),
    [
        ("{type: webhook, url: 'https://a', secret: '${S}', form: {a: b}}", "'form' is for gateways that speak HTTP, not for a connection of type webhook"),
        ("{type: email, idempotent_for: 1 hour}", "'idempotent_for' is for gateways that speak HTTP, not for a connection of type email"),
        ("{type: sms, url: 'smpp://${A}:${B}@a', json: {a: b}}", "'json' is for gateways that speak HTTP, not for SMPP"),
    ],
)  # fmt: skip
def test_other_connections_are_no_gateways(tmp_path: Path, head: str, problem: str) -> None:
    """Mail, webhooks and SMPP have requests of their own."""
    _, problems = read(tmp_path, f"connections: {{x: {head}}}")
    assert [each.split(" ", 2)[2] for each in problems] == [problem]


@pytest.mark.parametrize(
    ("head", "problems"),
    [
        ("{type: webhook, url: 'https://a'}", ["1:34 LF102 a webhook needs a secret: what is told there is signed"]),
        ("{type: webhook}", ["1:18 LF102 a connection of type webhook needs a url"]),
        ("{type: webhook, url: 'https://a', secret: '${S}'}", []),
        ("{type: message, url: 'https://a'}", []),
    ],
)  # fmt: skip
def test_what_is_signed_needs_a_secret(tmp_path: Path, head: str, problems: list[str]) -> None:
    """Without one nothing could be sent: that is said when it is checked, not when the first lead needs it."""
    assert read(tmp_path, f"connections: {{x: {head}}}")[1] == problems


@given(
    st.integers(1, 999_999), st.sampled_from([("s", 1), ("min", 60), ("h", 3_600), ("day", 86_400)])
)
def test_a_rate_is_a_number_a_second(count: int, span: tuple[str, int]) -> None:
    """However slow."""
    assert per_second(f"{count}/{span[0]}") * span[1] == pytest.approx(count)


def test_a_channel_goes_as_fast_as_its_slowest_connection() -> None:
    """They share its queue; without any rate the channel's usual one counts."""
    made = Installation(
        connections={
            "a": Connection("a", "sms", rate="1/s"),
            "b": Connection("b", "sms", rate="100/h"),
            "c": Connection("c", "sms"),
            "d": Connection("d", "email"),
        }
    )
    assert (made.rate("sms"), made.rate("email"), made.rate("message")) == (
        "100/h",
        "100/s",
        "20/s",
    )
