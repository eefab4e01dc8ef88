"""When a run's harm is over: waits until everything has come to its end, then compares all books there are."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

import msgspec
from temporalio.client import Client

from activities.clock import SystemClock
from leadflow.store.books import read_books
from leadflow.store.db import Store
from leadflow.store.keys import Vault, open_vault
from leadflow.store.leads import Filters, count_leads
from proving import lives
from proving.accounting import Report, audit, drained
from proving.chaos import verdict
from proving.chaos.figures import Figures, figures
from proving.chaos.ground import Ground
from proving.chaos.journal import read
from proving.chaos.storm import Struck
from proving.complaints import Complaint
from proving.replays import replay_all
from workflows.connect import connect
from workflows.gateway import TemporalGateway

DRAIN_SECONDS = 600.0
"""For a lead's timers (minutes), a dead worker's message, and the pauses between attempts that failed often."""
LOOK_SECONDS = 1.0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a run has come to."""

    report: Report
    figures: Figures
    complaints: tuple[Complaint, ...]
    """All of them, the report's first."""
    replayed: int
    """Histories, all runs of all leads."""
    drained_in: float
    """Seconds from the end of load and harm."""


class Judge:
    """Of one run."""

    def __init__(self, ground: Ground, store: Store, vault: Vault, client: Client) -> None:
        self._ground = ground
        self._store = store
        self._vault = vault
        self._client = client

    @classmethod
    async def of(cls, ground: Ground, store: Store) -> Judge:
        """Once Temporal is back."""
        settings = ground.settings
        vault = open_vault(store, settings.key_file)
        client = await connect(settings.temporal_address, settings.temporal_namespace, vault)
        return cls(ground, store, vault, client)

    async def wait(self) -> bool:
        """Until nothing is under way, every lead is closed and every run has ended; False: it took too long."""
        end = time.time() + DRAIN_SECONDS
        while time.time() < end:
            closed = not count_leads(self._store, Filters(closed="open"))
            if closed and drained(self._store) and not await self._running():
                return True
            await asyncio.sleep(LOOK_SECONDS)
        return False

    async def outcome(
        self,
        struck: Iterable[Struck],
        memory: dict[str, int],
        drained_in: float,
        ends: Iterable[Complaint],
    ) -> Outcome:
        """The books compared.

        Args:
            struck: what was done.
            memory: what it took, megabytes.
            drained_in: seconds.
            ends: what there is to complain of how processes have ended.
        """
        books = read_books(self._store)
        gateway = TemporalGateway(self._client, self._store, self._vault, SystemClock())
        asked = await lives.ask(self._client, gateway, [lead.id for lead in books.leads])
        lines = read(self._ground.journals())
        sinks = (self._ground.smtp, self._ground.http)
        report = audit(self._store, self._vault, sinks, told=verdict.told(lines), lives=asked)
        replayed = await replay_all(self._client, self._vault)
        plan = self._ground.plan
        return Outcome(
            report=report,
            figures=figures(books, lines, list(struck), sinks, plan.seconds, memory),
            complaints=(
                *report.complaints,
                *verdict.check(lines, books, plan.leads),
                *replayed.complaints,
                *ends,
            ),
            replayed=replayed.histories,
            drained_in=drained_in,
        )

    async def _running(self) -> bool:
        return any((await lives.running(self._client)).values())
