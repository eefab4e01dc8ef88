"""What one commit works with, from the lock on its lead to its answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from leadflow.engine.clock import parse_iso
from leadflow.engine.events import AnyEvent
from leadflow.engine.pipeline import Pipeline, Text
from leadflow.ports import Commit, Planned
from leadflow.rules.findings import Findings
from leadflow.rules.staff import Staff
from leadflow.store.commit.owners import Rotations
from leadflow.store.keys import Vault
from leadflow.store.once import insert_once
from leadflow.store.tables import alerts


class Transaction(Findings):
    """One run of the commit's transaction; made anew when the database wants it again."""

    def __init__(
        self,
        connection: Connection,
        vault: Vault,
        batch: Commit,
        pipeline: Pipeline,
        staff: Staff,
        now: datetime,
    ) -> None:
        super().__init__(pipeline, batch.state, staff, Rotations(connection))
        self.connection = connection
        self.vault = vault
        self.batch = batch
        self.now = now
        self.at = parse_iso(batch.happened[-1].at) if batch.happened else now
        """The workflow's clock: what boards show. The ledger goes by ``now``."""
        self.answered: dict[str, AnyEvent] = {}
        """Facts that this commit told when it was done before, by their ids: they stay what they were."""
        self.facts: list[AnyEvent] = []
        self.sends: list[Planned] = []

    def seal(self, data: bytes) -> bytes:
        """Under the lead's key, which is in memory by now."""
        return self.vault.seal(self.state.lead, data)

    def alert(self, cause: str, text: str) -> None:
        """Raises an alert, one a cause."""
        insert_once(self.connection, alerts, cause=cause, text=text, since=self.now)


def is_known_before(text: Text | None) -> bool:
    """Whether a text names nothing that only the commit finds, so that it can be rendered before the transaction."""
    return text is None or not any(
        path[0] in {"owner", "document"} or path[1:2] in {("owner",), ("number",)}
        for path in text.names
    )
