"""What all tables are made of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from leadflow.store.types import Instant, Json, Words

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def key(name: str, *, doc: str = "") -> sa.Column[str]:
    """A text that is (part of) the primary key."""
    return sa.Column(name, Words, primary_key=True, doc=doc)


def text(name: str, *, doc: str = "") -> sa.Column[str]:
    """A text that is never null: empty means empty. Of any length: what people write is cut at the edges, not here."""
    return sa.Column(name, Words, nullable=False, server_default="", doc=doc)


def flag(name: str) -> sa.Column[bool]:
    """Yes or no; no, unless said."""
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


def number(name: str, *, doc: str = "") -> sa.Column[int]:
    """A count from zero."""
    return sa.Column(name, sa.Integer, nullable=False, server_default="0", doc=doc)


def instant(name: str) -> sa.Column[datetime]:
    """When; always known."""
    return sa.Column(name, Instant, nullable=False)


def perhaps(name: str) -> sa.Column[datetime | None]:
    """When; null: not (yet)."""
    return sa.Column(name, Instant, nullable=True)


def json(name: str, empty: str = "{}") -> sa.Column[Any]:
    """Plain JSON."""
    return sa.Column(name, Json, nullable=False, server_default=empty)


def sealed(name: str, *, doc: str = "") -> sa.Column[bytes | None]:
    """Bytes under the lead's own key; null: none (yet, or any more)."""
    return sa.Column(name, sa.LargeBinary, nullable=True, doc=doc)


def of_lead(*, primary: bool = False) -> sa.Column[str]:
    """The lead that a row belongs to."""
    return sa.Column(
        "lead",
        Words,
        sa.ForeignKey("leads.id"),
        primary_key=primary,
        nullable=False,
        index=not primary,
    )
