"""Instants written as a wall clock shows them, so that tables of times read like a calendar."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def utc(shown: str, tz: str, *, second: bool = False) -> datetime:
    """The instant of ``"2026-11-20 15:00"`` in a zone; ``second``: of a doubled clock time the later one."""
    return datetime.fromisoformat(shown).replace(tzinfo=ZoneInfo(tz), fold=second).astimezone(UTC)


def shown(at: datetime, tz: str) -> str:
    """``"Fri 2026-11-20 15:00"``: the wall clock of a zone at an instant, seconds only where there are any."""
    return f"{at.astimezone(ZoneInfo(tz)):%a %Y-%m-%d %H:%M:%S}".removesuffix(":00")
