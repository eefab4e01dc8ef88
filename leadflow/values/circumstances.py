"""What reading a value depends on besides the value."""

from __future__ import annotations

from typing import NamedTuple

from leadflow.engine.fields import Field


class Circumstances(NamedTuple):
    """Where a value is read."""

    field: Field
    region: str
    """Country of phone numbers written without one (ISO 3166)."""
    timezone: str
    """Zone of moments written without one (IANA)."""
