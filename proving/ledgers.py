"""The ledger against the sinks: what every row says of its message, and what the other side says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from leadflow.engine.effects import SendMessage
from leadflow.store.books import BookedEvent, BookedSend
from proving.complaints import Complaint
from proving.evidence import OPEN, SLACK, Evidence, Stop

NEVER_SENT = frozenset({"refused", "suppressed", "expired", "dropped"})


def check(evidence: Evidence) -> Iterator[Complaint]:
    """Everything that rows, arrivals, tasks and stops say against each other."""
    planned = {send.hash for send in evidence.books.sends}
    for key, count in evidence.arrived.items():
        if key not in planned:
            yield Complaint("unexplained", key, f"arrived {count} times and was never planned")
    for send in evidence.books.sends:
        yield from _arrivals(send, evidence.arrived[send.hash])
        yield from _reasons(send)
    yield from _questions(evidence)
    for stop in evidence.told.stops:
        yield from _after(evidence, stop)


def _arrivals(send: BookedSend, arrived: int) -> Iterator[Complaint]:
    # A message may have arrived that was dropped after somebody had to be asked, or sent again because nobody could be
    # sure, and then refused: that was the question.
    unsure_before = send.resends > 0 or (send.state == "dropped" and send.handed is not None)
    if arrived > 1 + send.resends:
        yield Complaint("doubled", send.key, f"arrived {arrived} times")
    if send.state == "accepted" and not arrived and send.channel != "audience":
        yield Complaint("lost", send.key, "is called accepted and never arrived")
    if send.state in NEVER_SENT and arrived and not unsure_before:
        yield Complaint("unexplained", send.key, f"is called {send.state}, but arrived")


def _reasons(send: BookedSend) -> Iterator[Complaint]:
    if send.state in OPEN:
        yield Complaint("unexplained", send.key, f"is {send.state} for ever")
    if send.state in NEVER_SENT and not (send.reason or send.reply):
        yield Complaint("unexplained", send.key, f"is {send.state} without a reason")
    if send.handed is not None and send.handed < send.planned - SLACK:
        yield Complaint("order", send.key, "was handed over before it was planned")


def _questions(evidence: Evidence) -> Iterator[Complaint]:
    unsure = {send.effect for send in evidence.books.sends if send.state == "ambiguous"}
    for effect in sorted(unsure | set(evidence.asked)):
        tasks = evidence.asked[effect]
        if effect in unsure and tasks != 1:
            yield Complaint("unexplained", effect, f"nobody knows, and {tasks} tasks ask about it")
        if effect not in unsure:
            yield Complaint("unexplained", effect, "a task asks about it, and it is known")


def _after(evidence: Evidence, stop: Stop) -> Iterator[Complaint]:
    ordered = _ordered(evidence.events_of.get(stop.lead, []))
    for send in evidence.sends_of.get(stop.lead, []):
        if send.kind != SendMessage.__name__ or send.manual or send.service:
            continue
        if send.effect in ordered:
            continue
        if stop.scope in {"", send.scope} and send.handed is not None and send.handed > stop.at:
            yield Complaint(
                "after a stop",
                send.key,
                f"handed over at {send.handed:%H:%M:%S.%f}, stopped at {stop.at:%H:%M:%S.%f}",
            )


def _ordered(events: Iterable[BookedEvent]) -> set[object]:
    """Keys of what a person, asked about it, has ordered to go once more: that is nothing automatic."""
    notes = (note for event in events for note in event.notes)
    return {n.detail["key"] for n in notes if (n.kind, n.subject) == ("settled", "resend")}
