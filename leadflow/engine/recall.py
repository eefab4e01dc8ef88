"""Calling back what has not been handed over: messages of a visit, a program or a channel that has ended."""

from __future__ import annotations

from collections.abc import Iterable

from leadflow.engine.clocks import disarm
from leadflow.engine.draft import Draft
from leadflow.engine.effects import CancelSends, SendMessage


def recall(d: Draft, keys: Iterable[str], reason: str) -> list[str]:
    """Stops sends: those not planned yet are forgotten and answered, the others called back at the ledger.

    What is on its way may still arrive, so its run stays until the result is there.
    """
    forgotten, planned = [], []
    for key in keys:
        run = d.s.sends[key]
        if run.status == "waiting" or _unplan(d, key):
            disarm(d, key)
            del d.s.sends[key]
            d.note("stopped", ref=run.ref, key=key, reason=reason)
            forgotten.append(key)
        elif run.status == "out":
            planned.append(key)
    if planned:
        d.effects.append(
            CancelSends(key=d.key(d.stage_scope, "cancel"), keys=tuple(planned), reason=reason)
        )
    return forgotten


def _unplan(d: Draft, key: str) -> bool:
    """A message decided in this very event has not left yet."""
    before = len(d.effects)
    d.effects = [e for e in d.effects if not (e.key == key and isinstance(e, SendMessage))]
    return len(d.effects) < before


def messages(d: Draft, scope: str) -> list[str]:
    """Keys of the messages to the client that belong to a visit."""
    return [
        key
        for key, run in d.s.sends.items()
        if run.scope == scope and d.index.send(run.ref) is not None
    ]
