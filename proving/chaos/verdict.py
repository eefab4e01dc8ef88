"""What the people were told, against what has become of it: whoever was answered may rely on the answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from leadflow.store.books import Books
from proving.chaos.journal import Line
from proving.complaints import Complaint
from proving.evidence import Stop, Told

REOPENING = frozenset({"Reopened"})
TAKEN = frozenset({"acted", "told"})


def told(lines: Sequence[Line]) -> Told:
    """For `proving.accounting.audit`: the leads that were acknowledged, the ends after which nothing may go."""
    reopened = {line.lead for line in lines if line.kind in REOPENING}
    stops = [
        Stop(line.lead, datetime.fromtimestamp(line.time, UTC))
        for line in lines
        if line.closed and line.lead not in reopened
    ]
    return Told([line.lead for line in lines if line.what == "added"], stops)


def check(lines: Sequence[Line], books: Books, leads: int) -> Iterator[Complaint]:
    """Everything that only the journal can know."""
    added: dict[int, set[str]] = {}
    for line in lines:
        if line.what == "added":
            added.setdefault(line.number, set()).add(line.lead)
        if line.what == "wrong":
            yield Complaint("unexplained", line.lead or f"inquiry {line.number}", line.said)
    for number, found in added.items():
        if len(found) > 1:
            yield Complaint("doubled", f"inquiry {number}", f"became {', '.join(sorted(found))}")
    for number in sorted(set(range(leads)) - set(added)):
        yield Complaint("lost", f"inquiry {number}", "was never acknowledged")
    yield from _decisions(lines, books)


def _decisions(lines: Sequence[Line], books: Books) -> Iterator[Complaint]:
    happened = Counter((event.lead, event.event) for event in books.events)
    for (lead, event), times in happened.items():
        if times > 1:
            yield Complaint("doubled", lead, f"{event} has happened {times} times")
    taken = {(line.lead, line.event) for line in lines if line.what in TAKEN}
    for line in lines:
        times = happened[line.lead, line.event]
        if line.what in TAKEN and not times:
            said = f"{line.kind} {line.event} was answered for and is not in its timeline"
            yield Complaint("lost", line.lead, said)
        again = (line.lead, line.event) in taken  # "not now", and asked once more
        if line.what == "refused" and times and not again:
            yield Complaint("unexplained", line.lead, f"{line.event} was refused and has happened")
