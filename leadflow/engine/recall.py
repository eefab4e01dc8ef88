"""Calling back what has not been handed over: messages of a visit, a program or a channel that has ended."""

from __future__ import annotations

from collections.abc import Iterable

from leadflow.engine.clocks import disarm
from leadflow.engine.decision import NoteKind
from leadflow.engine.draft import Draft, replace
from leadflow.engine.effects import CancelSends, SendMessage
from leadflow.engine.state import SendRun


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
            _told(d, key, run, reason)
            forgotten.append(key)
        elif run.status == "out" and not run.recalled:
            d.s.sends[key] = replace(run, recalled=True)
            planned.append(key)
    if planned:
        d.effects.append(
            CancelSends(key=d.key(d.stage_scope, "cancel"), keys=tuple(planned), reason=reason)
        )
    return forgotten


def _told(d: Draft, key: str, run: SendRun, reason: str) -> None:
    """What a client's opt-out has kept from going was skipped; the rest has lost its purpose."""
    action, send = d.index.action(run.ref), d.index.send(run.ref)
    name = send.body.template if send is not None and send.body.template else action.node
    kind: NoteKind = "skipped" if reason == "opted_out" else "stopped"
    d.note(kind, name, run.ref, action.pos, key=key, reason=reason)


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
