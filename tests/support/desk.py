"""A sender's desk without Temporal: leads whose messages are planned by real commits, and attempts at them one by one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio.testing import ActivityEnvironment
from typing_extensions import override

from activities.attachments import Attachments
from activities.clock import Clock
from activities.compose import Composer
from activities.connections import Connections
from activities.gate import Gate
from activities.send import SendActivity
from leadflow.engine.decide import begin, decide
from leadflow.engine.events import SYSTEM, AnyEvent, Created, EffectDone
from leadflow.engine.state import State
from leadflow.installation import ConnectionType, Installation
from leadflow.ports import Commit, Happened, Planned
from leadflow.spec.compile.pipeline import Compiled
from leadflow.store.commit import commit
from leadflow.store.db import Store, open_store
from leadflow.store.intake import add_lead
from leadflow.store.keys import Vault, open_vault
from leadflow.store.leads import load_state
from leadflow.store.ledger import Ledger
from leadflow.store.migrate import migrate
from leadflow.store.outbox import OutboxRow, outbox
from leadflow.store.published import Release, publish
from leadflow.text import RenderPool
from tests.support.running import COMPANY

NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""A Monday, 12:00 in Moscow."""


class HandClock(Clock):
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = NOON

    @override
    async def now(self) -> datetime:
        return self.at

    def move(self, **span: float) -> None:
        self.at += timedelta(**span)


class Desk:
    """A database with leads, and the activity under test."""

    def __init__(self, store: Store, vault: Vault, pool: RenderPool, company: Installation) -> None:
        self.store = store
        self.vault = vault
        self.clock = HandClock()
        self.ledger = Ledger(store, vault)
        self.urls: dict[ConnectionType, str] = {}
        self.connections = Connections(lambda: company, {}, self.urls)
        self.gate = Gate(store, vault, self.connections)
        attachments = Attachments(store, vault, pool)
        composer = Composer(
            store, self.ledger, pool, attachments, lambda: company, self.connections
        )
        self.activity = SendActivity(self.ledger, composer, self.gate, self.clock, "test")
        self.environment = ActivityEnvironment()
        self._pool = pool
        self._states: dict[str, tuple[Compiled, State]] = {}
        self._events = 0

    def publish(self, *pipelines: Compiled, company: Installation = COMPANY) -> None:
        releases = [Release(each.pipeline, each.blobs) for each in pipelines]
        publish(self.store, releases, by="olga", now=NOON, installation=company)

    def lead(self, made: Compiled, **fields: Any) -> tuple[str, list[Planned]]:
        """A new lead, and what its beginning wants to send."""
        created = Created(id="c", fields=fields)
        added = add_lead(self.store, self.vault, made.pipeline.id, created, now=self.clock.at)
        self._states[added.lead] = (made, begin(made.pipeline, added.lead))
        return added.lead, self.tell(added.lead, created)

    def tell(self, lead: str, event: AnyEvent) -> list[Planned]:
        """What an event and the answers to its commits want to send."""
        sends: list[Planned] = []
        waiting = [event]
        while waiting:
            told = waiting.pop(0)
            made, state = self._states[lead]
            decision = decide(made.pipeline, state, told, self.clock.at)
            assert not decision.refusals, decision.refusals
            self._states[lead] = (made, decision.state)
            at = self.clock.at.replace(tzinfo=None).isoformat() + "Z"
            told_of = (decision.notes, decision.effects)
            happened = Happened(told.id, "E", at, decision.state.version, SYSTEM, *told_of)
            batch = Commit(decision.state, (happened,))
            answer = commit(self.store, self.vault, batch, self._pool.render, self.clock.at)
            sends += answer.sends
            if answer.concluded:
                self._states[lead] = (made, load_state(self.store, self.vault, lead))
            else:
                waiting += answer.facts
        return sends

    def state(self, lead: str) -> State:
        return self._states[lead][1]

    async def send(self, key: str) -> EffectDone:
        """One attempt."""
        return await self.environment.run(self.activity.send, key)

    def row(self, key: str) -> OutboxRow:
        """The ledger's row."""
        return next(row for row in outbox(self.store) if row.key == key)


@contextlib.contextmanager
def desk(
    folder: Path, *pipelines: Compiled, pool: RenderPool, company: Installation = COMPANY
) -> Iterator[Desk]:
    """A desk with these pipelines published."""
    store = open_store(f"sqlite:///{folder / 'desk.db'}")
    with contextlib.closing(store):
        migrate(store)
        one = Desk(store, open_vault(store, folder / "master.key"), pool, company)
        one.publish(*pipelines, company=company)
        yield one
