"""What the registry says about a problem code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]
"""An error stops checking, testing and publishing; a warning is only told."""


@dataclass(frozen=True, slots=True)
class CodeInfo:
    """A code's entry: the heading of its page, its severity, and a paragraph that explains it to an admin."""

    title: str
    severity: Severity
    explanation: str


def error(title: str, explanation: str) -> CodeInfo:
    """The entry of a mistake that must be mended before the pipeline can be published."""
    return CodeInfo(title, "error", explanation)


def warning(title: str, explanation: str) -> CodeInfo:
    """The entry of something that works, but hardly as meant."""
    return CodeInfo(title, "warning", explanation)
