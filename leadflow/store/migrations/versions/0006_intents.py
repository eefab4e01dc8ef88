"""What doors store themselves."""

from __future__ import annotations

from leadflow.store.migrations.columns import instant, key, table

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Intents: written before a workflow is asked, gone with the commit of its answer."""
    table(
        "intents",
        "lead event",
        key("lead"),
        key("event"),
        instant("since"),
        links={"lead": "leads"},
        indexes=("since",),
    )
