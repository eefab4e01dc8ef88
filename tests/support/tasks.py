"""The workflow tasks of a history."""

from __future__ import annotations

import re

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

SHORT = {
    "EVENT_TYPE_ACTIVITY_TASK_COMPLETED": "r",
    "EVENT_TYPE_TIMER_FIRED": "r",
    "EVENT_TYPE_WORKFLOW_TASK_SCHEDULED": "s",
    "EVENT_TYPE_WORKFLOW_TASK_STARTED": "b",
    "EVENT_TYPE_WORKFLOW_TASK_COMPLETED": "e",
}


def empty_tasks(history: WorkflowHistory) -> list[int]:
    """The tasks that heard an activity's result or a timer and gave no command, each by the event that began it (decision 0018)."""
    kinds = [EventType.Name(event.event_type) for event in history.events]
    tasks = "".join(SHORT.get(kind, ".") for kind in kinds)
    found = re.finditer(r"r[^e]*?sbe(?=s|$)", tasks)
    return [history.events[one.end() - 2].event_id for one in found]
