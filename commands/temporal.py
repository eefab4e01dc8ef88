"""What `leadflow doctor` asks Temporal: the namespace, its search attributes, who works there, how fast channels send."""

from __future__ import annotations

import asyncio
import math
from typing import Literal

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from commands.acting import Desk
from leadflow.errors import Unreachable
from leadflow.installation import Installation, per_second
from workflows.connect import connect
from workflows.names import CHANNELS, LEADS_QUEUE, SEARCH_ATTRIBUTES
from workflows.rates import limits

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
            return [*await _asked(client, where), *await _rates(client, desk.people())]
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


async def _rates(client: Client, installation: Installation) -> list[Told]:
    """How fast each channel sends, and whether Temporal holds it to that."""
    try:
        held = await limits(client)
    except RPCError as error:
        if error.status != RPCStatusCode.UNIMPLEMENTED:
            raise
        hint = "use a Temporal server of at least version 1.29"
        return [("rates", "warning", "this Temporal server knows no rate limits", hint)]
    wanted = {channel: installation.rate(channel) for channel in CHANNELS}
    late = [
        channel
        for channel, rate in wanted.items()
        if not math.isclose(held.get(channel, 0), per_second(rate), rel_tol=0.01)
    ]
    text = ", ".join(f"{channel} {rate}" for channel, rate in wanted.items())
    if not late:
        return [("rates", "ok", text, "")]
    hint = "a worker sets them within seconds of starting"
    return [("rates", "warning", f"{text}; not in force yet: {', '.join(late)}", hint)]


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
