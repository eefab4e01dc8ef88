"""Planning what leaves the house: a row in the ledger for every recipient, all it needs frozen and sealed."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec.structs import replace

from leadflow.engine.clock import iso, parse_iso
from leadflow.engine.effects import (
    AudienceChange,
    NotifyPeople,
    Outgoing,
    PostWebhook,
    SendMessage,
    SettleSend,
)
from leadflow.engine.events import EffectDone
from leadflow.ports import Planned
from leadflow.rules.addresses import normal
from leadflow.store.commit.membership import enter_or_leave
from leadflow.store.commit.transaction import Transaction
from leadflow.store.entries import RESULTS, UNFINISHED
from leadflow.store.ledger import settle_row
from leadflow.store.tables import effects, tasks


def send_message(tx: Transaction, effect: SendMessage) -> None:
    """A message to the client."""
    mark = tx.vault.mark(normal(effect.channel, effect.to)) if effect.to else ""
    row = {
        "channel": effect.channel,
        "connection": effect.via,
        "template": effect.body.template,
        "address_mark": mark,
        "manual": effect.manual,
        "service": effect.service,
    }
    texts = (effect.body, effect.subject)
    plan(tx, effect.key, replace(effect, frozen=tx.frozen(effect.frozen, *texts)), row)


def notify_people(tx: Transaction, effect: NotifyPeople) -> None:
    """A word to each of our people meant; the key of one among several ends in the user."""
    users = tx.people(effect.to, effect.users) or _assignee(tx, effect)
    frozen = tx.words(effect)
    row = {"channel": "email", "template": effect.text.template}
    for user in users:
        key = f"{effect.key}/{user}" if len(users) > 1 else effect.key
        plan(tx, key, replace(effect, users=(user,), frozen=frozen), row)
    if not users:
        nobody = {"state": "suppressed", "reason": "no_address", "finished": tx.now}
        plan(tx, effect.key, replace(effect, users=(), frozen=frozen), {**row, **nobody})


def _assignee(tx: Transaction, effect: NotifyPeople) -> list[str]:
    """Of a task whose assignee the commit has found: only its row knows him."""
    run = tx.state.tasks.get(effect.task)
    if run is None:
        return []
    query = sa.select(tasks.c.assignee).where(tasks.c.key == run.key)
    return tx.staff.named(tx.connection.execute(query).scalars(), tx.roles)


def post_webhook(tx: Transaction, effect: PostWebhook) -> None:
    """A signed POST."""
    row = {"channel": "webhook", "connection": effect.connection}
    frozen = tx.frozen(effect.frozen, *effect.body.values())
    plan(tx, effect.key, replace(effect, frozen=frozen), row)


def audience_change(tx: Transaction, effect: AudienceChange) -> None:
    """In or out of an audience: here at once, at the advertiser's by its row."""
    change = enter_or_leave(tx, effect)
    plan(tx, effect.key, change, {"channel": "audience", "connection": effect.name})


def plan(tx: Transaction, key: str, effect: Outgoing, more: dict[str, Any]) -> None:
    """A row, and the word that it may be tried. One that was put off comes again under its key, with fresh values.

    Once a hand-over has begun its bytes stay what they are, whatever has changed since.
    """
    row: dict[str, Any] = {
        "effect_sealed": tx.seal(msgspec.json.encode(effect)),
        "not_after": parse_iso(effect.not_after) if effect.not_after else None,
        "state": "planned",
        **more,
    }
    known = tx.connection.execute(sa.select(effects).where(effects.c.key == key)).one_or_none()
    if known is None:
        tx.connection.execute(effects.insert(), _identity(tx, key, effect) | row)
    elif known.state == "planned" and known.handed is None:
        again = effects.update().where(effects.c.key == key)
        tx.connection.execute(again.values(**row, bytes_sealed=None, message_id=""))
    if tx.batch.has_ended(key):  # stored in part before: its end has come since
        return
    if row["state"] == "planned":
        tx.sends.append(Planned(key, row["channel"]))
    else:
        done = EffectDone(
            id=f"{key}/skipped", key=key, result="skipped", reason=row["reason"], at=iso(tx.now)
        )
        tx.facts.append(done)


def _identity(tx: Transaction, key: str, effect: Outgoing) -> dict[str, Any]:
    return {
        "key": key,
        "hash": sha256(key.encode()).hexdigest()[:32],
        "lead": tx.state.lead,
        "effect": effect.key,
        "kind": type(effect).__name__,
        "pipeline": tx.pipeline.id,
        "pipeline_hash": tx.pipeline.hash,
        "scope": effect.scope,
        "ref": effect.ref,
        "pos": effect.pos,
        "if_unsure": effect.if_unsure,
        "planned": tx.now,
    }


def settle_send(tx: Transaction, effect: SettleSend) -> None:
    """A person's verdict on what nobody could be sure of; where the truth came first, the truth is told instead."""
    query = sa.select(effects).where(effects.c.effect == effect.key).order_by(effects.c.key)
    rows = tx.connection.execute(query.with_for_update()).all()
    by = tx.batch.happened[-1].actor.user if tx.batch.happened else ""
    if not rows and effect.verdict == "resend":  # a database put back to before it was planned
        lost = EffectDone(
            id=f"{effect.key}/lost",
            key=effect.key,
            result="refused",
            reason="its text is lost",
            at=iso(tx.now),
        )
        tx.facts.append(lost)
    for row in rows:
        now = settle_row(tx.connection, row, effect.verdict, by, tx.now) or row
        if now.state in UNFINISHED:
            tx.sends.append(Planned(now.key, now.channel))
        elif effect.verdict == "resend" and now.state in RESULTS:
            truth = EffectDone(
                id=f"{now.key}/{now.state}/{now.fence}",
                key=now.key,
                result=RESULTS[now.state],
                reason=now.reason,
                at=iso(now.finished or tx.now),
                provider_id=now.provider_id,
            )
            tx.facts.append(truth)


_Handler = Callable[[Transaction, Any], None]
HANDLERS: dict[type, _Handler] = {
    SendMessage: send_message,
    NotifyPeople: notify_people,
    PostWebhook: post_webhook,
    AudienceChange: audience_change,
    SettleSend: settle_send,
}
