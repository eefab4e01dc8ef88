"""Names that clients, workers and histories share. Histories keep them for years: never rename, only add."""

from __future__ import annotations

import secrets
from typing import Final

from temporalio.common import SearchAttributeKey

from leadflow.installation import ConnectionType

LEADS_QUEUE: Final = "leadflow-leads"
"""Workflow tasks and the commit."""

LEAD_WORKFLOW: Final = "Lead"

PIPELINE = SearchAttributeKey.for_keyword("LeadPipeline")
VERSION = SearchAttributeKey.for_keyword("LeadVersion")
"""Version of the pipeline: the first 12 hex digits of its hash. Ids only, never a name or an address."""

SEARCH_ATTRIBUTES: Final = (PIPELINE, VERSION)

CHANNELS: Final[tuple[ConnectionType, ...]] = ("email", "sms", "message", "webhook", "audience")


def send_queue(channel: str) -> str:
    """The task queue of everything that leaves by a channel: its rate limit is the channel's."""
    return f"leadflow-send-{channel}"


def new_lead_id() -> str:
    """An opaque id: it says nothing about whom the lead is about."""
    return f"lead-{secrets.token_hex(12)}"


def is_lead(workflow_id: str) -> bool:
    """Whether a workflow is a lead (and so has a key of its own)."""
    return workflow_id.startswith("lead-")
