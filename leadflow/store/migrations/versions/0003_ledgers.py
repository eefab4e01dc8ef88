"""The ledgers."""

from __future__ import annotations

import sqlalchemy as sa

from leadflow.store.migrations.columns import (
    binary,
    flag,
    instant,
    key,
    number,
    perhaps,
    sealed,
    table,
    text,
)

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Effects, what holds them back, what has yet to begin, keys."""
    table(
        "effects",
        "key",
        key("key"),
        sa.Column("hash", sa.String(32), nullable=False),
        key("lead"),
        key("effect"),
        text("kind"),
        text("channel"),
        text("connection"),
        text("pipeline"),
        text("pipeline_hash"),
        text("template"),
        text("scope"),
        text("ref"),
        text("pos"),
        sealed("effect_sealed"),
        text("address_mark"),
        flag("manual"),
        flag("service"),
        text("state"),
        number("fence"),
        text("worker"),
        instant("planned"),
        perhaps("not_after"),
        perhaps("claimed"),
        perhaps("handed"),
        perhaps("finished"),
        sealed("bytes_sealed"),
        text("message_id"),
        text("reason"),
        text("reply"),
        text("provider_id"),
        text("if_unsure"),
        number("resends"),
        links={"lead": "leads"},
        unique=("hash",),
        indexes=("lead", "effect", "state planned"),
    )
    table(
        "suppressions",
        "channel address_mark",
        key("channel"),
        key("address_mark"),
        text("reason"),
        instant("since"),
    )
    table("channels", "name", key("name"), text("paused"), instant("since"))
    table("holds", "what", key("what"), text("by"), instant("since"))
    table(
        "starts",
        "lead event",
        key("lead"),
        key("event"),
        sealed("event_sealed"),
        instant("since"),
        links={"lead": "leads"},
    )
    table(
        "inbox",
        "source external_id",
        key("source"),
        key("external_id"),
        key("lead"),
        instant("since"),
        links={"lead": "leads"},
        indexes=("lead",),
    )
    table("lead_keys", "lead", key("lead"), binary("wrapped"), text("master"))
