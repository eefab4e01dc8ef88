"""Leads outlive the program: histories recorded by earlier versions replay, and the engine decides now as it did then.

Temporal's replayer compares which commands a workflow gives, not what is in them: a timer that goes off on another day, a
mail that says something else would pass. So every commit is compared as well: it holds the state with all its deadlines.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import (
    Interceptor,
    Replayer,
    StartActivityInput,
    UnsandboxedWorkflowRunner,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)
from temporalio.workflow import ActivityHandle
from typing_extensions import override

from activities.policies import COMMIT_ACTIVITY
from leadflow.engine import calendar
from leadflow.ports import Commit
from workflows.lead import LeadWorkflow
from workflows.payloads import data_converter

HISTORIES = Path(__file__).parent / "histories"
RECORDED = sorted(HISTORIES.glob("*.json"))


class Listener(Interceptor):
    """Keeps what a replayed workflow would commit."""

    def __init__(self) -> None:
        self.commits: list[Commit] = []

    @override
    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor]:
        commits = self.commits

        class Outbound(WorkflowOutboundInterceptor):
            @override
            def start_activity(self, input: StartActivityInput) -> ActivityHandle[Any]:
                if input.activity == COMMIT_ACTIVITY:
                    commits.append(input.args[0])
                return super().start_activity(input)

        class Inbound(WorkflowInboundInterceptor):
            @override
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(Outbound(outbound))

        return Inbound


def recorded(file: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json("lead-recorded", file.read_text())


def recorded_commits(history: WorkflowHistory) -> list[Commit]:
    """What the workflow committed when it was recorded."""
    scheduled = [
        event.activity_task_scheduled_event_attributes
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    return [
        msgspec.json.decode(each.input.payloads[0].data, type=Commit)
        for each in scheduled
        if each.activity_type.name == COMMIT_ACTIVITY
    ]


async def replay(history: WorkflowHistory) -> list[Commit]:
    """What the program of today commits for that history."""
    listener = Listener()
    replayer = Replayer(
        workflows=[LeadWorkflow],
        data_converter=data_converter(None),
        interceptors=[listener],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    await replayer.replay_workflow(history)
    return listener.commits


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: file.stem)
async def test_recorded_histories_replay(file: Path) -> None:
    """The same commands, the same states, deadlines and effects as on the day of the recording."""
    history = recorded(file)
    commits = recorded_commits(history)
    assert len(commits) > 1
    assert await replay(history) == commits


async def test_the_comparison_sees_another_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that comes a day later replays without complaint from Temporal; the comparison of commits finds it."""
    history = recorded(HISTORIES / "month.json")

    def late(at: Any, d: Any, cal: Any, timezone: str) -> Any:
        return calendar.add(at, d, cal, timezone) + timedelta(days=1)

    monkeypatch.setattr("leadflow.engine.clocks.add", late)
    assert await replay(history) != recorded_commits(history)
