"""Rows of the effect ledger, as those who send and those who look on see them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, get_args

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from leadflow.engine.effects import AudienceChange, NotifyPeople, PostWebhook, SendMessage
from leadflow.errors import NotFound
from leadflow.store.keys import Vault
from leadflow.store.tables import effects

Outside = SendMessage | NotifyPeople | PostWebhook | AudienceChange

EntryState = Literal[
    "planned",
    "claimed",
    "handing_over",
    "accepted",
    "refused",
    "ambiguous",
    "suppressed",
    "expired",
    "dropped",
]
STATES: tuple[EntryState, ...] = get_args(EntryState)
UNFINISHED: tuple[EntryState, ...] = ("planned", "claimed", "handing_over")
RESULTS: Mapping[EntryState, Literal["accepted", "refused", "ambiguous", "skipped", "dropped"]] = {
    "accepted": "accepted",
    "refused": "refused",
    "ambiguous": "ambiguous",
    "suppressed": "skipped",
    "expired": "skipped",
    "dropped": "dropped",
}
"""How a row ended → what the lead is told (`leadflow.engine.events.EffectDone`)."""
STOPPABLE: tuple[EntryState, ...] = ("planned", "claimed")
"""What has not reached its hand-over: from there on nothing can call it back."""


class Erased(NotFound):
    """The message went with its lead: nothing of it can be read any more."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A row as the attempt that sends it needs it."""

    key: str
    hash: str
    """32 hex digits: all that the outside sees of the key (``X-Effect-Key``, ``Idempotency-Key``)."""
    lead: str
    effect_key: str
    """The key the engine knows: `EffectDone.key`. Several rows share it where there are several recipients."""
    kind: str
    channel: str
    connection: str
    pipeline: str
    pipeline_hash: str
    template: str
    effect: Outside
    """As it was planned: values frozen, of `NotifyPeople.users` the one recipient."""
    state: EntryState
    fence: int
    message: bytes | None
    """What an earlier attempt rendered: to be sent as it is."""
    message_id: str
    planned: datetime
    not_after: datetime | None
    reason: str
    reply: str
    provider_id: str
    finished: datetime | None
    if_unsure: str
    handed: datetime | None
    """When it was last handed over."""
    resends: int


_KEPT = {"effect_key", "effect", "message"}
_SAME = tuple(name for name in Entry.__struct_fields__ if name not in _KEPT)
_EFFECT = msgspec.json.Decoder(Outside)


def entry(row: Row[Any], vault: Vault) -> Entry:
    """Opens a row.

    Raises:
        Erased: the lead was erased.
    """
    if row.effect_sealed is None:
        message = f"effect {row.hash} was erased with its lead"
        raise Erased(message)
    return Entry(
        effect_key=row.effect,
        effect=_EFFECT.decode(vault.open(row.lead, row.effect_sealed)),
        message=None if row.bytes_sealed is None else vault.open(row.lead, row.bytes_sealed),
        **{name: getattr(row, name) for name in _SAME},
    )


def locked(connection: Connection, key: str) -> Row[Any]:
    """The row, nobody else's until the transaction ends.

    Raises:
        NotFound: it was never planned.
    """
    query = sa.select(effects).where(effects.c.key == key).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        message = f"effect {key} was never planned"
        raise NotFound(message)
    return row


def change(connection: Connection, row: Row[Any], **values: Any) -> Row[Any]:
    """Writes a locked row; the row as it now stands."""
    where = effects.c.key == row.key
    connection.execute(effects.update().where(where).values(**values))
    return connection.execute(sa.select(effects).where(where)).one()
