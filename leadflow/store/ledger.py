"""The effect ledger: one row per message that should leave the house, one short transaction per step of its life.

::

    planned ──claim──▶ claimed ──hand_over──▶ handing_over ──▶ accepted | refused | ambiguous
       ▲                  │                        │
       └── release ───────┴── suppressed, expired  └─ found by a later attempt: ambiguous (or resent, as the spec says)
    ambiguous ──settle──▶ accepted | dropped | planned (resend: the same bytes, the same id)

Every change is a compare-and-set on (state, fence), so that of two attempts only one goes on. `hand_over` is *the*
transaction of the promise "stop means stop" (design.md, *Store and ledger*): whatever stops a message after it has
committed before it; whatever comes later is too late by definition. Durable truth of a send's phase is this row, never
a heartbeat (reference: RFC 5321 §6.1, RFC 1047: after the final dot the message may live on both sides).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from leadflow.errors import NotFound, Refused
from leadflow.store.db import Store
from leadflow.store.keys import Vault
from leadflow.store.tables import channels, effects, holds, suppressions

State = Literal[
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
FINAL: tuple[State, ...] = ("accepted", "refused", "suppressed", "expired", "dropped")
RESENDS = 3
"""``if_unsure: resend`` is tried this often; then somebody is asked after all."""


class Entry(msgspec.Struct, frozen=True):
    """A row as the sending attempt needs it."""

    key: str
    hash: str
    lead: str
    kind: str
    channel: str
    connection: str
    pipeline: str
    template: str
    state: State
    fence: int
    effect: bytes
    """The effect as it was planned, values frozen: JSON."""
    message: bytes | None
    """What an earlier attempt rendered."""
    message_id: str
    planned: datetime
    not_after: datetime | None
    reason: str = ""
    reply: str = ""
    provider_id: str = ""
    finished: datetime | None = None
    if_unsure: str = "ask"


class HandOver(msgspec.Struct, frozen=True):
    """What the hand-over transaction decided. ``go``: the first byte may be written, and only by this fence."""

    verdict: Literal["go", "postponed", "held", "suppressed", "expired", "lost"]
    """held: the operator or a paused channel holds it back; lost: another attempt took over, or it was cancelled."""
    reason: str = ""
    until: datetime | None = None


class Ledger:
    """Transitions of the rows; safe between processes."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    def claim(self, key: str, worker: str, now: datetime) -> Entry:
        """Takes the row for one attempt, or returns it as it ended.

        There is at most one live attempt at a time (the workflow engine's promise), so a row still ``claimed`` belongs
        to a dead one and is taken over; one found ``handing_over`` can no longer be known and becomes ambiguous, unless
        it may be resent.

        Raises:
            NotFound: no such row was planned.
        """

        def work(connection: Connection) -> Row[Any]:
            row = _locked(connection, key)
            change: dict[str, Any] = {"worker": worker, "fence": row.fence + 1}
            if row.state in {"planned", "claimed"}:
                change |= {"state": "claimed", "claimed": now}
            elif (
                row.state == "handing_over" and row.if_unsure == "resend" and row.resends < RESENDS
            ):
                change |= {"state": "claimed", "claimed": now, "resends": row.resends + 1}
            elif row.state == "handing_over":
                change |= {
                    "state": "ambiguous",
                    "finished": now,
                    "reason": "the sender died during the hand-over",
                }
            else:
                return row
            _update(connection, row, change)
            return _locked(connection, key)

        return self._entry(self._store.write(work))

    def freeze(self, entry: Entry, message: bytes, message_id: str) -> bytes:
        """Keeps the rendered bytes; if an earlier attempt has rendered already, its bytes are the message."""
        sealed = self._vault.seal(entry.lead, message)

        def work(connection: Connection) -> Row[Any]:
            row = _locked(connection, entry.key)
            if row.bytes_sealed is None and row.fence == entry.fence:
                _update(connection, row, {"bytes_sealed": sealed, "message_id": message_id})
                return _locked(connection, entry.key)
            return row

        row = self._store.write(work)
        return (
            message if row.bytes_sealed is None else self._vault.open(entry.lead, row.bytes_sealed)
        )

    def hand_over(self, entry: Entry, now: datetime, next_allowed: datetime) -> HandOver:
        """The last look before the first byte that cannot be taken back, committed before it is written.

        Args:
            entry: what `claim` gave; its fence must still be the row's.
            now: the instant of the attempt.
            next_allowed: ``now``, or when quiet hours, window or snooze end: pure arithmetic of the caller.
        """

        def work(connection: Connection) -> HandOver:
            row = _locked(connection, entry.key)
            if row.state == "suppressed":
                return HandOver("suppressed", row.reason)
            if row.state != "claimed" or row.fence != entry.fence:
                return HandOver("lost")
            verdict = _judge(connection, row, now, next_allowed)
            change: dict[str, Any] = {"state": "handing_over", "handed": now}
            if verdict.verdict in {"suppressed", "expired"}:
                change = {"state": verdict.verdict, "finished": now, "reason": verdict.reason}
            elif verdict.verdict != "go":
                change = {"state": "planned", "reason": verdict.reason}
            _update(connection, row, change)
            return verdict

        return self._store.write(work)

    def finish(
        self,
        entry: Entry,
        state: Literal["accepted", "refused", "ambiguous", "suppressed", "expired"],
        now: datetime,
        **said: str,
    ) -> Entry:
        """Writes how the attempt ended (``reason``, ``reply``, ``provider_id``); returns the row as it now stands.

        An attempt taken for dead that comes back with the truth may still turn ``ambiguous`` into it.
        """

        def work(connection: Connection) -> Row[Any]:
            row = _locked(connection, entry.key)
            mine = row.fence == entry.fence and row.state in {"claimed", "handing_over"}
            late = row.fence == entry.fence + 1 and row.state == "ambiguous"
            if mine or (late and state in {"accepted", "refused"}):
                _update(connection, row, {"state": state, "finished": now, **said})
            return _locked(connection, entry.key)

        return self._entry(self._store.write(work))

    def release(self, entry: Entry, reason: str) -> None:
        """Gives the row back after a refusal that will pass: the next attempt starts from ``planned``."""

        def work(connection: Connection) -> None:
            row = _locked(connection, entry.key)
            if row.fence == entry.fence and row.state in {"claimed", "handing_over"}:
                _update(connection, row, {"state": "planned", "reason": reason})

        self._store.write(work)

    def settle(
        self, key: str, verdict: Literal["sent", "resend", "drop"], by: str, now: datetime
    ) -> Entry:
        """A person says what became of an ambiguous message; ``resend`` plans the same bytes again.

        Raises:
            NotFound: no such row.
            Refused: the row is not ambiguous (any more).
        """

        def work(connection: Connection) -> Row[Any]:
            row = _locked(connection, key)
            if row.state != "ambiguous":
                message = (
                    f"effect {row.hash} is {row.state}, not ambiguous: there is nothing to settle"
                )
                raise Refused(message)
            change: dict[str, Any] = {
                "reason": f"settled by {by}: {verdict}",
                "fence": row.fence + 1,
            }
            if verdict == "resend":
                change |= {"state": "planned", "resends": row.resends + 1, "finished": None}
            else:
                change |= {"state": "accepted" if verdict == "sent" else "dropped", "finished": now}
            _update(connection, row, change)
            return _locked(connection, key)

        return self._entry(self._store.write(work))

    def find(self, name: str) -> Entry:
        """By key, or by what the outside sees of it (32 hex digits, or the first of them if they suffice)."""
        condition = sa.or_(effects.c.key == name, effects.c.hash.startswith(name, autoescape=True))
        rows = self._store.read(
            lambda c: c.execute(sa.select(effects).where(condition).limit(2)).all()
        )
        if len(rows) != 1:
            message = f"no effect {name}" if not rows else f"several effects begin with {name}"
            raise NotFound(message, "see `leadflow outbox`")
        return self._entry(rows[0])

    def _entry(self, row: Row[Any]) -> Entry:
        rendered = (
            None if row.bytes_sealed is None else self._vault.open(row.lead, row.bytes_sealed)
        )
        same = {
            name: getattr(row, name)
            for name in Entry.__struct_fields__
            if name not in {"effect", "message"}
        }
        return Entry(effect=self._vault.open(row.lead, row.sealed), message=rendered, **same)


def suppress(connection: Connection, keys: Sequence[str], reason: str, now: datetime) -> int:
    """Stops planned effects whose visit has ended; what is being handed over is beyond stopping. Counts the stopped.

    Part of the commit: from its answer on *stop means stop* holds.
    """
    stopped = effects.c.effect.in_(keys) & effects.c.state.in_(("planned", "claimed"))
    done = connection.execute(
        effects.update()
        .where(stopped)
        .values(state="suppressed", finished=now, reason=reason, fence=effects.c.fence + 1)
    )
    return done.rowcount


def _judge(
    connection: Connection, row: Row[Any], now: datetime, next_allowed: datetime
) -> HandOver:
    if row.not_after is not None and now > row.not_after:
        return HandOver("expired", "too_late")
    if row.automatic and row.address_hash and _opted_out(connection, row):
        return HandOver("suppressed", "opted_out")
    what = ("all", f"pipeline:{row.pipeline}", f"template:{row.template}")
    if held := connection.execute(
        sa.select(holds.c.what).where(holds.c.what.in_(what)).limit(1)
    ).scalar():
        return HandOver("held", f"held: {held}")
    name = row.connection or row.channel
    paused = connection.execute(
        sa.select(channels.c.paused).where(channels.c.name == name)
    ).scalar()
    if paused:
        return HandOver("held", f"channel paused: {paused}")
    if next_allowed > now:
        return HandOver("postponed", "quiet_hours", next_allowed)
    return HandOver("go")


def _opted_out(connection: Connection, row: Row[Any]) -> bool:
    query = sa.select(suppressions.c.channel).where(
        suppressions.c.channel.in_((row.channel, "all")),
        suppressions.c.address_hash == row.address_hash,
    )
    return connection.execute(query.limit(1)).first() is not None


def _locked(connection: Connection, key: str) -> Row[Any]:
    row = connection.execute(
        sa.select(effects).where(effects.c.key == key).with_for_update()
    ).one_or_none()
    if row is None:
        message = f"effect {key} was never planned"
        raise NotFound(message)
    return row


def _update(connection: Connection, row: Row[Any], change: dict[str, Any]) -> None:
    connection.execute(effects.update().where(effects.c.key == row.key).values(**change))
