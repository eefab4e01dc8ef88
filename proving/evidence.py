"""What an audit compares: the books of the store, what arrived outside, what clients were told, what Temporal says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import msgspec

from leadflow.engine.pipeline import Pipeline
from leadflow.engine.state import State
from leadflow.store.books import BookedEvent, BookedSend, Books

OPEN = frozenset({"planned", "claimed", "handing_over"})
"""States of a row that has yet to end."""
SLACK = timedelta(seconds=1)
"""Between two instants of which one was told by a door's clock, the other by the Temporal server's."""


class Stop(msgspec.Struct, frozen=True):
    """An act that ended a visit or opted a client out, as its client saw it answered (promise P5)."""

    lead: str
    at: datetime
    """UTC instant of the answer; from then on no hand-over of what was stopped may begin."""
    scope: str = ""
    """The visit that it ended (``stage/3``); empty: nothing automatic may go to this lead any more."""


class Told(msgspec.Struct, frozen=True):
    """What clients were told, and rely on."""

    leads: Collection[str] = ()
    """Leads that a door has answered for; all there should be, but for those that leads began."""
    stops: Sequence[Stop] = ()


class Lives(msgspec.Struct, frozen=True):
    """What Temporal says (`proving.lives.ask`)."""

    states: Mapping[str, State] = {}
    """Lead → state as its workflow has it."""
    running: Mapping[str, bool] | None = None
    """Lead that ever had a workflow → whether a run of it is open; None: Temporal was not asked."""


@dataclass(frozen=True)
class Evidence:
    """Put together once, then only read."""

    books: Books
    arrived: Counter[str]
    """Hash of an effect's key → messages at the sinks."""
    pipelines: Mapping[str, Pipeline]
    """Hash → version, of every lead."""
    told: Told
    lives: Lives

    @cached_property
    def states(self) -> dict[str, State]:
        """Lead → its state: the workflow's own, else the stored one."""
        return {**self.books.states, **self.lives.states}

    @cached_property
    def asked(self) -> Counter[str]:
        """Effect key → open tasks that ask what became of it."""
        return Counter(task.settles for task in self.books.tasks if task.settles)

    @cached_property
    def sends_of(self) -> dict[str, list[BookedSend]]:
        """Lead → its rows of the ledger, the first planned first."""
        found: dict[str, list[BookedSend]] = {lead.id: [] for lead in self.books.leads}
        for send in self.books.sends:
            found[send.lead].append(send)
        return found

    @cached_property
    def events_of(self) -> dict[str, list[BookedEvent]]:
        """Lead → its timeline."""
        found: dict[str, list[BookedEvent]] = {lead.id: [] for lead in self.books.leads}
        for event in self.books.events:
            found[event.lead].append(event)
        return found

    @cached_property
    def offspring(self) -> frozenset[str]:
        """Leads that other leads have begun: a deal's own life, a run in another pipeline."""
        first = (event for event in self.books.events if event.version == 1)
        return frozenset(event.lead for event in first if event.via.startswith("pipeline:"))
