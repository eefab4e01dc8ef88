"""What became of messages after they had been taken over, as providers tell it later (fault S3).

::

    accepted ──▶ delivered | undelivered

The first of the two words stands: what comes late, twice or out of order changes nothing. Complaints and wishes to hear no
more are no part of it: they may follow a delivery.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from leadflow.engine.decision import Note
from leadflow.engine.events import Actor, Signal
from leadflow.errors import NotFound
from leadflow.installation import Connection as Way, Installation, Told
from leadflow.ports import Report
from leadflow.rules.addresses import normal
from leadflow.store.db import Store
from leadflow.store.entries import UNFINISHED, change, locked
from leadflow.store.hand_over import BOUNCED, suppress
from leadflow.store.intake import keep_sealed
from leadflow.store.keys import Vault
from leadflow.store.leads import Moment
from leadflow.store.locks import take
from leadflow.store.tables import effects, timeline

_SUPPRESSED: dict[Told, str] = {
    "dead": BOUNCED,
    "complained": "complained",
    "unsubscribed": "unsubscribed",
}
"""What is told → why nothing automatic goes to that address any more."""


def report(
    store: Store, vault: Vault, installation: Installation, way: Way, told: Report, at: datetime
) -> bool:
    """Writes down what a provider tells, and what follows from it: a fact for the lead, an address that is dead.

    Args:
        store: the database.
        vault: for the lead's key.
        installation: knows which connection messages leave by that name none.
        way: the connection whose provider tells.
        told: what.
        at: when we heard of it.

    Returns:
        False: nothing is known (yet) of such a message, or it is just being handed over: come again.
    """
    mark = vault.mark(normal(way.type, told.to)) if told.to else ""
    row = store.read(lambda c: _find(c, installation, way, told, mark))
    if row is None:
        return False
    fact = _fact(row, told, way)
    sealed = _sealed(vault, row.lead, fact)

    def work(connection: Connection) -> bool:
        if told.means in _SUPPRESSED:
            take(connection, "hand_over")  # before the row, as a hand-over takes the two
        now = locked(connection, row.key)
        if told.means in {"complained", "unsubscribed"}:
            news = _is_new(connection, row.lead, fact)
        elif (settled := _settle(connection, now, told, at)) is None:
            return False
        else:
            news = settled
        if news and row.address_mark and (reason := _SUPPRESSED.get(told.means)):
            suppress(connection, [(row.channel, row.address_mark)], reason, at)
        if news and fact is not None and sealed is not None:
            keep_sealed(connection, row.lead, fact.id, sealed, at)
        return True

    return store.write(work)


def _find(
    connection: Connection, installation: Installation, way: Way, told: Report, mark: str
) -> Row[Any] | None:
    """The message that is meant, among those that left by this connection.

    By another spelling of its id only where it went to that very address: two ids may be alike in hexadecimal and decimal.
    """
    query = sa.select(effects).where(effects.c.channel == way.type)
    if told.key:
        return connection.execute(query.where(effects.c.hash == told.key)).one_or_none()
    mine = query.where(effects.c.connection.in_(_ways(installation, way)))
    newest = mine.order_by(effects.c.planned.desc()).limit(1)
    found = connection.execute(newest.where(effects.c.provider_id == told.id)).one_or_none()
    if found is None and mark:
        alike = effects.c.provider_id.in_(told.spellings) & (effects.c.address_mark == mark)
        found = connection.execute(newest.where(alike)).one_or_none()
    return found


def _ways(installation: Installation, way: Way) -> set[str]:
    """The connections whose messages a provider may mean: an SMS centre brings receipts by any session of the account."""
    ways = {way.id}
    if way.url.startswith(("smpp://", "smpps://")):
        account = _account(way)
        alike = (each for each in installation.connections.values() if each.type == way.type)
        ways |= {each.id for each in alike if _account(each) == account}
    default = installation.connection(way.type)
    return ways | {""} if default is not None and default.id in ways else ways


def _account(way: Way) -> str:
    return way.url.partition("?")[0].rstrip("/")


def _settle(connection: Connection, row: Row[Any], told: Report, at: datetime) -> bool | None:
    """Writes the word into the row, unless one stands there; None: the hand-over is still under way.

    Who can tell what became of a message has got it: where nobody here was sure, that is settled, too.
    """
    values: dict[str, Any] = {}
    unsure = row.state in {"planned", "claimed"} and told.means == "delivered"
    if row.handed is not None and (unsure or row.state == "ambiguous"):
        values = {"state": "accepted", "finished": at, "fence": row.fence + 1, "reason": ""}
        values["provider_id"] = row.provider_id or told.id
    elif row.state in UNFINISHED:
        return None
    if row.delivery:
        return False
    word = "delivered" if told.means == "delivered" else "undelivered"
    change(connection, row, delivery=word, delivered=at, delivery_code=told.code, **values)
    return True


def _fact(row: Row[Any], told: Report, way: Way) -> Signal | None:
    """What the lead hears of it; of a note to our own people nothing."""
    if told.means == "delivered" or row.kind != "SendMessage":
        return None
    name: str = told.means
    if told.means in {"undelivered", "dead"}:
        name = "bounced" if row.channel == "email" else "send_failed"
    return Signal(
        id=f"{row.hash}/{name}",
        actor=Actor(via=f"callback:{way.id}"),
        name=name,
        data={"channel": row.channel, "template": row.template, "reason": told.code},
    )


def _sealed(vault: Vault, lead: str, fact: Signal | None) -> bytes | None:
    if fact is None:
        return None
    try:
        return vault.seal(lead, msgspec.json.encode(fact))
    except NotFound:  # erased
        return None


def _is_new(connection: Connection, lead: str, fact: Signal | None) -> bool:
    if fact is None:
        return True
    same = (timeline.c.lead == lead) & (timeline.c.event == fact.id)
    return connection.execute(sa.select(timeline.c.version).where(same)).first() is None


def delivery_notes(store: Store, lead: str) -> list[Moment]:
    """What providers have told of a lead's messages, as lines of its timeline. ``lead``: its id."""
    mine = (effects.c.lead == lead) & effects.c.delivered.is_not(None)
    query = sa.select(effects).where(mine).order_by(effects.c.delivered, effects.c.key)
    return [
        Moment(
            version=0,
            event=f"{row.hash}/{row.delivery}",
            at=row.delivered,
            kind=row.delivery.title(),
            actor="",
            via=f"{row.channel} {row.connection}".strip(),
            notes=(
                Note(
                    "recorded",
                    row.template or row.channel,
                    {"result": row.delivery, "reason": row.delivery_code},
                    row.ref,
                    row.pos,
                ),
            ),
        )
        for row in store.read(lambda c: c.execute(query).all())
    ]
