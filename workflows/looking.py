"""Looking at a living lead, without a trace in its history and without a query (docs/decisions/0020)."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from leadflow.decoding import known
from workflows.lead import LeadWorkflow
from workflows.shapes import LOOKED, Looked

_LOOKED = known(Looked)


async def look(client: Client, lead: str, patience: timedelta | None = None) -> Looked:
    """How a lead with an open run stands.

    Args:
        client: of its namespace.
        lead: its id.
        patience: for the answer; None: for ever.

    Raises:
        temporalio.service.RPCError: no open run, or no server.
        temporalio.client.WorkflowUpdateRPCTimeoutOrCancelledError: no worker has answered in time.
    """
    handle = client.get_workflow_handle_for(LeadWorkflow.run, lead)
    try:
        await handle.execute_update(LeadWorkflow.look, rpc_timeout=patience)
    except WorkflowUpdateFailedError as error:
        cause = error.cause
        if isinstance(cause, ApplicationError) and cause.type == LOOKED:
            return msgspec.convert(cause.details[0], _LOOKED)
        raise
    message = "the lead's workflow answers otherwise than any release has"
    raise RuntimeError(message)
