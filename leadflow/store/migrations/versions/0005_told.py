"""What a workflow was told stays known until the store has it back."""

from __future__ import annotations

from alembic import op

from leadflow.store.migrations.columns import flag

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """A mark at events kept for workflows."""
    op.add_column("starts", flag("told"))
