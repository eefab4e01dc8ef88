"""The ledgers: what makes things happen once, and what holds them back."""

from __future__ import annotations

import sqlalchemy as sa

from leadflow.store.tables.base import (
    flag,
    instant,
    key,
    metadata,
    number,
    of_lead,
    perhaps,
    sealed,
    text,
)
from leadflow.store.types import Words

effects = sa.Table(
    "effects",
    metadata,
    key("key", doc="The effect's key, plus ``/<user>`` where it has several recipients."),
    sa.Column(
        "hash",
        sa.String(32),
        nullable=False,
        unique=True,
        doc="All that the outside sees of the key.",
    ),
    of_lead(),
    sa.Column("effect", Words, nullable=False, index=True, doc="The key the engine knows."),
    text("kind"),
    text("channel"),
    text("connection"),
    text("pipeline"),
    text("pipeline_hash"),
    text("template"),
    text("scope"),
    text("ref"),
    text("pos", doc="Line of the pipeline that asked for it."),
    sealed("effect_sealed", doc="The effect itself, values frozen. Null: erased."),
    text("address_mark", doc="Whom it goes to, as `Vault.mark` shows it."),
    flag("manual"),
    flag("service"),
    text("state"),
    number("fence", doc="Raised by every attempt: only the last one may write."),
    text("worker"),
    instant("planned"),
    perhaps("not_after"),
    perhaps("claimed"),
    perhaps("handed"),
    perhaps("finished"),
    sealed("bytes_sealed", doc="The rendered message: the same for every attempt."),
    text("message_id"),
    text("reason"),
    text("reply"),
    text("provider_id"),
    text("if_unsure"),
    number("resends"),
    text("delivery", doc="``delivered``, ``undelivered``; empty: the provider has not said (yet)."),
    perhaps("delivered"),
    text("delivery_code", doc="In the provider's words."),
    sa.Index(None, "state", "planned", "channel"),
    sa.Index(None, "provider_id"),
)

suppressions = sa.Table(
    "suppressions",
    metadata,
    key("channel", doc="``email``, ``sms``, ``message``, ``all``."),
    key("address_mark"),
    text("reason"),
    instant("since"),
)

channels = sa.Table(
    "channels",
    metadata,
    key("name", doc="A channel or a connection."),
    text("paused", doc="Why."),
    instant("since"),
)

holds = sa.Table(
    "holds",
    metadata,
    key("what", doc="``all``, ``pipeline:<id>``, ``template:<name>``."),
    text("by"),
    instant("since"),
)

starts = sa.Table(
    "starts",
    metadata,
    of_lead(primary=True),
    key("event", doc="Event that its workflow has yet to hear of, or has not given back yet."),
    sealed("event_sealed"),
    instant("since"),
    flag("told"),
)

intents = sa.Table(
    "intents",
    metadata,
    of_lead(primary=True),
    key("event", doc="Asked of its workflow by a door that stores the answer itself."),
    instant("since"),
    sa.Index(None, "since"),
)

inbox = sa.Table(
    "inbox",
    metadata,
    key("source"),
    key("external_id"),
    of_lead(),
    instant("since"),
)

callbacks = sa.Table(
    "callbacks",
    metadata,
    key("source", doc="The connection whose provider called."),
    key("external_id", doc="`Vault.digest` of the body: the same call again is the same row."),
    text("kind", doc="``json``, ``form``, ``smpp``."),
    sa.Column(
        "body",
        sa.LargeBinary,
        nullable=True,
        doc="As it came, sealed with `Vault.own`. Null: it has been read.",
    ),
    instant("since"),
    perhaps("due"),
    number("tries"),
    sa.Index(None, "due"),
)

lead_keys = sa.Table(
    "lead_keys",
    metadata,
    key("lead"),
    sa.Column("wrapped", sa.LargeBinary, nullable=False, doc="Under the master key."),
    text("master", doc="Which master key."),
)
