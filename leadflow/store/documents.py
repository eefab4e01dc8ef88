"""Documents as they were numbered: what is rendered from their template, and when it was."""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa

from leadflow.engine.effects import Frozen
from leadflow.errors import NotFound
from leadflow.store.db import Store
from leadflow.store.keys import Vault
from leadflow.store.tables import documents

_FROZEN = msgspec.json.Decoder(Frozen)


class Made(msgspec.Struct, frozen=True):
    """A document of a lead."""

    document: str
    number: str
    values: Frozen
    """What its template names, as it was then."""
    made: datetime


def newest_document(store: Store, vault: Vault, lead: str, document: str) -> Made:
    """The document of this id made last for a lead.

    Raises:
        NotFound: none was made, or it was erased.
    """
    query = (
        sa.select(documents)
        .where(documents.c.lead == lead, documents.c.document == document)
        .order_by(documents.c.made.desc(), documents.c.number.desc())
        .limit(1)
    )
    row = store.read(lambda c: c.execute(query).one_or_none())
    if row is None or row.values_sealed is None:
        message = f"the document '{document}' has not been made"
        raise NotFound(message)
    values = _FROZEN.decode(vault.open(lead, row.values_sealed))
    return Made(row.document, row.number, values, row.made)
