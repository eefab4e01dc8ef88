"""The read model: what boards and lists show. Written by the commit alone, under its version guard."""

from __future__ import annotations

import sqlalchemy as sa

from leadflow.store.tables.base import (
    flag,
    instant,
    json,
    key,
    metadata,
    number,
    of_lead,
    perhaps,
    sealed,
    text,
)

leads = sa.Table(
    "leads",
    metadata,
    key("id"),
    sa.Column("number", sa.Integer, nullable=False, unique=True),
    text("pipeline"),
    text("hash", doc="Version of the pipeline it runs on."),
    text("kind", doc="``lead`` or ``deal``."),
    number("version", doc="0: its workflow has not been heard of yet (`starts`)."),
    text("stage"),
    text("stage_title"),
    number("visit"),
    text("owner"),
    text("creator"),
    text("source"),
    text("channel"),
    text("title", doc="Its title, else whoever it is about."),
    json("fields"),
    json("ticks", "[]"),
    text("closed", doc="``success``, ``failure``; empty: open."),
    instant("created"),
    perhaps("entered"),
    perhaps("closed_at"),
    perhaps("next_deadline"),
    perhaps("snoozed_until"),
    text("quarantined", doc="The error of the engine that parked it."),
    text("pinned"),
    perhaps("erased"),
    sealed("state_sealed", doc="The whole State: `reopen` and `recover` begin from it."),
    sealed("answer_sealed", doc="What the last commit answered; a repeated one answers the same."),
    sa.Index(None, "pipeline", "closed", "stage", "number"),
    sa.Index(None, "owner", "closed", "number"),
    sa.Index(None, "closed", "next_deadline", "quarantined", "pipeline"),
)

tasks = sa.Table(
    "tasks",
    metadata,
    key("key"),
    of_lead(),
    text("task"),
    text("title"),
    text("body"),
    text("video"),
    text("assignee", doc="User; empty: nobody could be found."),
    instant("opened"),
    perhaps("due"),
    text("status", doc="``open``, ``done``, ``cancelled``."),
    text("outcome"),
    flag("overdue"),
    perhaps("done_at"),
    text("done_by"),
    text("about", doc="``settle``, ``convert_failed``; empty: the author's."),
    text("settles", doc="Effect key that nobody can be sure of."),
    sa.Index(None, "assignee", "status", "due"),
)

timeline = sa.Table(
    "timeline",
    metadata,
    of_lead(primary=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    text("event"),
    instant("at"),
    text("kind"),
    text("actor"),
    text("via"),
    json("notes", "[]"),
)

watchers = sa.Table("watchers", metadata, of_lead(primary=True), key("user"))

audiences = sa.Table(
    "audiences",
    metadata,
    key("name"),
    of_lead(primary=True),
    instant("since"),
    sealed(
        "addresses_sealed", doc="Every address it was added with: each has to be taken out again."
    ),
)

alerts = sa.Table(
    "alerts",
    metadata,
    key("cause", doc="One alert a cause: while it stands, a second one changes nothing."),
    text("text"),
    instant("since"),
)
