"""What providers tell later, and what audiences were told."""

from __future__ import annotations

from alembic import op

from leadflow.store.migrations.columns import instant, key, number, perhaps, sealed, table, text

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Callbacks as they came; what became of each message; the addresses that an audience knows a lead by."""
    table(
        "callbacks",
        "source external_id",
        key("source"),
        key("external_id"),
        text("kind"),
        sealed("body"),
        instant("since"),
        perhaps("due"),
        number("tries"),
        indexes=("due",),
    )
    op.add_column("effects", text("delivery"))
    op.add_column("effects", perhaps("delivered"))
    op.add_column("effects", text("delivery_code"))
    op.create_index("ix_effects_provider_id", "effects", ["provider_id"])
    op.add_column("audiences", sealed("addresses_sealed"))
