"""Addresses in the form in which two that are the same are equal, and which of them an opt-out bars (Meaning 9)."""

from __future__ import annotations

from collections.abc import Iterator

from leadflow.engine.pipeline import Pipeline
from leadflow.engine.scope import addresses
from leadflow.engine.sends import ALL
from leadflow.engine.state import State

_CHANNELS = {"email": ("email",), "phone": ("sms", "message")}
"""Field type → channels that reach its addresses."""


def normal(channel: str, address: str) -> str:
    """An e-mail address in lower case; a number as it is (E.164 already)."""
    return address.strip().casefold() if channel == "email" else address.strip()


def opted_out(pipeline: Pipeline, state: State) -> Iterator[tuple[str, str]]:
    """Channel (or ``all``) and address of every opt-out that a state tells of."""
    if not state.opted_out:
        return
    for field in pipeline.fields.values():
        channels = _CHANNELS.get(field.type, ())
        barred = [ALL] if ALL in state.opted_out else [c for c in channels if c in state.opted_out]
        for address in addresses(state.fields.get(field.id)):
            for channel in barred if channels else ():
                yield channel, normal(channels[0], address)
