"""What updates are called."""

from __future__ import annotations

import hashlib
import secrets

import msgspec

from leadflow.engine.events import AnyEvent
from workflows.shapes import Asked, Migrated

_KEY = secrets.token_bytes(16)


def update_id(asked: AnyEvent | Asked | Migrated) -> str:
    """The event's id, and a fingerprint of everything that is asked with it (docs/decisions/0019).

    Temporal takes updates of one id for one and the same, whatever they say. That the event is the same one the workflow
    knows by the event's id. Update ids are not sealed: the fingerprint is under a key that this process alone knows.
    """
    event = asked.event if isinstance(asked, Asked) else asked
    said = hashlib.blake2b(msgspec.json.encode(asked), key=_KEY, digest_size=8)
    return f"{event.id}/{said.hexdigest()}"
