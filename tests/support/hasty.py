"""A build that nobody may release: its workflow asks for one commit more than the recorded ones did."""

from __future__ import annotations

from temporalio import workflow
from typing_extensions import override

from activities.policies import COMMIT, COMMIT_ACTIVITY
from leadflow.ports import Commit, Committed
from workflows import names
from workflows.lead import LeadWorkflow
from workflows.shapes import Start


@workflow.defn(name=names.LEAD_WORKFLOW)
class HastyWorkflow(LeadWorkflow):
    """A lead that looks at the store before it does anything."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start)

    @override
    @workflow.run
    async def run(self, start: Start) -> None:
        await workflow.execute_activity(
            COMMIT_ACTIVITY, Commit(start.state), result_type=Committed, **COMMIT
        )
        await super().run(start)
