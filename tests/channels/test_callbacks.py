"""What providers tell later is read by the rules of their connection, whatever they write around it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from leadflow.channels.callbacks import reports
from leadflow.installation import Callbacks, Telling
from leadflow.ports import Report

KEY = "0123456789abcdef0123456789abcdef"
TELLINGS = (
    Telling("delivered", "status", ("delivered", "1")),
    Telling("dead", "error.code", ("30005",), "error.code"),
    Telling("undelivered", "status", ("failed", "20"), "error.code"),
    Telling("complained", "spam"),
)


def rules(**more: Any) -> Callbacks:
    return Callbacks("s", TELLINGS, **{"key": "ref", "id": "sid", **more})


def read(body: Any, **more: Any) -> list[Report]:
    return reports(rules(**more), "json", json.dumps(body).encode())


@pytest.mark.parametrize(
    ("item", "told"),
    [
        ({"ref": KEY, "status": "delivered"}, Report("delivered", KEY)),
        ({"ref": KEY.upper(), "status": 1}, Report("delivered", KEY)),
        ({"ref": f"<{KEY}@shop.example>", "status": "1"}, Report("delivered", KEY)),
        ({"sid": 77, "status": "failed"}, Report("undelivered", "", "77")),
        (
            {"ref": KEY, "sid": "a", "status": "failed", "error": {"code": 30005}},
            Report("dead", KEY, "a", "30005"),
        ),
        ({"ref": KEY, "status": "sent", "spam": True}, Report("complained", KEY)),
        ({"ref": KEY, "status": "sent"}, None),
        ({"ref": KEY[1:], "status": "delivered"}, None),
        ({"status": "delivered"}, None),
        ({"ref": {"x": KEY}, "status": "delivered"}, None),
        ("delivered", None),
        (None, None),
    ],
)
def test_a_report(item: Any, told: Report | None) -> None:
    """The first rule that fits counts; what is under way, or names no message, says nothing."""
    assert read(item) == ([told] if told else [])


def test_many_at_once() -> None:
    """A list is many reports, at the top or where the rules say; what else stands there does no harm."""
    items = [{"ref": KEY, "status": "delivered"}, 5, {"sid": "b", "status": "failed"}]
    expected = [Report("delivered", KEY), Report("undelivered", "", "b")]
    assert read(items) == expected
    assert read({"data": {"events": items}}, each="data.events") == expected
    assert read({"data": {}}, each="data.events") == []


def test_a_form() -> None:
    """Fields by their names as they are written; Cyrillic and repeated fields do no harm."""
    form = urlencode({"id[0]": KEY, "status": "failed", "error.code": "30005", "текст": "да"})
    told = reports(rules(key="id[0]"), "form", f"status=sent&{form}".encode())
    assert told == [Report("dead", KEY, "", "30005")]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 20_000, b"id=1"])
def test_what_is_no_json(body: bytes) -> None:
    """Broken, binary, nested without end: an error at once, never a crash."""
    with pytest.raises(ValueError, match=r"."):
        reports(rules(), "json", body)


@pytest.mark.parametrize("body", [b"\xd0\xb0=1", b"&".join([b"a=1"] * 2_000)])
def test_what_is_no_form(body: bytes) -> None:
    """Bytes that no form has, more fields than anybody sends."""
    with pytest.raises(ValueError, match=r"."):
        reports(rules(), "form", body)
