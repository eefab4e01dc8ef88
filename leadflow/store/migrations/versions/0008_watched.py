"""Indexes that answer what an operator watches (`leadflow.store.metrics`)."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Leads by state and deadline, messages by outcome and channel, without a look at their rows."""
    op.create_index(
        "ix_leads_closed_next_deadline_quarantined_pipeline",
        "leads",
        ["closed", "next_deadline", "quarantined", "pipeline"],
    )
    op.drop_index("ix_effects_state_planned", "effects")
    op.create_index("ix_effects_state_planned_channel", "effects", ["state", "planned", "channel"])
