"""The CRM's records."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from leadflow.store.migrations.columns import (
    instant,
    json,
    key,
    link,
    number,
    plain,
    sealed,
    table,
    text,
)

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Contacts, companies, deals, documents; numbers and turns."""
    _record("companies")
    _record("contacts", link("company"), links={"company": "companies"})
    _record(
        "deals",
        link("contact"),
        link("company"),
        text("pipeline"),
        text("run"),
        links={"contact": "contacts", "company": "companies"},
    )
    table(
        "documents",
        "key",
        key("key"),
        key("lead"),
        text("document"),
        text("number"),
        sealed("values_sealed"),
        instant("made"),
        links={"lead": "leads"},
        indexes=("lead",),
    )
    table("counters", "name", key("name"), number("value"))
    table("rotations", "list", key("list"), text("last"))


def _record(name: str, *more: sa.Column[Any], links: dict[str, str] | None = None) -> None:
    table(
        name,
        "id",
        key("id"),
        key("lead"),
        plain("conversion"),
        text("title"),
        text("owner"),
        text("source"),
        json("fields"),
        instant("created"),
        *more,
        links={"lead": "leads", **(links or {})},
        unique=("lead conversion",),
        indexes=("lead",),
    )
