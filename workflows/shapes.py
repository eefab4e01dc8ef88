"""What crosses between clients, the workflow and its activities. Persisted in histories: shapes only grow."""

from __future__ import annotations

import msgspec

from leadflow.engine.events import AnyEvent, Event
from leadflow.engine.state import State
from leadflow.ports import Commit, Planned

RING = 200
"""How many handled event ids a lead remembers: a retry later than that is refused by the store's inbox or its gates."""
NOT_YET = "NotYet"
"""Type of the failure of an update that comes before the lead's beginning is stored: to be asked again in a moment."""
LOOKED = "Looked"
"""Type of the failure that answers a look; its one detail is a `Looked`."""
RENEW_AT = 2_000
"""History events after which a run is renewed; a lead of a month has a few hundred."""
REFUSED = "Refused"
"""Type of the failure of an update that was refused; its details are `leadflow.engine.decision.Refusal`."""


class Start(msgspec.Struct, frozen=True, omit_defaults=True):
    """The input of a run: everything it needs for ever. No file, no registry is read by a running lead."""

    pipeline: bytes
    """`leadflow.engine.packed.pack`."""
    state: State
    events: tuple[AnyEvent, ...] = ()
    """Applied before anything else: `Created` of a new lead, `Reopened` or a fact of a closed one."""
    seen: dict[str, int] = {}
    """Handled event ids → version they led to."""
    renew_at: int = RENEW_AT
    sends: tuple[Planned, ...] = ()
    """Planned already, because a door has stored the beginning: to be tried now."""


class Asked(msgspec.Struct, frozen=True, tag=True):
    """A decision asked for by a door that stores what may be left to it (docs/decisions/0011)."""

    event: AnyEvent
    stored: int
    """The version that it has found in the store."""


class Acted(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an update answers: the decision is durable."""

    version: int
    stage: str
    closed: str = ""
    settles: bool = False
    """It ended a visit, snoozed or opted out: done only once the store has this version (*stop means stop*)."""
    batch: Commit | None = None
    """All that the workflow does not know to be stored: left to who asked (docs/decisions/0011)."""


class Looked(msgspec.Struct, frozen=True, omit_defaults=True):
    """A living lead, and how it stands to the store: for cards, the relay and `leadflow reconcile`."""

    state: State
    committed: int
    """The last version that the store has answered."""
    in_flight: tuple[str, ...] = ()
    """Ledger keys of the sends under way."""
    pending: tuple[str, ...] = ()
    """Ids of the events that are not known to be stored."""


class Migrated(Event, frozen=True, kw_only=True):
    """The lead goes on under another version of its pipeline, which stays with it for ever. ``id``: see `migration_id`."""

    pipeline: bytes
    """`leadflow.engine.packed.pack`."""
    stored: int
    """The version of the lead that whoever asks has found in the store."""


Told = AnyEvent | Migrated
"""What changes a lead."""


def migration_id(hash_: str, turn: int) -> str:
    """The event id of every migration to a version: a retry, a job begun again, is the same one.

    ``turn`` counts the publications: what was published, taken back and published again is migrated to again.
    """
    return f"migrate/{hash_}/{turn}"
