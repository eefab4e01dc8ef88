"""Inserting what must be there once."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection


def insert_once(connection: Connection, table: sa.Table, **row: Any) -> bool:
    """Inserts a row unless its key is there already; False: it was.

    Waits for another transaction that is just inserting the same, instead of failing with it.
    """
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    put = insert(table).values(row).on_conflict_do_nothing().returning(sa.literal(1))
    return connection.execute(put).first() is not None
