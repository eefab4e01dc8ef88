"""Numbers without a fellow: of leads, of documents."""

from __future__ import annotations

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from leadflow.store.tables import counters


def next_number(connection: Connection, name: str) -> int:
    """The next number of a counter, from 1; nobody else gets it meanwhile, and it has no gaps: who comes to nothing gives it back."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    query = (
        insert(counters)
        .values(name=name, value=1)
        .on_conflict_do_update(index_elements=["name"], set_={"value": counters.c.value + 1})
        .returning(counters.c.value)
    )
    number: int = connection.execute(query).scalar_one()
    return number
