"""What updates are called, and what it means that they fail."""

from __future__ import annotations

import hashlib
import secrets

import msgspec
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from leadflow.decoding import known
from leadflow.engine.decision import Refusal
from leadflow.engine.events import AnyEvent
from workflows.patience import AgainError
from workflows.shapes import NOT_YET, REFUSED, Asked, Migrated

_KEY = secrets.token_bytes(16)
_REFUSALS = known(tuple[Refusal, ...])


def update_id(asked: AnyEvent | Asked | Migrated, turn: int = 0) -> str:
    """The event's id, and a fingerprint of everything that is asked with it (docs/decisions/0019).

    Temporal takes updates of one id for one and the same, whatever they say. That the event is the same one the workflow
    knows by the event's id. Update ids are not sealed: the fingerprint is under a key that this process alone knows.
    ``turn``: each is an update of its own, although it asks the same.
    """
    event = asked.event if isinstance(asked, Asked) else asked
    said = hashlib.blake2b(msgspec.json.encode((turn, asked)), key=_KEY, digest_size=4)
    return f"{event.id}/{said.hexdigest()}"


class RefusedError(Exception):
    """A workflow's refusals."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__()
        self.refusals = refusals


def refusals(error: WorkflowUpdateFailedError) -> tuple[Refusal, ...]:
    """What the workflow's validator said; anything else is a failure that nobody foresaw.

    Raises:
        AgainError: the lead is just beginning.
    """
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.type == NOT_YET:
        raise AgainError(cause.message) from error
    if not isinstance(cause, ApplicationError) or cause.type != REFUSED:
        raise error
    return msgspec.convert(cause.details, _REFUSALS)
