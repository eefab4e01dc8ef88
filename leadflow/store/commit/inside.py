"""Effects on our own tables: owner, tasks, the pinned comment, watchers, documents, other pipelines.

Each finds its own traces: a run that an operator has reset may commit in one batch what was committed in two before.
"""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from leadflow.engine.clock import parse_iso
from leadflow.engine.effects import (
    FindOwner,
    MakeDocument,
    Pin,
    StartOther,
    TaskChanged,
    TaskOpened,
)
from leadflow.engine.events import DocumentMade
from leadflow.engine.pipeline import Text
from leadflow.rules.documents import next_document
from leadflow.rules.findings import found_id
from leadflow.store.commit import runs
from leadflow.store.commit.transaction import Transaction
from leadflow.store.commit.wording import Wording
from leadflow.store.counters import next_number
from leadflow.store.once import insert_once
from leadflow.store.tables import documents, effects, leads, tasks, watchers


def find_owner(tx: Transaction, effect: FindOwner) -> None:
    """The owner; the lead is told."""
    if fact := tx.find_owner(effect, tx.answered.get(found_id(effect))):
        tx.facts.append(fact)


def task_opened(tx: Transaction, effect: TaskOpened, wording: Wording) -> None:
    """A row for the task; an assignee that only the database knows is told to the lead."""
    user, fact = tx.assignee(effect, tx.answered.get(found_id(effect)))
    if fact is not None:
        tx.facts.append(fact)
    row: dict[str, Any] = {
        "key": effect.key,
        "lead": tx.state.lead,
        "task": effect.task,
        "title": wording.title(tx, effect),
        "body": _reason(tx, effect) or wording.write(tx, effect, "body"),
        "video": effect.video,
        "assignee": user,
        "opened": tx.at,
        "due": parse_iso(effect.due) if effect.due else None,
        "status": "open",
        "about": effect.about,
        "settles": effect.settles,
    }
    insert_once(tx.connection, tasks, **row)


def _reason(tx: Transaction, effect: TaskOpened) -> str:
    """What a built-in task is about."""
    if effect.about == "convert_failed":
        return "; ".join(pending.failed for pending in tx.state.pending if pending.failed)
    if effect.about == "settle":
        query = sa.select(effects.c.template, effects.c.channel, effects.c.reason)
        row = tx.connection.execute(query.where(effects.c.effect == effect.settles)).first()
        return f"{row.template or row.channel}: {row.reason}" if row else ""
    return ""


def task_changed(tx: Transaction, effect: TaskChanged) -> None:
    """Done, cancelled, overdue, postponed, another's."""
    values: dict[str, Any] = {"status": effect.status}
    if effect.status != "open":
        values |= {"outcome": effect.outcome, "done_by": effect.by, "done_at": tx.at}
    if effect.due is not None:
        values["due"] = parse_iso(effect.due) if effect.due else None
        values["overdue"] = False
    if effect.overdue is not None:
        values["overdue"] = effect.overdue
    if effect.assignee is not None:
        values["assignee"] = effect.assignee
    tx.connection.execute(tasks.update().where(tasks.c.key == effect.key).values(values))


def pin(tx: Transaction, effect: Pin, wording: Wording) -> None:
    """The comment on the card."""
    text = wording.write(tx, effect, "text")
    tx.connection.execute(leads.update().where(leads.c.id == tx.state.lead).values(pinned=text))


def watch(tx: Transaction) -> None:
    """Who watches, from the state: roles mean whom they mean now."""
    tx.connection.execute(watchers.delete().where(watchers.c.lead == tx.state.lead))
    for user in tx.staff.named(tx.state.watchers, tx.roles):
        tx.connection.execute(watchers.insert(), {"lead": tx.state.lead, "user": user})


def make_document(tx: Transaction, effect: MakeDocument) -> None:
    """Its number, from the counter of its period in the pipeline's zone, and the values that it will be made of."""
    name, told = effect.document, f"{effect.key}/made"
    made = sa.select(documents.c.number).where(documents.c.key == effect.key)
    number = tx.connection.execute(made).scalar() or next_document(
        tx.pipeline, name, tx.now, lambda counter: next_number(tx.connection, counter)
    )
    if isinstance(known := tx.answered.get(told), DocumentMade):
        number = known.number  # the counter has been raised all the same: nobody else gets it
    tx.documents[name] = number
    template = tx.pipeline.templates.get(f"{name}.document")
    names = Text(names=template.names) if template else None
    row: dict[str, Any] = {
        "key": effect.key,
        "lead": tx.state.lead,
        "document": name,
        "number": number,
        "values_sealed": tx.seal(msgspec.json.encode(tx.frozen(effect.frozen, names))),
        "made": tx.now,
    }
    insert_once(tx.connection, documents, **row)
    tx.facts.append(DocumentMade(id=told, key=effect.key, document=name, number=number))


def start_other(tx: Transaction, effect: StartOther) -> None:
    """A lead or deal in another pipeline; where there is none such, an alert."""
    pipeline = runs.published(tx, effect.pipeline)
    if pipeline is None:
        wanted = f"{effect.pos or effect.ref} wants to start pipeline '{effect.pipeline}'"
        tx.alert(f"start/{effect.pipeline}", f"{wanted}, which was never published")
    else:
        runs.begin(tx, pipeline, effect.key, effect.fields)
