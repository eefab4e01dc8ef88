"""Who belongs to an advertising audience, as commits decide it (S28)."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from leadflow.engine.effects import AudienceChange
from leadflow.store.commit.transaction import Transaction
from leadflow.store.tables import audiences

_ADDRESSES = msgspec.json.Decoder(tuple[str, ...])


def enter_or_leave(tx: Transaction, effect: AudienceChange) -> AudienceChange:
    """In or out, as part of a commit; the change with every address that it was ever put in with.

    The lead's address may be another one by the time it leaves: the advertiser has to hear of the old one.
    """
    same = (audiences.c.name == effect.name) & (audiences.c.lead == tx.state.lead)
    row = tx.connection.execute(sa.select(audiences).where(same)).one_or_none()
    sealed = row.addresses_sealed if row is not None else None
    former = _ADDRESSES.decode(tx.vault.open(tx.state.lead, sealed)) if sealed else ()
    tx.connection.execute(audiences.delete().where(same))
    if effect.remove:
        return msgspec.structs.replace(effect, former=former)
    known = tuple(dict.fromkeys(filter(None, (*former, effect.email, effect.phone))))
    new = {
        "name": effect.name,
        "lead": tx.state.lead,
        "since": tx.at,
        "addresses_sealed": tx.seal(msgspec.json.encode(known)),
    }
    tx.connection.execute(audiences.insert(), new)
    return effect
