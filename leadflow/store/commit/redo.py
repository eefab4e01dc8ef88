"""Doing again what a database has forgotten, because it was put back to an earlier moment.

What a lead committed since then stands in its history at Temporal: the commits with what they were answered, the sends
with how they ended. Each commit is done once more with the same answers, so that owners and numbers stay what the world
has been told; each message that has ended is written down as ended and not sent again. What nobody can know (a message
that was under way) becomes ambiguous: a question, never a second message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from leadflow.engine.clock import parse_iso
from leadflow.engine.events import EffectDone
from leadflow.ports import Commit, Committed
from leadflow.store.commit import commit, first_version
from leadflow.store.db import Store
from leadflow.store.entries import UNFINISHED
from leadflow.store.keys import Vault
from leadflow.store.once import insert_once
from leadflow.store.seat import unseat
from leadflow.store.tables import alerts, effects, leads, timeline
from leadflow.store.texts import Render

_STATES: Final = {
    "accepted": "accepted",
    "refused": "refused",
    "skipped": "suppressed",
    "dropped": "dropped",
    "ambiguous": "ambiguous",
}
"""What the lead was told → how its row ended."""

Done = tuple[Commit, Committed]


def redo(store: Store, vault: Vault, done: Sequence[Done], render: Render, now: datetime) -> int:
    """Does commits again that this database lacks; how many. No message leaves meanwhile, nor until `confirm`.

    Args:
        store: the database.
        vault: for the lead's key.
        done: of one lead, the oldest first, each with what it was answered.
        render: `leadflow.text.pool.RenderPool.render`.
        now: the instant.
    """
    lacking = [one for one in done if _version(store, one[0].state.lead) < one[0].state.version]
    if lacking:
        store.write(lambda c: unseat(c, "older", now))
    for batch, answer in lacking:
        skip_to(store, batch.state.lead, first_version(batch) - 1, now)
        commit(store, vault, batch, render, now, answer)
    return len(lacking)


def skip_to(store: Store, lead: str, version: int, now: datetime) -> bool:
    """Steps over a gap that nobody can fill any more, because Temporal has let go of the history.

    The timeline and an alert say so, and nothing is sent until `confirm`. False: the store has come that far.
    """

    def work(connection: Connection) -> bool:
        # First the lead, then the hand-overs: as a hand-over itself takes its locks.
        row = connection.execute(
            sa.select(leads).where(leads.c.id == lead).with_for_update(key_share=True)
        ).one()
        if row.version >= version:
            return False
        unseat(connection, "older", now)
        same = leads.c.id == lead
        connection.execute(leads.update().where(same).values(version=version))
        lost = {"event": f"lost/{version}", "at": now, "kind": "Lost", "notes": []}
        connection.execute(timeline.insert(), {"lead": lead, "version": version, **lost})
        text = (
            f"lead {row.number}: what happened from version {row.version + 1} to {version} is lost: "
            "the database was put back, and Temporal does not keep it any more"
        )
        insert_once(connection, alerts, cause=f"lead/{row.number}/lost", text=text, since=now)
        return True

    return store.write(work)


def write_ends(
    store: Store, lead: str, ends: Mapping[str, EffectDone], unknown: Sequence[str], now: datetime
) -> int:
    """Writes down how messages ended that this database takes for unfinished; how many.

    Args:
        store: the database.
        lead: whose.
        ends: ledger key → what the lead was told.
        unknown: ledger keys of messages that may or may not have left.
        now: the instant.
    """

    def work(connection: Connection) -> int:
        mine = (effects.c.lead == lead) & effects.c.state.in_(UNFINISHED)
        keys = connection.execute(sa.select(effects.c.key).where(mine)).scalars().all()
        changed = 0
        for key in keys:
            if (values := _ended(key, ends, unknown, now)) is not None:
                fence = {"fence": effects.c.fence + 1}
                row = effects.update().where(effects.c.key == key)
                connection.execute(row.values(**values, **fence))
                changed += 1
        return changed

    return store.write(work)


def _ended(
    key: str, ends: Mapping[str, EffectDone], unknown: Sequence[str], now: datetime
) -> dict[str, Any] | None:
    told = ends.get(key)
    if told is not None and told.result in _STATES:
        return {
            "state": _STATES[told.result],
            "finished": parse_iso(told.at) if told.at else now,
            "reason": told.reason,
            "provider_id": told.provider_id,
        }
    if key in unknown:
        reason = "the database was put back while this message was under way"
        return {"state": "ambiguous", "finished": now, "reason": reason}
    return None


def _version(store: Store, lead: str) -> int:
    query = sa.select(leads.c.version).where(leads.c.id == lead)
    return store.read(lambda c: c.execute(query).scalar()) or 0
