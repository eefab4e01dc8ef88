"""What the renderer's two processes say to each other: JSON, a line each."""

from __future__ import annotations

from typing import Any

import msgspec

from leadflow.text.shown import Audience


class Limits(msgspec.Struct, frozen=True):
    """What one rendering may take."""

    memory: int = 256 << 20
    """Bytes of address space, the interpreter included (it needs about 60 MB)."""
    processor: float = 1.0
    """Seconds of processor time."""
    wall: float = 30.0
    """Seconds until the parent gives up on a process that does not get the processor."""


class Request(msgspec.Struct, frozen=True, omit_defaults=True):
    """A template and all it needs."""

    source: str
    context: dict[str, Any]
    """As `leadflow.text.freeze` makes it."""
    language: str
    timezone: str
    audience: Audience
    html: bool = False
    email: bool = False
    subject: str | None = None


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """The text, or why there is none."""

    text: str = ""
    subject: str = ""
    html: str = ""
    empty: str = ""
    """Name of the empty value."""
    failed: str = ""
    hint: str = ""
    line: int = 0
    last: bool = False
    """Whether the process ends after this answer."""
