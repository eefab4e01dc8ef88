"""Whose turn it is, and who has how many open leads: what finding a responsible goes by (`leadflow.rules.turns`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from leadflow.store.once import insert_once
from leadflow.store.tables import leads, rotations


class Rotations:
    """Turns that a transaction holds until it ends: two leads at once do not get the same one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def last(self, turn: str) -> str:
        """Who had the last one."""
        insert_once(self._connection, rotations, list=turn)
        query = sa.select(rotations.c.last).where(rotations.c.list == turn).with_for_update()
        return str(self._connection.execute(query).scalar_one())

    def took(self, turn: str, user: str) -> None:
        """This one has it now."""
        mine = rotations.update().where(rotations.c.list == turn)
        self._connection.execute(mine.values(last=user))

    def open_leads(self, turn: str, users: Sequence[str]) -> Mapping[str, int]:
        """User → open leads, of those who have any."""
        self.last(turn)  # its row is ours: who is counted now is not being given another one
        query = (
            sa.select(leads.c.owner, sa.func.count())
            .where(leads.c.owner.in_(users), leads.c.closed == "")
            .group_by(leads.c.owner)
        )
        return dict(self._connection.execute(query).all())
