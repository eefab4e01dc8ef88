"""The books of what was planned against those of the other side: nothing lost, nothing doubled, everything with a reason.

`audit` asks, of one moment at which everything is `drained`:

* every message of the ledger has ended, at a sink at most once (or as often as it was resent on purpose), at least once
  if it is called accepted, never if it is called refused, suppressed, expired or dropped; each ambiguous one has a task;
* every message that a lead's life decided has its row in the ledger, and no row is of nobody's making;
* every lead that a door has answered for is in the store, once, and has its workflow; its timeline has no gap;
* a step of a sequence never overtook the one before it, and nothing began to go after a stop was answered;
* one deal a conversion, no contact or company without one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec
from typing_extensions import override

from leadflow.store.books import Books, read_books
from leadflow.store.db import Store
from leadflow.store.keys import Vault
from leadflow.store.published import pipeline_of
from proving import intent, ledgers, lives as leads_themselves
from proving.complaints import Complaint, Kind
from proving.evidence import OPEN, Evidence, Lives, Told
from proving.sinks.process import Sink

CHECKS = (ledgers.check, intent.check, leads_themselves.check)
SHOWN = 20
"""Complaints that a printed report names."""
ENDS = ("accepted", "refused", "suppressed", "expired", "ambiguous", "dropped")
KINDS: tuple[Kind, ...] = ("lost", "doubled", "after a stop", "order", "unexplained")
NOTHING_TOLD, NOT_ASKED = Told(), Lives()


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What an audit found; printed, it is the whole account."""

    acknowledged: int
    leads: int
    begun: int
    closed: int
    quarantined: int
    scheduled: int
    """Messages that lives still mean to send: they wait for a time, and are not in the ledger yet."""
    ledger: dict[str, int]
    """State of a row → how many."""
    arrived: int
    """Messages at the sinks."""
    deals: int
    complaints: tuple[Complaint, ...]

    @property
    def planned(self) -> int:
        """Rows of the ledger."""
        return sum(self.ledger.values())

    def count(self, kind: Kind) -> int:
        """How many complaints of a kind."""
        return sum(1 for complaint in self.complaints if complaint.kind == kind)

    @override
    def __str__(self) -> str:
        ended = " + ".join(f"{self.ledger.get(state, 0)} {state}" for state in ENDS)
        under_way = sum(self.ledger.get(state, 0) for state in OPEN)
        found = ", ".join(f"{kind} {self.count(kind)}" for kind in KINDS)
        leads = f"{self.acknowledged} acknowledged, {self.leads} stored, {self.begun} begun"
        shown = [f"  {complaint}" for complaint in self.complaints[:SHOWN]]
        if len(self.complaints) > SHOWN:
            shown.append(f"  and {len(self.complaints) - SHOWN} more")
        return "\n".join(
            [
                f"leads     {leads}, {self.closed} closed, {self.quarantined} quarantined",
                f"messages  {self.planned} planned = {ended} + {under_way} under way",
                f"          {self.arrived} arrived, {self.scheduled} not due yet",
                f"records   {self.deals} deals",
                f"verdict   {found}",
                *shown,
            ]
        )


def audit(
    store: Store,
    vault: Vault | None,
    sinks: Sequence[Sink],
    *,
    told: Told = NOTHING_TOLD,
    lives: Lives = NOT_ASKED,
) -> Report:
    """Compares everything; run it when everything is `drained`.

    Args:
        store: the installation's.
        vault: opens the leads' states; without it what lives intended is not asked.
        sinks: all other sides that messages went to.
        told: what clients were told.
        lives: what Temporal says (`proving.lives.ask`).
    """
    books = read_books(store, vault)
    arrivals = [message["key"] for sink in sinks for message in sink.messages()]
    versions = {lead.hash: lead.pipeline for lead in books.leads}
    pipelines = {digest: pipeline_of(store, name, digest) for digest, name in versions.items()}
    evidence = Evidence(books, Counter(arrivals), pipelines, told, lives)
    return judge(evidence)


def judge(evidence: Evidence) -> Report:
    """The report on evidence that was put together already."""
    books = evidence.books
    waiting = (run for state in evidence.states.values() for run in state.sends.values())
    return Report(
        acknowledged=len(evidence.told.leads),
        leads=len(books.leads),
        begun=sum(1 for lead in books.leads if lead.version),
        closed=sum(1 for lead in books.leads if lead.closed),
        quarantined=sum(1 for lead in books.leads if lead.quarantined),
        scheduled=sum(1 for run in waiting if run.status == "waiting"),
        ledger=dict(Counter(send.state for send in books.sends)),
        arrived=evidence.arrived.total(),
        deals=sum(1 for record in books.records if record.kind == "deal"),
        complaints=tuple(complaint for check in CHECKS for complaint in check(evidence)),
    )


def drained(store: Store) -> bool:
    """Whether nothing is under way any more: no message, no event for a workflow, no question that has its answer."""
    return not under_way(read_books(store))


def under_way(books: Books) -> list[str]:
    """What an audit had better wait for, in words."""
    unsure = {send.effect for send in books.sends if send.state == "ambiguous"}
    asked = {task.settles for task in books.tasks if task.settles}
    return [
        *(f"{lead.id} has not begun" for lead in books.leads if not lead.version),
        *(f"{send.key} is {send.state}" for send in books.sends if send.state in OPEN),
        *(f"{effect} is not asked about yet" for effect in unsure - asked),
        *(f"{effect} is asked about, and known" for effect in asked - unsure),
        *(f"{books.untold} events are untold" for _ in range(books.untold > 0)),
    ]
