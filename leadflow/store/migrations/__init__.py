"""The history of the tables, as Alembic reads it. What was released is never changed again."""
