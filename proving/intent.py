"""What lives intended against the ledger: every message that was decided has its row, and every row its decision.

Three witnesses of an intention, none of them the ledger: a lead's timeline names the key of each message that it planned
or heard the end of, and each notice; its state names what is under way; and it counts how often each node of the present
visit was performed (`State.occurrences`), which is what keys are made of (language.md, Meaning 11).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from leadflow.engine.decision import Note
from leadflow.engine.pipeline import (
    Action,
    CallWebhook,
    ChangeAudience,
    Notify,
    Pipeline,
    Program,
    Send,
)
from leadflow.engine.refs import index
from leadflow.engine.sends import TELL_OWNER
from leadflow.engine.state import State
from leadflow.store.books import BookedSend
from proving.complaints import Complaint
from proving.evidence import OPEN, SLACK, Evidence

DECIDED = frozenset({"planned", "sent", "refused", "ambiguous", "settled"})
"""Notes after which a message must be in the ledger; what waited, was skipped or stopped need not have got there."""
RECALLED = frozenset({"stopped", "skipped"})
RESULTS = frozenset({"accepted", "refused", "ambiguous", "skipped", "dropped"})
"""A result that no part of the lead waited for is only recorded: reminders, words to the owner."""
PERFORMED = frozenset({"notified", "audience"})
"""Notes that name no key, but the node: as many rows must be of it."""
OUTSIDE = (Send, Notify, CallWebhook, ChangeAudience)


def check(evidence: Evidence) -> Iterator[Complaint]:
    """Each life by itself; an erased one has nothing left to say."""
    for lead in evidence.books.leads:
        state = evidence.states.get(lead.id)
        if state is not None and not state.erased:
            rows, pipeline = evidence.sends_of[lead.id], evidence.pipelines[lead.hash]
            steps = (event.notes for event in evidence.events_of[lead.id])
            said, stored = _Said(steps), evidence.books.states[lead.id]
            yield from _not_booked(state, rows, said)
            yield from _not_performed(state, rows, said, pipeline)
            yield from _not_decided((state, stored), rows, said, pipeline)
            yield from _overtaken(rows, pipeline)
            if lead.id in evidence.lives.states:
                yield from _unheard(state, rows)


class _Said:
    """What a timeline says of messages: the notes of each of its events."""

    def __init__(self, steps: Iterable[Iterable[Note]]) -> None:
        self.decided: set[str] = set()
        """Keys of what must be in the ledger."""
        self.named: set[str] = set()
        """Keys of what waited, or was called back."""
        self.skipped: Counter[str] = Counter()
        """Ref → messages whose time had passed before they were planned: their keys are used up."""
        self.performed: Counter[str] = Counter()
        """Ref → notices."""
        for notes in steps:
            begun: set[str] = set()
            for note in notes:
                self._hear(note, begun)

    def _hear(self, note: Note, begun: set[str]) -> None:
        """``begun``: keys first planned by this very event, which may also call them back before anything has left."""
        key = str(note.detail.get("key") or "")
        if note.kind in RECALLED and key in begun:
            self.decided.remove(key)
            self.named.add(key)
        elif note.kind in DECIDED or (note.kind == "recorded" and note.subject in RESULTS):
            if note.kind == "planned" and key not in self.decided:
                begun.add(key)
            self.decided.add(key)
        elif key:
            self.named.add(key)
        elif note.kind == "skipped":
            self.skipped[note.ref] += 1
        elif note.kind in PERFORMED:
            self.performed[note.ref] += 1


def _not_booked(state: State, rows: list[BookedSend], said: _Said) -> Iterator[Complaint]:
    booked = {row.effect for row in rows} | {row.key for row in rows}
    under_way = {key for key, run in state.sends.items() if run.status != "waiting"}
    for key in sorted((said.decided | under_way) - booked):
        yield Complaint("lost", key, "was decided and is not in the ledger")
    made = Counter(ref for _, ref in {(row.effect, row.ref) for row in rows})
    for ref, count in (said.performed - made).items():
        yield Complaint("lost", f"{state.lead} {ref}", f"{count} notices are not in the ledger")


def _not_performed(
    state: State, rows: Iterable[BookedSend], said: _Said, pipeline: Pipeline
) -> Iterator[Complaint]:
    known = {row.effect for row in rows} | state.sends.keys() | said.named | said.decided
    refs = _refs(pipeline)
    for slot, count in state.occurrences.items():
        ref = refs.get(_node(slot))
        if ref is not None:
            keys = {f"{state.lead}/{slot}/{number + 1}" for number in range(count)}
            missing = sorted(keys - known)
            for key in missing[: max(len(missing) - said.skipped[ref], 0)]:
                yield Complaint("lost", key, "was performed and is not in the ledger")


def _refs(pipeline: Pipeline) -> dict[str, str]:
    """Node of everything that leaves the house → ref of its action; what the engine says by itself has none."""
    actions = index(pipeline).actions.values()
    found = {one.node: one.ref for one in actions if isinstance(one.do, OUTSIDE)}
    own = {f"{node}:{reason}": "" for node in found for reason in TELL_OWNER}
    reminders = {f"remind:{task}": "" for task in pipeline.tasks}
    return {**found, **own, **reminders, "reassign": ""}


def _not_decided(
    states: Iterable[State], rows: Iterable[BookedSend], said: _Said, pipeline: Pipeline
) -> Iterator[Complaint]:
    """Of what the engine says by itself in a visit that is over nobody has kept the key."""
    refs = _refs(pipeline)
    known = {*said.decided, *said.named, *(key for state in states for key in state.sends)}
    for row in rows:
        slot, _, number = row.effect.removeprefix(f"{row.lead}/").rpartition("/")
        counted = any(state.occurrences.get(slot, 0) >= int(number) for state in states)
        if not (counted or {row.effect, row.key} & known or refs.get(_node(slot)) == ""):
            yield Complaint(
                "unexplained", row.key, "is in the ledger, and its lead never decided it"
            )


def _node(slot: str) -> str:
    """``stage/3/send_email:offer`` → ``send_email:offer``."""
    return slot.split("/", 2)[2]


def _unheard(state: State, rows: Iterable[BookedSend]) -> Iterator[Complaint]:
    """What has ended, and the workflow still waits for it."""
    for row in rows:
        run = state.sends.get(row.effect)
        if run is not None and run.status == "out" and row.state not in OPEN:
            yield Complaint("unexplained", row.key, f"is {row.state}, and its lead has not heard")


def _overtaken(rows: list[BookedSend], pipeline: Pipeline) -> Iterator[Complaint]:
    """A step of a sequence is planned when the one before it has ended, so after it was handed over."""
    steps = {
        action.ref: (program.ref, number)
        for program in index(pipeline).programs.values()
        for number, action in _actions(program)
    }
    last: dict[tuple[str, str, str], tuple[int, BookedSend]] = {}
    for row in sorted(rows, key=lambda row: steps.get(row.ref, ("", 0))[1]):
        if row.ref not in steps or row.resends:
            continue
        program, number = steps[row.ref]
        turn = (row.scope, program, row.effect.rpartition("/")[2])
        before = last.get(turn)
        if (
            before
            and before[0] < number
            and before[1].handed
            and before[1].handed > row.planned + SLACK
        ):
            yield Complaint("order", row.key, f"was planned before {before[1].key} went")
        last[turn] = (number, row)


def _actions(program: Program) -> Iterator[tuple[int, Action]]:
    for number, step in enumerate(program.steps):
        for action in (step.action, *(variant.action for variant in step.variants)):
            if action is not None:
                yield number, action
