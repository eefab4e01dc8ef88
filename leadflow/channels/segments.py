"""How many segments a text costs as SMS (3GPP TS 23.038, 23.040).

GSM-7: 160 characters alone, 153 in each of several; UCS-2, as soon as one character is outside the GSM
alphabet (any Cyrillic letter): 70 and 67. Characters of the extension table take two septets, those outside
the Basic Multilingual Plane two units; neither pair may be torn apart between two segments.
"""

from __future__ import annotations

from typing import Literal

import msgspec

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The alphabet in the order of its codes; 0x1B introduces a character of the extension table."""
_EXTENSION = {
    "\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F,
    "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40, "€": 0x65,
}  # fmt: skip
_ESCAPE = 0x1B
_SEPTETS = {
    character: bytes([code]) for code, character in enumerate(_BASIC) if code != _ESCAPE
} | {character: bytes([_ESCAPE, code]) for character, code in _EXTENSION.items()}

_PLAIN = dict(enumerate(_BASIC))
_ESCAPED = {code: character for character, code in _EXTENSION.items()}

Encoding = Literal["GSM-7", "UCS-2"]

_ALONE: dict[Encoding, int] = {"GSM-7": 160, "UCS-2": 70}
_JOINED: dict[Encoding, int] = {"GSM-7": 153, "UCS-2": 67}
"""In each of several: the header that joins them takes 6 octets."""
_UNIT: dict[Encoding, int] = {"GSM-7": 1, "UCS-2": 2}
"""Octets of a unit, as SMPP sends it: a septet in an octet of its own."""


class SmsSegments(msgspec.Struct, frozen=True):
    """What a text costs."""

    encoding: Encoding
    units: int
    """Septets (GSM-7) or 16-bit units (UCS-2)."""
    segments: int


class SmsParts(msgspec.Struct, frozen=True):
    """A text as it goes over the air."""

    encoding: Encoding
    parts: tuple[bytes, ...]
    """GSM-7: a septet in each octet; UCS-2: UTF-16, big endian."""


def sms_segments(text: str) -> SmsSegments:
    """Counts the segments of ``text``; none for an empty one."""
    split = sms_parts(text)
    octets = sum(map(len, split.parts))
    return SmsSegments(split.encoding, octets // _UNIT[split.encoding], len(split.parts))


def sms_parts(text: str, *, gsm: bool = True) -> SmsParts:
    """Splits ``text`` into its segments; none for an empty one. Without ``gsm`` everything is UCS-2."""
    encoding: Encoding = "GSM-7" if gsm and all(each in _SEPTETS for each in text) else "UCS-2"
    characters = [_encoded(encoding, each) for each in text]
    whole = b"".join(characters)
    unit = _UNIT[encoding]
    if len(whole) <= _ALONE[encoding] * unit:
        return SmsParts(encoding, (whole,) if whole else ())
    parts = [b""]
    for octets in characters:
        if len(parts[-1]) + len(octets) > _JOINED[encoding] * unit:
            parts.append(b"")
        parts[-1] += octets
    return SmsParts(encoding, tuple(parts))


def _encoded(encoding: Encoding, character: str) -> bytes:
    if encoding == "GSM-7":
        return _SEPTETS[character]
    return character.encode("utf-16-be", "replace")


def from_gsm(octets: bytes) -> str:
    """The text of septets in octets of their own; what is none becomes ``?``."""
    found, escaped = [], False
    for code in octets:
        table = _ESCAPED if escaped else _PLAIN
        escaped = not escaped and code == _ESCAPE
        if not escaped:
            found.append(table.get(code, "?"))
    return "".join(found)
