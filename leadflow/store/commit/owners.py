"""Finding a responsible: in turn, by load, or the person named (S12–S14), with the reason why this one (X11)."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from leadflow.engine.pipeline import Assignee
from leadflow.store.commit.transaction import Transaction
from leadflow.store.once import insert_once
from leadflow.store.tables import leads, rotations


class Found(NamedTuple):
    """``user`` is empty when nobody could be found."""

    user: str
    why: str


def find(tx: Transaction, to: Assignee, never: tuple[str, ...] = (), whose: str = "") -> Found:
    """A responsible among those an assignment means.

    Args:
        tx: the commit.
        to: who, and how to choose among them.
        never: former owners: not again.
        whose: a task's id; turns at tasks are counted apart from turns at leads.
    """
    named = " ".join(to.people.names)
    listed = tx.people(to.people)
    free = [user for user in listed if user not in never]
    if to.how == "nobody" or not free:
        had = "everybody there has had it" if listed else "there is no such user"
        return Found("", f"nobody of '{named}': {had}" if to.how != "nobody" else "nobody")
    turn = f"{tx.pipeline.id}/{whose}/{named}"
    match to.how:
        case "round_robin":
            return _in_turn(tx.connection, turn, listed, free)
        case "least_busy":
            _lock(tx.connection, turn)
            return _least_busy(tx.connection, named, free)
        case _:
            return Found(free[0], named)


def _in_turn(connection: Connection, turn: str, listed: list[str], free: list[str]) -> Found:
    """The next after the last one; the list begins with the first listed."""
    last = _lock(connection, turn)
    start = listed.index(last) + 1 if last in listed else 0
    user = next(user for user in (*listed[start:], *listed[:start]) if user in free)
    connection.execute(rotations.update().where(rotations.c.list == turn).values(last=user))
    after = f"after {last}" if last else "the first"
    return Found(user, f"round robin of {turn.rpartition('/')[2]}: {after}")


def _least_busy(connection: Connection, named: str, free: list[str]) -> Found:
    query = (
        sa.select(leads.c.owner, sa.func.count())
        .where(leads.c.owner.in_(free), leads.c.closed == "")
        .group_by(leads.c.owner)
    )
    counted: dict[str, int] = dict(connection.execute(query).all())
    user = min(free, key=lambda one: counted.get(one, 0))  # of equals the first listed
    return Found(user, f"least busy of {named}: {counted.get(user, 0)} open")


def _lock(connection: Connection, turn: str) -> str:
    """The list's row, ours until the commit ends: two leads at once do not get the same turn. Who had the last."""
    insert_once(connection, rotations, list=turn)
    query = sa.select(rotations.c.last).where(rotations.c.list == turn).with_for_update()
    return str(connection.execute(query).scalar_one())
