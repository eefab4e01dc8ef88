"""The books of what was planned against those of the other side: nothing lost, nothing doubled, everything with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from leadflow.store.db import Store
from leadflow.store.leads import find_lead
from leadflow.store.outbox import OutboxRow, outbox
from leadflow.store.todo import find_tasks
from proving.sinks.process import Sink

NEVER_SENT = {"refused", "suppressed", "expired", "dropped"}
OPEN = {"planned", "claimed", "handing_over"}


def drained(store: Store) -> bool:
    """Whether nothing is under way any more."""
    return not any(row.state in OPEN for row in outbox(store, most=10_000))


def complaints(store: Store, sink: Sink, leads: Sequence[str]) -> list[str]:
    """What is wrong; run it when everything is `drained`."""
    rows = outbox(store, most=10_000)
    arrived = Counter(message["key"] for message in sink.messages())
    found = [f"{key}: arrived and was never planned" for key in arrived - Counter(_hashes(rows))]
    asked = Counter(task.settles for task in find_tasks(store, most=10_000) if task.settles)
    for row in rows:
        found += _about(row, arrived[row.hash], asked[row.effect])
    found += [f"{lead}: never began" for lead in leads if not find_lead(store, lead).version]
    planned = {row.lead for row in rows if row.channel == "email"}
    found += [f"{lead}: nothing was ever planned" for lead in leads if lead not in planned]
    return found


def _hashes(rows: Sequence[OutboxRow]) -> dict[str, int]:
    return {row.hash: 1_000 for row in rows}


def _about(row: OutboxRow, arrived: int, asked: int) -> list[str]:
    found = []
    if arrived > 1 + row.resends:
        found.append(f"{row.key}: arrived {arrived} times")
    if row.state in OPEN:
        found.append(f"{row.key}: {row.state} for ever")
    if row.state == "accepted" and not arrived:
        found.append(f"{row.key}: called accepted, never arrived")
    if row.state in NEVER_SENT and arrived:
        found.append(f"{row.key}: called {row.state}, but arrived")
    if row.state in NEVER_SENT and not (row.reason or row.reply):
        found.append(f"{row.key}: {row.state} without a reason")
    if row.state == "ambiguous" and asked != 1:
        found.append(f"{row.key}: nobody knows, and {asked} people are asked")
    return found
