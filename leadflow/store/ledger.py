"""The effect ledger: one row per message that should leave the house, one short transaction per step of its life.

::

    planned ──claim──▶ claimed ──hand_over──▶ handing_over ──▶ accepted | refused | ambiguous
       ▲                  │                        │
       └── release ───────┴── suppressed, expired  └─ nobody can know: unsure ──▶ ambiguous (or planned: resent)
    ambiguous ──settle──▶ accepted | dropped | planned (resend: the same bytes, the same id)

Every change is a compare-and-set on (state, fence) under the row's lock, so that of two attempts only one goes on.
`Ledger.hand_over` is *the* transaction of the promise "stop means stop" (design.md, *Store and ledger*): whatever stops
a message has committed before it, or is too late by definition. The durable truth of a send's phase is this row, never
a heartbeat (RFC 5321 §6.1, RFC 1047: after the final dot a message may live on both sides).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from leadflow.engine.effects import AudienceChange
from leadflow.errors import NotFound, Refused
from leadflow.rules.last_look import HandOver
from leadflow.store import audiences
from leadflow.store.db import Store
from leadflow.store.entries import Entry, change, entry, locked
from leadflow.store.hand_over import judge, stand_still
from leadflow.store.keys import Vault
from leadflow.store.tables import effects

RESENDS = 3
"""``if_unsure: resend`` is tried this often; then somebody is asked after all."""

NOT_YET = frozenset({"planned", "claimed", "suppressed", "expired"})
"""What an attempt says that has nothing to tell yet, while the one before it, taken for dead, has arrived after all."""

Verdict = Literal["sent", "resend", "drop"]
Ending = Literal["accepted", "refused", "ambiguous", "suppressed", "expired"]


class Ledger:
    """Transitions of the rows; safe between threads and processes."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    def claim(self, key: str, worker: str, now: datetime) -> Entry:
        """Takes the row for one attempt (``claimed``), or returns it as it ended.

        There is at most one live attempt at a time (the workflow engine's promise), so a row still ``claimed`` belongs
        to a dead one and is taken over. One found ``handing_over`` comes back as it is: whoever found it looks the
        message up where that is possible, and ends with `finish`, `release`, `resend` or `unsure`.

        Raises:
            NotFound: no such row was planned; `Erased`: it went with its lead.
        """

        def work(row: Row[Any], connection: Connection) -> Row[Any]:
            if row.state not in {"planned", "claimed"}:
                return row
            mine = {"state": "claimed", "claimed": now, "worker": worker, "fence": row.fence + 1}
            return change(connection, row, **mine)

        return self._step(key, work)

    def unsure(self, mine: Entry, now: datetime, reason: str) -> Entry:
        """Nobody can know what became of the message: it is ambiguous, or ``planned`` again where the spec says so.

        Args:
            mine: what `claim` gave.
            now: the instant.
            reason: what is known.
        """

        def work(row: Row[Any], connection: Connection) -> Row[Any]:
            if row.fence != mine.fence or row.state != "handing_over":
                return row
            if row.if_unsure == "resend" and row.resends < RESENDS:
                return _again(connection, row, reason)
            lost = {"state": "ambiguous", "finished": now, "fence": row.fence + 1}
            return change(connection, row, reason=reason, **lost)

        return self._step(mine.key, work)

    def resend(self, mine: Entry, reason: str) -> None:
        """The other side takes the message only once, so that it may go again: the same bytes under the same id."""

        def work(row: Row[Any], connection: Connection) -> Row[Any]:
            ours = row.fence == mine.fence and row.state == "handing_over"
            return _again(connection, row, reason) if ours else row

        self._step(mine.key, work)

    def freeze(self, mine: Entry, message: bytes, message_id: str = "") -> Entry:
        """Keeps the rendered bytes, once: ``Entry.message`` of the answer is what has to be sent.

        Args:
            mine: what `claim` gave.
            message: the whole message: MIME, or the text of an SMS.
            message_id: of an e-mail, with its angle brackets.
        """
        sealed = self._vault.seal(mine.lead, message)

        def work(row: Row[Any], connection: Connection) -> Row[Any]:
            if row.bytes_sealed is not None or row.fence != mine.fence:
                return row
            return change(connection, row, bytes_sealed=sealed, message_id=message_id)

        return self._step(mine.key, work)

    def hand_over(self, mine: Entry, now: datetime, next_allowed: datetime) -> HandOver:
        """The last look before the first byte that cannot be taken back, committed before it is written.

        Args:
            mine: what `claim` gave; its fence must still be the row's.
            now: the instant of the attempt.
            next_allowed: ``now``, or when quiet hours and window allow the message: the caller's arithmetic.
        """

        def work(connection: Connection) -> HandOver:
            asleep_until = stand_still(connection, mine.lead)
            row = locked(connection, mine.key)
            if row.state == "suppressed":
                return HandOver("suppressed", row.reason)
            if row.fence == mine.fence and row.state == "handing_over" and row.handed == now:
                return HandOver("go")  # this very call: its connection was lost while it committed
            if row.fence != mine.fence or row.state != "claimed":
                return HandOver("lost")
            found = judge(connection, row, now, max(next_allowed, asleep_until or now))
            if found.verdict == "go" and isinstance(mine.effect, AudienceChange):
                found = audiences.judge(connection, self._vault, row, mine.effect) or found
            if found.verdict == "go":
                change(connection, row, state="handing_over", handed=now, reason="")
            elif found.verdict in {"suppressed", "expired"}:
                change(connection, row, state=found.verdict, finished=now, reason=found.reason)
            else:
                change(connection, row, state="planned", reason=found.reason)
            return found

        return self._store.write(work)

    def finish(
        self,
        mine: Entry,
        state: Ending,
        now: datetime,
        *,
        reason: str = "",
        reply: str = "",
        provider_id: str = "",
    ) -> Entry:
        """Writes how the attempt ended; the row as it now stands.

        An attempt taken for dead that comes back with the truth may still replace what its successor only guesses.
        """
        said = {"reason": reason, "reply": reply, "provider_id": provider_id}

        def work(row: Row[Any], connection: Connection) -> Row[Any]:
            own = row.fence == mine.fence and row.state in {"claimed", "handing_over"}
            next_one = row.fence == mine.fence + 1
            unsure = next_one and row.state == "ambiguous" and state in {"accepted", "refused"}
            waits = next_one or (row.fence == mine.fence and row.state == "planned")
            arrived = waits and row.state in NOT_YET and state == "accepted"
            if own or unsure or arrived:
                return change(connection, row, state=state, finished=now, **said)
            return row

        return self._step(mine.key, work)

    def release(self, mine: Entry, reason: str) -> None:
        """Gives the row back after a refusal that will pass: the next attempt starts from ``planned``."""

        def work(row: Row[Any], connection: Connection) -> Row[Any]:
            if row.fence == mine.fence and row.state in {"claimed", "handing_over"}:
                return change(connection, row, state="planned", reason=reason)
            return row

        self._step(mine.key, work)

    def settle(self, key: str, verdict: Verdict, by: str, now: datetime) -> Entry:
        """A person says what became of an ambiguous message; ``resend`` plans the same bytes with the same id again.

        Raises:
            NotFound: no such row.
            Refused: the row is not ambiguous (any more).
        """

        def work(row: Row[Any], connection: Connection) -> Row[Any]:
            settled = settle_row(connection, row, verdict, by, now)
            if settled is None:
                message = f"effect {row.hash} is {row.state}, not ambiguous: nothing to settle"
                raise Refused(message, "`leadflow outbox --state ambiguous` lists what is")
            return settled

        return self._step(key, work)

    def find(self, name: str) -> Entry:
        """By key, or by its hash (32 hex digits, or the first of them if they suffice).

        Raises:
            NotFound: none, or several, with the hint where to look.
        """
        condition = sa.or_(effects.c.key == name, effects.c.hash.startswith(name, autoescape=True))
        query = sa.select(effects).where(condition).limit(2)
        rows = self._store.read(lambda c: c.execute(query).all())
        if len(rows) != 1:
            message = f"several effects begin with {name}" if rows else f"there is no effect {name}"
            raise NotFound(message, "see `leadflow outbox`")
        return entry(rows[0], self._vault)

    def thread(self, lead: str, channel: str = "email", most: int = 10) -> list[str]:
        """Message ids of what this lead was sent, oldest first: what a reply in the thread refers to."""
        query = (
            sa.select(effects.c.message_id)
            .where(effects.c.lead == lead, effects.c.channel == channel)
            .where(effects.c.kind == "SendMessage", effects.c.state == "accepted")
            .where(effects.c.message_id != "")
            .order_by(effects.c.finished)
        )
        found = self._store.read(lambda c: c.execute(query).scalars().all())
        return list(found) if len(found) <= most else [found[0], *found[len(found) - most + 1 :]]

    def _step(self, key: str, work: Callable[[Row[Any], Connection], Row[Any]]) -> Entry:
        def step(connection: Connection) -> Row[Any]:
            return work(locked(connection, key), connection)

        return entry(self._store.write(step), self._vault)


def _again(connection: Connection, row: Row[Any], reason: str) -> Row[Any]:
    return change(connection, row, state="planned", resends=row.resends + 1, reason=reason)


def settle_row(
    connection: Connection, row: Row[Any], verdict: Verdict, by: str, now: datetime
) -> Row[Any] | None:
    """`Ledger.settle` within a transaction; ``None``: the row is not ambiguous. The same twice counts once."""
    reason = f"settled by {by or 'nobody'}: {verdict}"
    if row.reason == reason and row.state in {"planned", "accepted", "dropped"}:
        return row
    if row.state != "ambiguous":
        return None
    values: dict[str, Any] = {"reason": reason, "fence": row.fence + 1}
    if verdict == "resend":
        return change(
            connection, row, state="planned", finished=None, resends=row.resends + 1, **values
        )
    state = "accepted" if verdict == "sent" else "dropped"
    return change(connection, row, state=state, finished=now, **values)
