"""Every table: the whole memory of an installation, readable in one sitting.

Four groups: the **read model** (a projection of the workflows, never their source), the **records** of the CRM, the
**ledgers** that make effects happen once, and **what was published**. Columns ``…_sealed`` hold bytes under the lead's
own key (`leadflow.store.keys`). A changed column needs a migration (`leadflow.store.migrations`); a test compares them.
"""

from leadflow.store.tables.base import metadata
from leadflow.store.tables.board import alerts, audiences, leads, tasks, timeline, watchers
from leadflow.store.tables.ledgers import (
    callbacks,
    channels,
    effects,
    holds,
    inbox,
    intents,
    lead_keys,
    starts,
    suppressions,
)
from leadflow.store.tables.published import blobs, installations, meta, pipelines
from leadflow.store.tables.records import (
    companies,
    contacts,
    counters,
    deals,
    documents,
    rotations,
)

__all__ = [
    "alerts",
    "audiences",
    "blobs",
    "callbacks",
    "channels",
    "companies",
    "contacts",
    "counters",
    "deals",
    "documents",
    "effects",
    "holds",
    "inbox",
    "installations",
    "intents",
    "lead_keys",
    "leads",
    "meta",
    "metadata",
    "pipelines",
    "rotations",
    "starts",
    "suppressions",
    "tasks",
    "timeline",
    "watchers",
]
