"""The net under the logs: what it hides, and what it must leave readable."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given, strategies as st

from leadflow.logs.redact import HIDDEN, mask, redacted


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (
            "550 5.1.1 <ivan.petrov@client.example>: no such user",
            "550 5.1.1 <[e-mail]>: no such user",
        ),
        ("to=ivan%40client.example&x=1", "[e-mail]&x=1"),
        ("иван@почта.рф is refused", "[e-mail] is refused"),
        ("call +7 (916) 123-45-67 now", "call [phone] now"),
        ("call 8 916 123 45 67", "call [phone]"),
        ("tel:+79161234567", "tel:[phone]"),
        ("phone=%2B79161234567&a", "phone=%2B[phone]&a"),
        ("recipient 79161234567", "recipient [phone]"),
        ("smtp://office:p@ss/w0rd@mail.example:587 hung up", "smtp://***@mail.example:587 hung up"),
        ("GET /hooks/gate/s3cr3t-word", "GET /hooks/gate/***"),
        ("Authorization: Bearer abc.def-123", "Authorization: Bearer ***"),
        (
            "https://gate.example/send?api_key=abc123&x=2",
            "https://gate.example/send?api_key=***&x=2",
        ),
        ("{'password': 'hunter2'}", "{'password': '***'}"),
        ("KeyError: 'Иван Петров'", "KeyError: '[text]'"),
        (r"b'\xd0\x98\xd0\xb2' of '\u0418\u0432'", "b'[text]' of '[text]'"),
    ],
)
def test_what_is_hidden(text: str, masked: str) -> None:
    """Addresses, numbers, credentials, tokens and words of other scripts go, the rest of the line stays."""
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "the worker is ready",
        "leads/razvedka/offered lead-994675fc1f922df73bec5f0f",
        "2026-11-22 10:05:03 UTC, 2026-11-22T10:05:03.123456+00:00",
        "connect to 192.168.100.200:7233 failed after 12.123456789 s",
        "451 4.7.1 greylisted, try again in 300 s",
        "/srv/leadflow/worker.py:123 in run_worker – 5 of 1000 …",
    ],
)
def test_what_stays(text: str) -> None:
    """Ids, instants, addresses of machines, versions, codes and durations are what a log is for."""
    assert mask(text) == text


@given(st.uuids(), st.binary(min_size=16, max_size=16))
def test_ids_are_no_numbers(one: uuid.UUID, digest: bytes) -> None:
    """Whatever digits a run id, a lead's id or an effect's hash has, it is never taken for a phone."""
    for text in (f"run {one} ends", f"lead-{digest.hex()}", f"lead-{digest.hex()}/stage/1/x/1"):
        assert mask(text) == text


@given(st.text("0123456789", min_size=10, max_size=10))
def test_no_number_gets_through(digits: str) -> None:
    """A Russian number in each usual spelling is hidden, whatever its digits."""
    a, b, c, d = digits[:3], digits[3:6], digits[6:8], digits[8:]
    for text in (f"+7{digits}", f"8{digits}", f"+7 ({a}) {b}-{c}-{d}", f"8-{a}-{b}-{c}-{d}"):
        assert digits not in mask(f"x {text} y").replace("-", "").replace(" ", "")
        assert mask(f"x {text} y") == "x [phone] y"


def test_events_are_plain_and_masked() -> None:
    """Under a personal name nothing is written; nested values and whatever has a text are masked, ids stay."""
    event = {
        "event": "a message has ended",
        "lead": "lead-1",
        "fields": {"x": 1},
        "Email": "a@b.example",
        "more": {"to": "x", "why": ["a@b.example", None, 3, True, 0.5]},
        "raw": b"a@b.example",
        "error": ValueError("no a@b.example"),
        "count": 89161234567,
    }
    assert redacted(event) == {
        "event": "a message has ended",
        "lead": "lead-1",
        "fields": HIDDEN,
        "Email": HIDDEN,
        "more": {"to": HIDDEN, "why": ["[e-mail]", None, 3, True, 0.5]},
        "raw": HIDDEN,
        "error": "no [e-mail]",
        "count": "[phone]",
    }
