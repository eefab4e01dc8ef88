"""What Alembic runs for each command: on the connection that `leadflow.store.migrate` gives it."""

from __future__ import annotations

from alembic import context

from leadflow.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite can, too: all of a migration or nothing
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
