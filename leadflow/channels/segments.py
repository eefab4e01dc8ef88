"""How many segments a text costs as SMS (3GPP TS 23.038, 23.040).

GSM-7: 160 characters alone, 153 in each of several; UCS-2, as soon as one character is outside the GSM
alphabet (any Cyrillic letter): 70 and 67. Characters of the extension table take two septets, those outside
the Basic Multilingual Plane two units; neither pair may be torn apart between two segments.
"""

from __future__ import annotations

from typing import Literal

import msgspec

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
_LAST_OF_ONE_UNIT = "\uffff"


class SmsSegments(msgspec.Struct, frozen=True):
    """What a text costs."""

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    """Septets (GSM-7) or 16-bit units (UCS-2)."""
    segments: int


def sms_segments(text: str) -> SmsSegments:
    """Counts the segments of ``text``; none for an empty one."""
    if all(character in _BASIC or character in _EXTENDED for character in text):
        widths = [2 if character in _EXTENDED else 1 for character in text]
        return _counted("GSM-7", widths, alone=160, joined=153)
    widths = [2 if character > _LAST_OF_ONE_UNIT else 1 for character in text]
    return _counted("UCS-2", widths, alone=70, joined=67)


def _counted(
    encoding: Literal["GSM-7", "UCS-2"], widths: list[int], *, alone: int, joined: int
) -> SmsSegments:
    units = sum(widths)
    if units <= alone:
        return SmsSegments(encoding, units, 1 if units else 0)
    segments, left = 1, joined
    for width in widths:
        if width > left:
            segments, left = segments + 1, joined
        left -= width
    return SmsSegments(encoding, units, segments)
