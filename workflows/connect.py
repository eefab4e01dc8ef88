"""A client of Temporal as every part of leadflow uses it: its payloads sealed with the leads' keys."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from temporalio.api.enums.v1 import IndexedValueType, TaskQueueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError, RPCStatusCode

from leadflow.errors import Misconfigured, Unreachable
from workflows.names import LEADS_QUEUE, SEARCH_ATTRIBUTES
from workflows.patience import PASSING
from workflows.payloads import Cipher, data_converter

ANSWER = timedelta(seconds=2)
START_IT = "start it with `leadflow up`, or set TEMPORAL_ADDRESS to where it runs"


async def connect(address: str, namespace: str, cipher: Cipher, *, lazy: bool = False) -> Client:
    """Connects to a Temporal server.

    Args:
        address: ``host:port``.
        namespace: of the installation.
        cipher: `leadflow.store.keys.Vault`.
        lazy: connects with the first call, so that doors open while the server is away.

    Raises:
        Unreachable: nobody answers there.
    """
    try:
        return await Client.connect(
            address, namespace=namespace, data_converter=data_converter(cipher), lazy=lazy
        )
    except RuntimeError as error:
        message = f"Temporal does not answer at {address}"
        raise Unreachable(message, START_IT) from error


async def prepare(client: Client) -> str:
    """The namespace as a worker needs it; its id.

    Raises:
        Misconfigured: there is no such namespace, or the server does not let us define search attributes in it.
        Unreachable: the server is away just now.
    """
    try:
        await define_search_attributes(client)
        return await namespace_id(client)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            message = f"Temporal has no namespace {client.namespace}"
            hint = "create it there, or name another in TEMPORAL_NAMESPACE"
            raise Misconfigured(message, hint) from error
        if error.status not in PASSING:
            raise
        message = f"Temporal does not answer: {error.message}"
        raise Unreachable(message, START_IT) from error


async def define_search_attributes(
    client: Client, keys: Sequence[SearchAttributeKey[Any]] = SEARCH_ATTRIBUTES
) -> list[str]:
    """Defines those that the namespace lacks (no lead could begin without them); their names.

    Raises:
        Misconfigured: the server does not let us.
        temporalio.service.RPCError: it is away just now, or has no such namespace.
    """
    known = await _defined(client)
    missing = {
        key.name: IndexedValueType.ValueType(key.indexed_value_type)
        for key in keys
        if key.name not in known
    }
    if missing:
        request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
        try:
            await client.operator_service.add_search_attributes(request)
        except RPCError as error:
            if error.status in PASSING:
                raise
            names = ", ".join(missing)
            message = f"the namespace {client.namespace} lacks the search attributes {names}"
            hint = f"define them there, then start again (the server said: {error.message})"
            raise Misconfigured(message, hint) from error
    return list(missing)


async def namespace_id(client: Client) -> str:
    """Of the namespace, made anew with it: the same name elsewhere, or after a loss of all data, has another."""
    request = DescribeNamespaceRequest(namespace=client.namespace)
    answer = await client.workflow_service.describe_namespace(request)
    return answer.namespace_info.id


async def answers(client: Client) -> bool:
    """Whether the server says that it works; no longer than `ANSWER` is waited for it."""
    try:
        return await client.service_client.check_health(timeout=ANSWER)
    except (RPCError, RuntimeError):  # the latter: a lazy client that cannot connect
        return False


async def has_worker(client: Client) -> bool:
    """Whether anybody asks for leads' work: without one no workflow says where it stands."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=LEADS_QUEUE),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    return bool((await client.workflow_service.describe_task_queue(request)).pollers)


async def _defined(client: Client) -> Collection[str]:
    request = ListSearchAttributesRequest(namespace=client.namespace)
    try:
        answer = await client.operator_service.list_search_attributes(request)
    except RPCError as error:
        if error.status != RPCStatusCode.UNIMPLEMENTED:  # the time-skipping test server
            raise
        return ()
    return answer.custom_attributes
