"""What `leadflow doctor` asks Temporal: the namespace, its search attributes, who works there."""

from __future__ import annotations

import asyncio
from typing import Literal

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from commands.acting import Desk
from leadflow.errors import Unreachable
from workflows.connect import connect
from workflows.names import LEADS_QUEUE, SEARCH_ATTRIBUTES

Told = tuple[str, Literal["ok", "warning", "wrong"], str, str]


async def look(desk: Desk, seconds: float) -> list[Told]:
    """What stands in the way of leads, or that nothing does."""
    settings = desk.settings
    where = f"{settings.temporal_address}, namespace {settings.temporal_namespace}"
    start = "start it: leadflow up, or set TEMPORAL_ADDRESS"
    try:
        async with asyncio.timeout(seconds):
            client = await connect(
                settings.temporal_address, settings.temporal_namespace, desk.vault
            )
            return await _asked(client, where)
    except (Unreachable, TimeoutError):
        return [("temporal", "wrong", f"{where}: does not answer", start)]
    except RPCError as error:
        return [("temporal", "wrong", f"{where}: {error.message}", "see the server's log")]


async def _asked(client: Client, where: str) -> list[Told]:
    await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace=client.namespace)
    )
    return [("temporal", "ok", where, ""), *await _attributes(client), await _workers(client)]


async def _attributes(client: Client) -> list[Told]:
    answer = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    lacking = [key for key in SEARCH_ATTRIBUTES if key.name not in answer.custom_attributes]
    if not lacking:
        return []
    commands = " ".join(
        f"--name {key.name} --type {key.indexed_value_type.name.title()}" for key in lacking
    )
    hint = f"temporal operator search-attribute create --namespace {client.namespace} {commands}"
    text = f"search attributes are missing: {', '.join(key.name for key in lacking)}"
    return [("temporal", "wrong", text, hint)]


async def _workers(client: Client) -> Told:
    answer = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=LEADS_QUEUE),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
    )
    names = sorted({poller.identity for poller in answer.pollers})
    if not names:
        return (
            "worker",
            "wrong",
            "no worker asks for work",
            "start one: leadflow up, or leadflow worker",
        )
    return "worker", "ok", ", ".join(names), ""
