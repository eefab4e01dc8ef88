"""The working copy of one decision: a state to write to, and what came of it so far.

A `Draft` lives as long as one call of `decide`. Its state ``s`` is a copy of its own (records in it are replaced, never
written to), ``was`` the state before the present step, which conditions see under that name.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from leadflow.engine.clock import iso, whole
from leadflow.engine.decision import Note, NoteKind
from leadflow.engine.effects import AnyEffect
from leadflow.engine.events import SYSTEM, Actor
from leadflow.engine.fields import Value
from leadflow.engine.pipeline import Pipeline
from leadflow.engine.refs import Key, Level, index
from leadflow.engine.state import State

PIPELINE = "pipeline/0"
"""The scope of what belongs to no visit."""


class Place(NamedTuple):
    """Where an action is performed."""

    keys: str
    """Scope in effect keys (Meaning 11)."""
    owner: str
    """Scope of the visit that what it makes belongs to, and ends with (Meaning 5)."""


class Cause(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a step is about: which triggers it meets, and what conditions see of it."""

    keys: tuple[Key, ...] = ()
    outcome: str = ""
    """Of the task among ``keys``."""
    decision: bool = False
    """Somebody's: blocked, it is refused; else its exit stays pending (Meaning 3)."""
    actor: Actor = SYSTEM
    name: str = ""
    """Of the signal."""
    data: dict[str, Value] = {}
    convert: tuple[str, ...] = ()
    goes_to: dict[str, tuple[str, ...]] = {}


NOTHING = Cause()
"""Of a step that nothing set in motion but the time, or an answer."""


class Draft:
    """See the module."""

    __slots__ = (
        "at",
        "cause",
        "effects",
        "exits",
        "index",
        "notes",
        "now",
        "pipeline",
        "queue",
        "s",
        "since",
        "stage_scope",
        "standing",
        "touched",
        "was",
    )

    def __init__(self, pipeline: Pipeline, state: State, now: datetime) -> None:
        self.pipeline = pipeline
        self.index = index(pipeline)
        self.was = state
        self.s = fork(state)
        self.now = whole(now)
        self.at = iso(self.now)
        self.since = self.now
        """When what is decided now should have been: of a deadline that nobody was there to see, its own time."""
        self.cause = NOTHING
        self.visit_changed()
        self.touched: set[str] = set()
        """Fields written in the present step."""
        self.queue: list[Cause] = []
        """Facts that came of this step: each gets a step of its own after it."""
        self.effects: list[AnyEffect] = []
        self.notes: list[Note] = []
        self.exits = 0
        """Exits taken by this event."""

    def visit_changed(self) -> None:
        """The lead is in another visit, of the stage or in a track."""
        self.stage_scope = f"stage/{self.s.visit}"
        """Scope of the present visit."""
        self.standing: tuple[tuple[Level, str], ...] | None = None
        """`leadflow.engine.levels`, once asked for."""

    def next_step(self) -> None:
        """What follows sees the present state as ``was``."""
        self.was, self.s = self.s, fork(self.s)
        self.touched = set()

    def key(self, scope: str, node: str) -> str:
        """A new effect key (Meaning 11)."""
        slot = f"{scope}/{node}"
        count = self.s.occurrences.get(slot, 0) + 1
        self.s.occurrences[slot] = count
        return f"{self.s.lead}/{slot}/{count}"

    def note(
        self, kind: NoteKind, subject: str = "", ref: str = "", pos: str = "", **detail: Value
    ) -> None:
        """A line of the timeline."""
        self.notes.append(Note(kind, subject, detail, ref, pos))

    @property
    def timezone(self) -> str:
        """The client's."""
        return self.s.timezone or self.pipeline.timezone

    def alive(self, scope: str) -> bool:
        """Whether the visit a scope names still goes on."""
        kind, _, visit = scope.rpartition("/")
        if kind == "stage":
            return visit == str(self.s.visit)
        if kind == "pipeline":
            return True
        run = self.s.tracks.get(kind.removeprefix("track."))
        return run is not None and visit == str(run.visit)


def fork(state: State) -> State:
    """A copy to write to: the tables that are written to are copied, the records in them shared."""
    s = replace(state)
    s.fields = s.fields.copy()
    s.tasks = s.tasks.copy()
    s.programs = s.programs.copy()
    s.deadlines = s.deadlines.copy()
    s.sends = s.sends.copy()
    s.occurrences = s.occurrences.copy()
    return s


def track_scope(track: str, visit: int) -> str:
    """Scope of a visit of a track's stage."""
    return f"track.{track}/{visit}"


__all__ = ["NOTHING", "PIPELINE", "Cause", "Draft", "Place", "fork", "replace", "track_scope"]
