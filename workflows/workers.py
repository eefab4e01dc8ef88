"""Temporal's workers of one process: what each takes on, and how much of it at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import (
    PollerBehaviorSimpleMaximum,
    UnsandboxedWorkflowRunner,
    Worker,
)

from activities.commit import CommitActivity
from activities.mark import mark
from activities.policies import HEARTBEAT_SECONDS
from activities.send import SendActivity
from workflows.lead import LeadWorkflow
from workflows.names import CHANNELS, LEADS_QUEUE, send_queue
from workflows.versions import deployment

CACHED_LEADS = 5_000
COMMITS, SENDS = 20, 20
GRACE = timedelta(seconds=20)
"""For messages that are being handed over when the worker is asked to stop."""
STICKY = timedelta(seconds=3)
"""So long a killed worker's leads wait for it before others take them (Temporal's default is 10)."""


def workers(
    client: Client, build: str, commits: CommitActivity, sends: SendActivity
) -> Iterator[Worker]:
    """One for leads, one for each channel: a channel's task queue is where its limits are."""
    yield Worker(
        client,
        task_queue=LEADS_QUEUE,
        workflows=[LeadWorkflow],
        activities=[commits.commit, mark],
        workflow_runner=UnsandboxedWorkflowRunner(),  # docs/decisions/0013
        max_cached_workflows=CACHED_LEADS,
        max_concurrent_activities=COMMITS,
        sticky_queue_schedule_to_start_timeout=STICKY,
        deployment_config=deployment(build) if build else None,
        graceful_shutdown_timeout=GRACE,
    )
    for channel in CHANNELS:
        yield Worker(
            client,
            task_queue=send_queue(channel),
            activities=[sends.send],
            max_concurrent_activities=SENDS,
            activity_task_poller_behavior=PollerBehaviorSimpleMaximum(maximum=2),
            max_heartbeat_throttle_interval=timedelta(seconds=HEARTBEAT_SECONDS),
            graceful_shutdown_timeout=GRACE,
        )
