"""How many messages a channel sends at most: a limit on its task queue, kept by Temporal for all workers together.

With several partitions a queue lets somewhat more or less through at times; `leadflow up` runs with one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import inf, isclose

import structlog
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import RateLimit, TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    UpdateTaskQueueConfigRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from leadflow.installation import Installation, per_second
from workflows.names import CHANNELS, send_queue

EVERY_SECONDS = 5.0
ROUGHLY = 1e-3
"""The server keeps a rate in fewer digits than it was told."""

_ACTIVITIES = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY

log = structlog.get_logger(__name__)


async def keep_rates(client: Client, published: Callable[[], Installation]) -> None:
    """Sets the limits that are not in force, and again when other settings are published; until it is cancelled.

    Args:
        client: of Temporal.
        published: the installation published last. Blocking.
    """
    told: dict[str, str] = {}
    while True:
        try:
            installation = await asyncio.to_thread(published)
            for channel in CHANNELS:
                rate = installation.rate(channel)
                if told.get(channel) == rate:
                    continue
                if not isclose(await limited(client, channel), per_second(rate), rel_tol=ROUGHLY):
                    await limit(client, channel, rate)
                    log.info("a channel's rate is limited", channel=channel, rate=rate)
                told[channel] = rate
        except RPCError as error:
            if error.status == RPCStatusCode.UNIMPLEMENTED:
                log.warning("this Temporal server knows no rate limits")
                return
            log.warning("rates are set later", error=error.message)
        except Exception as error:  # noqa: BLE001 -- whatever it is: the next round may do better
            log.warning("rates are set later", error=f"{type(error).__name__}: {error}")
        await asyncio.sleep(EVERY_SECONDS)


async def limit(client: Client, channel: str, rate: str) -> None:
    """Limits a channel's queue; at once, for messages that wait in it too."""
    update = UpdateTaskQueueConfigRequest.RateLimitUpdate(
        rate_limit=RateLimit(requests_per_second=per_second(rate)),
        reason=f"leadflow.yaml: {rate}",
    )
    request = UpdateTaskQueueConfigRequest(
        namespace=client.namespace,
        identity=client.identity,
        task_queue=send_queue(channel),
        task_queue_type=_ACTIVITIES,
        update_queue_rate_limit=update,
    )
    await client.workflow_service.update_task_queue_config(request)


async def limits(client: Client) -> dict[str, float]:
    """Channel → messages per second, as the server holds to it now."""
    held = {channel: await limited(client, channel) for channel in CHANNELS}
    return {channel: rate for channel, rate in held.items() if rate < inf}


async def limited(client: Client, channel: str) -> float:
    """Messages per second that the server lets through now; infinite, if it was never told."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=send_queue(channel)),
        task_queue_type=_ACTIVITIES,
        report_config=True,
    )
    held = (await client.workflow_service.describe_task_queue(request)).config.queue_rate_limit
    return held.rate_limit.requests_per_second if held.HasField("rate_limit") else inf
