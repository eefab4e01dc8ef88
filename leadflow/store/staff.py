"""The people of the published installation."""

from __future__ import annotations

from functools import lru_cache

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from leadflow.installation import Installation
from leadflow.rules.staff import Staff
from leadflow.store.tables import installations

_INSTALLATION = msgspec.json.Decoder(Installation)


def staff(connection: Connection) -> Staff:
    """The people of the installation published last; nobody before the first."""
    query = (
        sa.select(sa.type_coerce(installations.c.data, sa.Text))
        .order_by(installations.c.number.desc())
        .limit(1)
    )
    data = connection.execute(query).scalar_one_or_none()
    return _parsed(data) if data else Staff()


@lru_cache(maxsize=8)
def _parsed(data: str) -> Staff:
    return Staff(_INSTALLATION.decode(data))
