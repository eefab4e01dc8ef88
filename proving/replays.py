"""Whether every life that was lived can be lived again: what workers decided under fire, against a calm replay of it.

A lead whose history does not replay goes on as long as a worker remembers it, and stands still for ever after. Nobody
notices it of one that is closed by then. Here all of them are replayed, as by a worker that has just begun.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from temporalio.client import Client
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from leadflow.store.keys import Vault
from proving.complaints import Complaint
from workflows.lead import LeadWorkflow
from workflows.names import LEAD_WORKFLOW
from workflows.payloads import data_converter


class Replayed(msgspec.Struct, frozen=True):
    """What has come of it."""

    histories: int
    """Of all runs of all leads."""
    complaints: tuple[Complaint, ...]


async def replay_all(
    client: Client, vault: Vault, workflows: Sequence[type] = (LeadWorkflow,)
) -> Replayed:
    """Replays every run that Temporal still has, open or ended.

    Args:
        client: of the namespace.
        vault: histories are sealed.
        workflows: the classes to replay with.
    """
    replayer = Replayer(
        workflows=workflows,
        data_converter=data_converter(vault),
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    count, found = 0, []
    histories = client.list_workflows(f"WorkflowType = '{LEAD_WORKFLOW}'").map_histories()
    async with replayer.workflow_replay_iterator(histories) as results:
        async for one in results:
            count += 1
            if one.replay_failure is not None:
                said = f"does not replay: {one.replay_failure}"
                found.append(Complaint("replay", one.history.workflow_id, said))
    return Replayed(count, tuple(found))
