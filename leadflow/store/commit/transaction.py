"""What one commit works with, from the lock on its lead to its answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.engine import Connection

from leadflow.engine.clock import parse_iso
from leadflow.engine.conditions import evaluate
from leadflow.engine.effects import Frozen
from leadflow.engine.events import AnyEvent
from leadflow.engine.expr import Path
from leadflow.engine.fields import Value
from leadflow.engine.pipeline import People, Pipeline, Text
from leadflow.engine.scope import NOTHING, Seen, lead as lead_value
from leadflow.engine.state import State
from leadflow.ports import Commit, Planned
from leadflow.store.keys import Vault
from leadflow.store.once import insert_once
from leadflow.store.staff import Lead, Staff
from leadflow.store.tables import alerts


class Transaction:
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
        self.connection = connection
        self.vault = vault
        self.batch = batch
        self.state: State = batch.state
        self.pipeline = pipeline
        self.now = now
        self.at = parse_iso(batch.happened[-1].at) if batch.happened else now
        """The workflow's clock: what boards show. The ledger goes by ``now``."""
        self.staff = staff
        self.owner = batch.state.owner
        """The one this commit has found, where it has."""
        self.number = batch.state.number
        self.documents: dict[str, str] = {}
        """Document → number given by this commit."""
        self.answered: dict[str, AnyEvent] = {}
        """Facts that this commit told when it was done before, by their ids: they stay what they were."""
        self.facts: list[AnyEvent] = []
        self.sends: list[Planned] = []

    @property
    def roles(self) -> Lead:
        """Whom the lead's roles mean now."""
        return Lead(self.owner, self.state.creator)

    def seal(self, data: bytes) -> bytes:
        """Under the lead's key, which is in memory by now."""
        return self.vault.seal(self.state.lead, data)

    def people(self, people: People, users: Iterable[str] = ()) -> list[str]:
        """The users that roles, teams, names and expressions mean, each once."""
        found = self.staff.named((*people.names, *users), self.roles)
        named = (item for expr in people.exprs for item in _items(evaluate(expr, self._see)))
        return list(dict.fromkeys((*found, *self.staff.named(named, self.roles))))

    def _see(self, path: Path) -> Seen:
        if path[0] in {"lead", "deal"}:
            return lead_value(self.pipeline, self.state, path)
        return ("user", self.owner or None) if path == ("owner",) else NOTHING

    def frozen(self, frozen: Frozen, *texts: Text | None) -> Frozen:
        """The values of an effect, with those that only the commit knows: owner, number, document numbers."""
        names = {path for text in texts if text is not None for path in text.names}
        added = {".".join(path): found for path in names if (found := self._known_here(path))}
        return Frozen({**added, **frozen.values})

    def _known_here(self, path: Path) -> tuple[str, Value] | None:
        if path[0] in {"lead", "deal"} and path[1:2] == ("owner",):
            path = path[1:]
        match path:
            case ("owner", *_):
                return self.staff.values(self.owner).get(".".join(path))
            case ("lead" | "deal", "number"):
                return ("number", str(self.number))
            case ("document", document, "number"):
                return ("text", self.documents.get(document))
            case _:
                return None

    def alert(self, cause: str, text: str) -> None:
        """Raises an alert, one a cause."""
        insert_once(self.connection, alerts, cause=cause, text=text, since=self.now)


def _items(value: Value) -> Iterable[str]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str):
            yield item


def is_known_before(text: Text | None) -> bool:
    """Whether a text names nothing that only the commit finds, so that it can be rendered before the transaction."""
    return text is None or not any(
        path[0] in {"owner", "document"} or path[1:2] in {("owner",), ("number",)}
        for path in text.names
    )
