"""Running leads that are not on the newest version of their pipeline."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from leadflow.store.db import Store
from leadflow.store.published import Version
from leadflow.store.tables import leads

PAGE = 500


class Behind(msgspec.Struct, frozen=True):
    """A running lead on another version."""

    number: int
    id: str
    hash: str
    """The version it runs on."""
    stage: str


def behind(store: Store, newest: Version) -> Iterator[Behind]:
    """All of them, by number, page by page; those that are moved meanwhile come no more."""
    last = 0
    while page := store.read(lambda c, last=last: _page(c, newest, last)):  # type: ignore[misc]  # mypy 9176: no type for `last`
        yield from page
        last = page[-1].number


def _page(connection: Connection, newest: Version, last: int) -> list[Behind]:
    query = (
        sa.select(leads.c.number, leads.c.id, leads.c.hash, leads.c.stage)
        .where(_open(newest), leads.c.hash != newest.hash, leads.c.number > last)
        .order_by(leads.c.number)
        .limit(PAGE)
    )
    return [Behind(*row) for row in connection.execute(query)]


def running(store: Store, newest: Version) -> dict[bool, dict[str, int]]:
    """How many leads run by stage: ``True`` on the newest version, ``False`` on others."""
    same = (leads.c.hash == newest.hash).label("same")
    query = (
        sa.select(same, leads.c.stage, sa.func.count())
        .where(_open(newest))
        .group_by(same, leads.c.stage)
        .order_by(leads.c.stage)
    )
    found: dict[bool, dict[str, int]] = {True: {}, False: {}}
    for on_it, stage, count in store.read(lambda c: c.execute(query).all()):
        found[bool(on_it)][stage] = count
    return found


def _open(newest: Version) -> sa.ColumnElement[bool]:
    return (leads.c.pipeline == newest.id) & (leads.c.closed == "")
