"""Runs that a run begins: a deal after a conversion, a lead in another pipeline."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

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
    """Stores the lead or deal that an effect begins, to be started like any other; its id."""
    lead = new_lead_id(key)
    if tx.connection.execute(sa.select(leads.c.id).where(leads.c.id == lead)).first():
        return lead
    created = tx.begun(pipeline, key, fields)
    return insert_lead(tx.connection, tx.vault, pipeline, lead, created, tx.now).lead
