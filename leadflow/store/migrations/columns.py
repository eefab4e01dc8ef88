"""Columns as the first tables were made of them. Released migrations rest on this: add to it, never change it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op


def key(name: str) -> sa.Column[Any]:
    """Part of the primary key."""
    return sa.Column(name, sa.Text, nullable=False)


def text(name: str) -> sa.Column[Any]:
    """Never null."""
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def flag(name: str) -> sa.Column[Any]:
    """Yes or no."""
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


def number(name: str) -> sa.Column[Any]:
    """From zero."""
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def plain(name: str) -> sa.Column[Any]:
    """A number that is always given."""
    return sa.Column(name, sa.Integer, nullable=False, autoincrement=False)


def instant(name: str) -> sa.Column[Any]:
    """Always known."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def perhaps(name: str) -> sa.Column[Any]:
    """Null: not yet."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def json(name: str, empty: str = "{}") -> sa.Column[Any]:
    """JSON as text."""
    return sa.Column(name, sa.Text, nullable=False, server_default=empty)


def sealed(name: str) -> sa.Column[Any]:
    """Null: none."""
    return sa.Column(name, sa.LargeBinary, nullable=True)


def binary(name: str) -> sa.Column[Any]:
    """Always given."""
    return sa.Column(name, sa.LargeBinary, nullable=False)


def link(name: str) -> sa.Column[Any]:
    """Null: to none."""
    return sa.Column(name, sa.Text, nullable=True)


def table(
    name: str,
    primary: str,
    *columns: sa.Column[Any],
    links: dict[str, str] | None = None,
    unique: tuple[str, ...] = (),
    indexes: tuple[str, ...] = (),
) -> None:
    """Makes a table and its indexes; several columns of a key stand in one text, between spaces.

    Args:
        name: of the table.
        primary: columns of the primary key.
        columns: all of them.
        links: column → table whose ``id`` it names.
        unique: groups of columns that are unique together.
        indexes: groups of columns.
    """
    constraints = [sa.PrimaryKeyConstraint(*primary.split(), name=f"pk_{name}")]
    for column, other in (links or {}).items():
        fk = sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{name}_{column}")
        constraints.append(fk)  # type: ignore[arg-type]  # a list of constraints of any kind
    for group in unique:
        parts = group.split()
        constraints.append(sa.UniqueConstraint(*parts, name=f"uq_{name}_{'_'.join(parts)}"))  # type: ignore[arg-type]  # as above
    op.create_table(name, *columns, *constraints)
    for group in indexes:
        parts = group.split()
        op.create_index(f"ix_{name}_{'_'.join(parts)}", name, parts)
