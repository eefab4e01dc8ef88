"""The read model."""

from __future__ import annotations

from leadflow.store.migrations.columns import (
    flag,
    instant,
    json,
    key,
    number,
    perhaps,
    plain,
    sealed,
    table,
    text,
)

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Leads and all that belongs to one."""
    table(
        "leads",
        "id",
        key("id"),
        plain("number"),
        text("pipeline"),
        text("hash"),
        text("kind"),
        number("version"),
        text("stage"),
        text("stage_title"),
        number("visit"),
        text("owner"),
        text("creator"),
        text("source"),
        text("channel"),
        text("title"),
        json("fields"),
        json("ticks", "[]"),
        text("closed"),
        instant("created"),
        perhaps("entered"),
        perhaps("closed_at"),
        perhaps("next_deadline"),
        perhaps("snoozed_until"),
        text("quarantined"),
        text("pinned"),
        perhaps("erased"),
        sealed("state_sealed"),
        sealed("answer_sealed"),
        unique=("number",),
        indexes=("pipeline closed stage number", "owner closed number"),
    )
    table(
        "tasks",
        "key",
        key("key"),
        key("lead"),
        text("task"),
        text("title"),
        text("body"),
        text("video"),
        text("assignee"),
        instant("opened"),
        perhaps("due"),
        text("status"),
        text("outcome"),
        flag("overdue"),
        perhaps("done_at"),
        text("done_by"),
        text("about"),
        text("settles"),
        links={"lead": "leads"},
        indexes=("lead", "assignee status due"),
    )
    table(
        "timeline",
        "lead version",
        key("lead"),
        plain("version"),
        text("event"),
        instant("at"),
        text("kind"),
        text("actor"),
        text("via"),
        json("notes", "[]"),
        links={"lead": "leads"},
    )
    table("watchers", "lead user", key("lead"), key("user"), links={"lead": "leads"})
    table(
        "audiences",
        "name lead",
        key("name"),
        key("lead"),
        instant("since"),
        links={"lead": "leads"},
    )
    table("alerts", "cause", key("cause"), text("text"), instant("since"))
