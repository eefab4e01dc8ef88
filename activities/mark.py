"""A mark in a history, where nothing else would stand (docs/decisions/0018)."""

from __future__ import annotations

from temporalio import activity

from activities.policies import MARK_ACTIVITY


@activity.defn(name=MARK_ACTIVITY)
async def mark() -> None:
    """Does nothing. A local activity: one event, no task of its own."""
