"""What was published."""

from __future__ import annotations

from leadflow.store.migrations.columns import binary, instant, json, key, plain, table, text

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Pipelines, texts, installations, what the installation knows of itself."""
    table(
        "pipelines",
        "id number",
        key("id"),
        plain("number"),
        text("hash"),
        plain("turn"),
        binary("packed"),
        binary("sources"),
        instant("published"),
        text("by"),
        unique=("id hash",),
    )
    table("blobs", "sha256", key("sha256"), text("body"))
    table(
        "installations",
        "number",
        plain("number"),
        json("data"),
        instant("published"),
        text("by"),
    )
    table("meta", "name", key("name"), text("value"))
