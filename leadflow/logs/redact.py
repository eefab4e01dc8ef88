"""The net under the logs: hides what looks like an address, a number, a secret or somebody's own words.

Nobody should log such things; an exception's message may quote them all the same. What is hidden, and why by its shape:
a message comes from a library or a server, whose words nobody knows beforehand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "[hidden]"
PERSONAL = frozenset((
    "address", "addresses", "authorization", "body", "email", "fields", "headers", "input", "name", "password",
    "payload", "phone", "reply", "secret", "sender", "text", "title", "to", "token", "url", "value", "values",
))  # fmt: skip
"""Names under which nothing may be logged at all."""

_FEWEST, _FEWEST_WITH_PLUS, _MOST = 9, 8, 15
"""Digits of a phone number (E.164 knows 15 at most)."""
_NUMBER = re.compile(
    r"(?:(?<![\w.-])\+?|(?<=%2B)|(?<=\+))\(?\d[\d\s().\u2010-\u2015-]{6,}\d(?![\w-])"
)
_NO_PHONE = re.compile(r"\d{4}-\d\d-\d\d.*|\d{1,3}(?:\.\d{1,3}){3}|\d+\.\d+", re.DOTALL)
"""A date, an IP address, a fraction."""
_SHAPES = (
    # Credentials in an address, whatever characters a password has.
    (re.compile(r"://[^\s'\"<>]*@"), "://***@"),
    (re.compile(r"(/hooks/[^/\s]+/)[^\s'\"?]+"), r"\1***"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), r"\1 ***"),
    (
        re.compile(
            r"(?i)((?:password|passwd|secret|token|api[_-]?key|apikey|authorization|signature)"
            r"[\"']?\s*[:=]\s*[\"']?)(?!\*\*\*|bearer |basic )[^\s\"'&,;]+"
        ),
        r"\1***",
    ),
    (re.compile(r"(?:\"[^\"\s]*\"|[^\s<>()\[\]{}\"',;:@*]+)(?:@|%40)[\w.-]+"), "[e-mail]"),
    # Our own words are English: letters of other scripts, plain or escaped, are what somebody else has written.
    (re.compile(r"(?:\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}))+"), "[text]"),
    (re.compile(r"(?![A-Za-z])[^\W\d_](?:[\W\d_]*(?![A-Za-z])[^\W\d_])*"), "[text]"),
)


def mask(text: str) -> str:
    """A text with e-mail addresses, phone numbers, credentials, tokens and words that are not English hidden."""
    for shape, instead in _SHAPES:
        text = shape.sub(instead, text)
    return _NUMBER.sub(_phone, text)


def redacted(event: Mapping[str, Any]) -> dict[str, Any]:
    """An event of the log as it may be written: plain values, masked; what stands under a `PERSONAL` name is not."""
    return {
        mask(str(name)): HIDDEN if str(name).lower() in PERSONAL else _plain(value)
        for name, value in event.items()
    }


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | float():
            return value
        case int():
            return value if mask(str(value)) == str(value) else "[phone]"
        case bytes():
            return HIDDEN
        case Mapping():
            return redacted(value)
        case list() | tuple() | set() | frozenset():
            return [_plain(one) for one in value]
        case _:
            return mask(str(value))


def _phone(found: re.Match[str]) -> str:
    text = found[0]
    plus = text.startswith("+") or found.string[: found.start()].endswith(("+", "%2B"))
    digits = sum(letter.isdigit() for letter in text)
    fewest = _FEWEST_WITH_PLUS if plus else _FEWEST
    if not fewest <= digits <= _MOST or (not plus and _NO_PHONE.fullmatch(text)):
        return text
    return "[phone]"
