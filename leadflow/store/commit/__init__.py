"""The commit: all that one or more events changed in our own database, in one transaction, once.

1. Before it: the state sealed, the texts rendered that can be.
2. The lead's row is locked, its version looked at: the same events again answer what the first time was answered; a
   store that is ahead answers with its own state. Of a batch that is stored in part each effect finds its own traces.
3. Owners are found first, because tasks and messages name them; then the effects, in the order they were decided;
   then opt-outs, the lead's row and its timeline. What a conversion, or the beginning of a lead that no workflow runs
   yet, has found out is applied at once, and what it leads to is part of the same transaction.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from leadflow.engine.effects import EraseLead
from leadflow.engine.events import Numbered
from leadflow.engine.state import State
from leadflow.errors import Behind, NotFound
from leadflow.ports import Commit, Committed, Planned
from leadflow.rules.addresses import opted_out
from leadflow.store.commit.erasure import erase
from leadflow.store.commit.performing import conclude, perform
from leadflow.store.commit.projection import project
from leadflow.store.commit.transaction import Transaction
from leadflow.store.commit.wording import Wording
from leadflow.store.db import Store
from leadflow.store.entries import UNFINISHED
from leadflow.store.hand_over import suppress
from leadflow.store.keys import Vault
from leadflow.store.published import pipeline_of, version_of
from leadflow.store.staff import staff
from leadflow.store.tables import effects, leads, timeline
from leadflow.store.texts import Render, Texts

__all__ = ["commit"]

_ANSWER = msgspec.json.Decoder(Committed)
_STATE = msgspec.json.Decoder(State)


def commit(  # noqa: PLR0913 -- the last two are for a door and for a database that has forgotten
    store: Store,
    vault: Vault,
    batch: Commit,
    render: Render,
    now: datetime,
    answered: Committed | None = None,
    *,
    by_door: bool = False,
) -> Committed:
    """Applies a batch of events to the database, or answers what the first time was answered.

    Args:
        store: the database.
        vault: for the lead's key.
        batch: what the workflow decided.
        render: `leadflow.text.pool.RenderPool.render`.
        now: the instant.
        by_door: a door stores what its question led to; a new lead's workflow may not have begun.
        answered: what this very commit was answered before the database forgot it (`leadflow.store.commit.redo`).

    Raises:
        Behind: earlier commits of this lead are not in this database (any more).
        NotFound: the lead, its key or its version of the pipeline are not in this database.
        Unreachable: the database does not answer; nothing was stored, try again.
    """
    state = batch.state
    pipeline = pipeline_of(store, state.pipeline, state.hash)
    vault.seal(state.lead, b"")  # from here on the key is in memory
    people = store.read(staff)
    texts = Texts(store, pipeline, people)
    wording = Wording(texts, render, pipeline.language, pipeline.timezone)
    wording.prepare(batch)

    def work(connection: Connection) -> Committed:
        row = _locked(connection, state.lead)
        if row.version >= state.version:
            return _again(connection, vault, batch, row)
        if not _is_past(connection, batch, row.version):
            return _ahead(connection, vault, batch, row)
        _nothing_lacks(row, batch)
        tx = Transaction(connection, vault, batch, pipeline, people, now)
        tx.answered = {fact.id: fact for fact in answered.facts} if answered else {}
        if not state.number:
            tx.number = row.number
            tx.facts.append(Numbered(id=f"{state.lead}/numbered", number=row.number))
        perform(tx, batch.effects, wording)
        concluded = ""
        if (by_door and not row.version) or state.converting is not None:
            concluded = conclude(tx, wording, answered.concluded if answered else "")
        if marks := [(c, vault.mark(address)) for c, address in opted_out(pipeline, tx.state)]:
            suppress(connection, marks, "opted_out", now)
        answer = Committed(tuple(tx.facts), tuple(tx.sends), concluded)
        project(
            tx, row, vault.seal(state.lead, msgspec.json.encode(tx.state)), answer, by_door=by_door
        )
        if any(isinstance(effect, EraseLead) for effect in tx.batch.effects):
            erase(tx)
        return answer

    return store.write(work)


def _locked(connection: Connection, lead: str) -> Row[Any]:
    # Not FOR UPDATE, which would wait for every row elsewhere that only names this lead.
    query = sa.select(leads).where(leads.c.id == lead).with_for_update(key_share=True)
    row = connection.execute(query).one_or_none()
    if row is None:
        message = f"lead {lead} is not in this database"
        raise NotFound(message, "the database and the Temporal server belong to different homes")
    return row


def first_version(batch: Commit) -> int:
    """The version that its first event led to; of one that only looks, the one after its own."""
    return batch.happened[0].version if batch.happened else batch.state.version + 1


def _nothing_lacks(row: Row[Any], batch: Commit) -> None:
    """Each event raises the version by one: a gap means that the store has forgotten what it had answered."""
    if row.version + 1 < first_version(batch):
        message = f"lead {row.number} has come further than this database knows"
        hint = "the database was put back to an earlier moment: leadflow reconcile"
        raise Behind(message, hint)


def _again(connection: Connection, vault: Vault, batch: Commit, row: Row[Any]) -> Committed:
    """The answer to a commit whose version the store has: given before, or the store is ahead."""
    if not batch.happened and row.version == batch.state.version:  # it only looks
        return Committed()
    if row.version == batch.state.version and _is_past(connection, batch, row.version):
        return _ANSWER.decode(vault.open(row.id, row.answer_sealed))
    return _ahead(connection, vault, batch, row)


def _ahead(connection: Connection, vault: Vault, batch: Commit, row: Row[Any]) -> Committed:
    """What the store has: somebody else stored what came after, or an operator has reset the run.

    Its messages are those that may still have to go, and those of this very batch whose end it does not tell, whatever
    has become of them: the run waits for a result.
    """
    answer = _ANSWER.decode(vault.open(row.id, row.answer_sealed))
    state = _STATE.decode(vault.open(row.id, row.state_sealed))
    mine = [effect.key for effect in batch.effects]
    ended = effects.c.state.not_in(UNFINISHED)
    awaited = ~ended | effects.c.effect.in_(mine)
    query = sa.select(effects.c.key, effects.c.channel, ended).where(
        effects.c.lead == row.id, awaited
    )
    sends = tuple(
        Planned(key, channel)
        for key, channel, is_over in connection.execute(query)
        if not (is_over and batch.has_ended(key))
    )
    events = [one.event for one in batch.happened]
    its = timeline.c.lead == row.id
    known = sa.select(timeline.c.event).where(its & timeline.c.event.in_(events))
    last = sa.select(timeline.c.event).where(its & (timeline.c.version == row.version))
    return Committed(
        () if answer.concluded else answer.facts,
        sends,
        ahead=state,
        known=tuple(connection.execute(known).scalars()),
        last=connection.execute(last).scalar() or "",
        pipeline=_other_version(connection, state, batch.state),
    )


def _other_version(connection: Connection, stored: State, committed: State) -> bytes:
    """The pipeline that the store's state runs on, if the lead was migrated in between."""
    if stored.hash == committed.hash:
        return b""
    return version_of(connection, stored.pipeline, stored.hash).packed


def _is_past(connection: Connection, batch: Commit, version: int) -> bool:
    """Whether what the batch says of the versions that the store has is what happened."""
    said = [one for one in batch.happened if one.version <= version]
    if not said:
        return True
    versions = timeline.c.version.in_([one.version for one in said])
    query = sa.select(timeline.c.version, timeline.c.event).where(
        timeline.c.lead == batch.state.lead, versions
    )
    return {tuple(row) for row in connection.execute(query)} == {(o.version, o.event) for o in said}
