"""Text as it comes from keyboards, files and mail: without control characters, composed, of bounded length.

C0 and C1 controls (a NUL passes through `EmailMessage` into a header), bidirectional overrides (they reverse what a
manager reads), invisible marks and lone surrogates (no encoder takes them) carry nothing a lead needs.
"""

from __future__ import annotations

import re
import unicodedata

_NEWLINE = re.compile("\r\n|[\r\x85\u2028\u2029]")
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_SPACING = re.compile("[\t\n]")
_QUOTED_LENGTH = 40


class Wrong(ValueError):
    """A value is not of its type; the text says what is wrong and what a right one looks like."""


def block(text: str) -> str:
    """Cleans text that may have several lines; every newline becomes a line feed."""
    kept = _UNWANTED.sub("", _NEWLINE.sub("\n", text))
    return unicodedata.normalize("NFC", kept).strip()


def line(text: str) -> str:
    """Cleans text and puts it on one line: newlines and tabs become spaces."""
    return block(_SPACING.sub(" ", _NEWLINE.sub("\n", text)))


def within(text: str, limit: int) -> str:
    """The text itself.

    Raises:
        Wrong: it is longer than ``limit`` characters.
    """
    if len(text) > limit:
        message = f"the text has {len(text):,} characters; shorten it to {limit:,}"
        raise Wrong(message)
    return text


def quoted(text: str) -> str:
    """The beginning of a value in quotes, for a message."""
    short = text if len(text) <= _QUOTED_LENGTH else text[: _QUOTED_LENGTH - 1] + "…"
    return f"'{short}'"


def as_line(raw: object, what: str) -> str:
    """One clean line from a string or whole number.

    Args:
        raw: What was given.
        what: How to write it rightly, the end of the message: "a phone number; write it like …".

    Raises:
        Wrong: it is of another kind (a list, a mapping, a flag).
    """
    match raw:
        case str():
            return line(raw)
        case bool():
            pass
        case int() if abs(raw) < 10**18:
            return str(raw)
        case _:
            pass
    message = f"{kind(raw)} is not {what}"
    raise Wrong(message)


def kind(raw: object) -> str:
    """What a value of an unexpected kind is called in a message."""
    match raw:
        case bool():
            return "yes or no"
        case int() | float():
            return "this number"
        case list() | tuple():
            return "a list"
        case dict():
            return "a group of values"
        case str():
            return quoted(line(raw))
        case _:
            return "this"
