"""Tasks, as people see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from leadflow.store.db import Store
from leadflow.store.tables import leads, tasks


class TaskRow(msgspec.Struct, frozen=True, kw_only=True):
    """A task with the lead it belongs to; instants UTC."""

    key: str
    lead: str
    number: int
    """The lead's."""
    lead_title: str
    task: str
    """Its id in the pipeline."""
    title: str
    body: str
    video: str
    assignee: str
    opened: datetime
    due: datetime | None
    status: Literal["open", "done", "cancelled"]
    outcome: str
    overdue: bool
    done_at: datetime | None
    done_by: str
    about: str
    settles: str


_ELSEWHERE: dict[str, sa.ColumnElement[Any]] = {
    "number": leads.c.number,
    "lead_title": leads.c.title.label("lead_title"),
}
_COLUMNS = [
    _ELSEWHERE[name] if name in _ELSEWHERE else tasks.c[name] for name in TaskRow.__struct_fields__
]


def find_tasks(
    store: Store,
    *,
    user: str = "",
    lead: str = "",
    status: Literal["", "open", "done", "cancelled"] = "open",
    overdue: bool = False,
    most: int = 200,
) -> list[TaskRow]:
    """Tasks of a user, of a lead (its id), or all; what is due first comes first, what is never due last."""
    conditions: list[sa.ColumnElement[bool]] = []
    for column, value in ((tasks.c.assignee, user), (tasks.c.lead, lead), (tasks.c.status, status)):
        if value:
            conditions.append(column == value)
    if overdue:
        conditions.append(tasks.c.overdue)
    query = (
        sa.select(*_COLUMNS)
        .join(leads, leads.c.id == tasks.c.lead)
        .where(*conditions)
        .order_by(tasks.c.due.is_(None), tasks.c.due, tasks.c.opened, tasks.c.key)
        .limit(most)
    )
    rows: Any = store.read(lambda c: c.execute(query).mappings().all())
    return [TaskRow(**row) for row in rows]
