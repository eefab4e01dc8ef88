"""Advertising audiences: who is in them, and whether a change may still go to an advertiser (S28).

Membership is written by the commit that decides it; the advertiser hears of it by a row of the ledger, or by a file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from leadflow.engine.effects import AudienceChange
from leadflow.engine.fields import FieldType, Value
from leadflow.engine.pipeline import Pipeline
from leadflow.engine.scope import addresses
from leadflow.rules.addresses import normal
from leadflow.rules.last_look import HandOver
from leadflow.store.db import Store
from leadflow.store.hand_over import BOUNCED
from leadflow.store.keys import Vault
from leadflow.store.published import pipeline_of
from leadflow.store.tables import audiences, effects, leads, suppressions

PAGE = 500
"""Members that are in memory at a time."""
SUPERSEDED = "superseded"
"""Why a change does not go: the lead was put in, or taken out, again since."""


class Audience(msgspec.Struct, frozen=True):
    """An audience, as lists show it."""

    name: str
    members: int
    changed: datetime
    """When somebody was put in last."""


class Member(msgspec.Struct, frozen=True):
    """Who is in an audience; e-mails in lower case, numbers E.164, each once."""

    number: int
    """The lead's."""
    emails: tuple[str, ...]
    phones: tuple[str, ...]


def find_audiences(store: Store) -> list[Audience]:
    """Every audience that has members, by name."""
    query = (
        sa.select(audiences.c.name, sa.func.count(), sa.func.max(audiences.c.since))
        .group_by(audiences.c.name)
        .order_by(audiences.c.name)
    )
    return [Audience(*row) for row in store.read(lambda c: c.execute(query).all())]


def members(store: Store, vault: Vault, name: str) -> Iterator[Member]:
    """The members of an audience in the order of their numbers, a page of them in memory at a time.

    Left out is who wants no more messages by some channel, and who has no address. An erased lead is no member.
    """
    query = (
        sa.select(leads.c.number, leads.c.pipeline, leads.c.hash, leads.c.fields)
        .join(audiences, audiences.c.lead == leads.c.id)
        .where(audiences.c.name == name, leads.c.erased.is_(None))
        .order_by(leads.c.number)
        .limit(PAGE)
    )
    last = 0
    while rows := _page(store, query.where(leads.c.number > last)):
        last = rows[-1].number
        page = [_member(store, row) for row in rows]
        marks = {one.number: _marks(vault, (*one.emails, *one.phones)) for one in page}
        barred = store.read(partial(_barred, marks=[*chain(*marks.values())]))
        yield from (
            one for one in page if marks[one.number] and barred.isdisjoint(marks[one.number])
        )


def _page(store: Store, query: sa.Select[Any]) -> Sequence[Row[Any]]:
    return store.read(lambda c: c.execute(query).all())


def _member(store: Store, row: Row[Any]) -> Member:
    known = pipeline_of(store, row.pipeline, row.hash)
    emails = (normal("email", each) for each in _of_type("email", known, row.fields))
    phones = (normal("sms", each) for each in _of_type("phone", known, row.fields))
    return Member(row.number, tuple(dict.fromkeys(emails)), tuple(dict.fromkeys(phones)))


def _of_type(kind: FieldType, pipeline: Pipeline, fields: dict[str, Value]) -> Iterator[str]:
    for field in pipeline.fields.values():
        if field.type == kind:
            yield from addresses(fields.get(field.id))


def _marks(vault: Vault, found: Collection[str]) -> list[str]:
    return [vault.mark(address) for address in found]


def _barred(connection: Connection, marks: Collection[str]) -> set[str]:
    """Those whose owner wants no more messages; an address where letters come back is not one of them."""
    query = sa.select(suppressions.c.address_mark).where(
        suppressions.c.address_mark.in_(marks), suppressions.c.reason != BOUNCED
    )
    return set(connection.execute(query).scalars())


def judge(
    connection: Connection, vault: Vault, row: Row[Any], change: AudienceChange
) -> HandOver | None:
    """What speaks against a change in the transaction of its hand-over; None: nothing.

    Changes of one membership reach the advertiser in their order: one that the next has overtaken does not go, and none
    goes while another is under way.
    """
    member = (audiences.c.name == change.name) & (audiences.c.lead == row.lead)
    is_member = connection.execute(sa.select(audiences.c.since).where(member)).first() is not None
    if is_member == change.remove:
        return HandOver("suppressed", SUPERSEDED)
    others = (
        (effects.c.lead == row.lead)
        & (effects.c.kind == row.kind)
        & (effects.c.connection == row.connection)
        & (effects.c.key != row.key)
    )
    under_way = sa.select(effects.c.key).where(others, effects.c.state == "handing_over")
    if connection.execute(under_way.limit(1)).first() is not None:
        return HandOver("held", "another change of this membership is under way")
    found = [normal("email", change.email), normal("sms", change.phone)]
    if not change.remove and _barred(connection, _marks(vault, [*filter(None, found)])):
        return HandOver("suppressed", "opted_out")
    return None
