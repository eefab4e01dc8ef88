"""Runs that a run begins: a deal after a conversion, a lead in another pipeline."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from leadflow.engine.events import Actor, Created
from leadflow.engine.fields import Value
from leadflow.engine.pipeline import Pipeline
from leadflow.errors import NotFound
from leadflow.store.commit.transaction import Transaction
from leadflow.store.intake import insert_lead, new_lead_id
from leadflow.store.published import newest_of
from leadflow.store.tables import leads


def published(tx: Transaction, pipeline: str) -> Pipeline | None:
    """The newest version of a pipeline; None: there is no such pipeline."""
    try:
        return newest_of(tx.connection, pipeline).pipeline
    except NotFound:
        return None


def begin(tx: Transaction, pipeline: Pipeline, key: str, fields: Mapping[str, Value]) -> str:
    """Stores the lead or deal that an effect begins, to be started like any other; its id.

    It keeps where the person came from, in which language and zone to speak, and what was consented to. The owner is
    who entered it: the new pipeline's own routing comes first.
    """
    state, lead = tx.state, new_lead_id(key)
    if tx.connection.execute(sa.select(leads.c.id).where(leads.c.id == lead)).first():
        return lead
    created = Created(
        id=f"{key}/created",
        actor=Actor(user=tx.owner, via=f"pipeline:{tx.pipeline.id}"),
        fields={name: value for name, value in fields.items() if name in pipeline.fields},
        channel=state.channel,
        source=state.source,
        timezone=state.timezone,
        language=state.language,
        consent=state.consent,
        title=state.title,
    )
    return insert_lead(tx.connection, tx.vault, pipeline, lead, created, tx.now).lead
