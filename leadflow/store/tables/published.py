"""What was published: pipelines, their texts, the installation."""

from __future__ import annotations

import sqlalchemy as sa

from leadflow.store.tables.base import instant, json, key, metadata, text

pipelines = sa.Table(
    "pipelines",
    metadata,
    key("id"),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    text("hash"),
    sa.Column(
        "turn", sa.Integer, nullable=False, doc="New leads take the version with the highest."
    ),
    sa.Column("packed", sa.LargeBinary, nullable=False, doc="`leadflow.engine.packed.pack`."),
    sa.Column(
        "sources", sa.LargeBinary, nullable=False, doc="Its files: path → text; zlib over JSON."
    ),
    instant("published"),
    text("by"),
    sa.UniqueConstraint("id", "hash"),
)

blobs = sa.Table("blobs", metadata, key("sha256"), text("body"))

installations = sa.Table(
    "installations",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    json("data"),
    instant("published"),
    text("by"),
)

meta = sa.Table("meta", metadata, key("name"), text("value"))
