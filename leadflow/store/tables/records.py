"""The CRM's records, and what their numbers and turns are taken from."""

from __future__ import annotations

import sqlalchemy as sa

from leadflow.store.tables.base import instant, json, key, metadata, number, of_lead, sealed, text
from leadflow.store.types import Words


def _record(name: str, *links: sa.Column[str] | sa.Column[str | None]) -> sa.Table:
    """Contact, company or deal: made by a lead's conversion, once each."""
    return sa.Table(
        name,
        metadata,
        key("id"),
        of_lead(),
        sa.Column("conversion", sa.Integer, nullable=False, doc="Which of this lead's."),
        text("title"),
        text("owner"),
        text("source"),
        json("fields"),
        instant("created"),
        *links,
        sa.UniqueConstraint("lead", "conversion"),
    )


def _link(to: str, name: str) -> sa.Column[str | None]:
    return sa.Column(name, Words, sa.ForeignKey(f"{to}.id"), nullable=True)


companies = _record("companies")
contacts = _record("contacts", _link("companies", "company"))
deals = _record(
    "deals",
    _link("contacts", "contact"),
    _link("companies", "company"),
    text("pipeline"),
    text("run", doc="The deal's own life in that pipeline: a lead of kind ``deal``."),
)

documents = sa.Table(
    "documents",
    metadata,
    key("key"),
    of_lead(),
    text("document"),
    text("number"),
    sealed("values_sealed", doc="What its template names, as it was when it was numbered."),
    instant("made"),
)

counters = sa.Table(
    "counters",
    metadata,
    key("name", doc="``lead``; ``document/<pipeline>/<id>/<period>``."),
    number("value", doc="The last number given."),
)

rotations = sa.Table(
    "rotations",
    metadata,
    key("list", doc="Pipeline and list as written: each list has a turn of its own."),
    text("last", doc="User who had the last turn."),
)
