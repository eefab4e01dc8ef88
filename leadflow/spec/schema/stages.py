"""Stages of the authoring schema: attempts, sequences, SLA, tracks, conversion; and who gets a lead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import override

from leadflow.spec.schema.actions import Action, Assignee, People, Step
from leadflow.spec.schema.base import CONFLICT, MISSING_KEY, Issue, Part, Word
from leadflow.spec.schema.fields import Window
from leadflow.spec.schema.types import (
    Condition,
    Flag,
    Id,
    Listed,
    OneOrMany,
    PipelineId,
    Span,
    Whole,
)
from leadflow.spec.schema.ways import Exit, Gates, WayOrActions, When


class Attempts(Part):
    """Tries again: the task comes back until it has another outcome, or so many times."""

    task: Id
    """The task that is tried."""
    outcome: Id
    """The outcome that means: again."""
    again: OneOrMany[Span]
    """When it comes back; of a list the last repeats."""
    times: Whole
    """Attempts in all."""
    exhausted: WayOrActions
    """An exit, or actions, after the last."""


class Sequence(Part):
    """Touches in time."""

    steps: list[Step]
    """Its steps, in order."""
    stop_when: OneOrMany[Id] = []
    """Signals that end it."""
    postpone_when: dict[Id, Span] = {}
    """Signals that put it off: `{out_of_office: 1 week}`."""
    window: Window | None = None
    """Hours in which its messages may go, in the client's clock."""
    resume: Flag = False
    """True: a later visit goes on where it was."""
    finished: Exit | None = None
    """An exit once the last step is over."""


class Sla(Part):
    """How long the stage may last."""

    within: Span
    """So long."""
    until: Condition | None = None
    """It is met as soon as this holds (by default on leaving)."""
    pause_while: Condition | None = None
    """It stands still while this holds."""
    overdue: OneOrMany[Step] = []
    """What happens when it is not met."""


class Conversion(Part):
    """Into what a won lead turns."""

    if_: Condition | None = Field(None, alias="if")
    """Only if this holds; the first that matches."""
    create: OneOrMany[Annotated[Literal["contact", "company", "deal"], Listed()]]
    """Contact, company, deal."""
    pipeline: PipelineId | None = None
    """The deal's pipeline."""
    requires: Gates = []
    """What must be there."""
    map: dict[Id, Id] = {}
    """Their field: our field (equal ids are carried by themselves)."""


class Track(Part):
    """Stages that run beside others."""

    title: Word | None = None
    """What people see (by default its id)."""
    stages: dict[Id, Stage]
    """Its stages; the first one starts, a final one ends it."""

    @override
    def mistakes(self) -> Iterator[Issue]:
        if not self.stages:
            yield Issue(MISSING_KEY, "a track needs stages", key="stages")
        for stage_id, stage in self.stages.items():
            for key in ("tracks", "convert", "reopen", "erase_after"):
                if getattr(stage, key):
                    yield Issue(CONFLICT, f"stage '{stage_id}' of a track cannot have {key}")


_OPEN_ONLY = (
    "requires", "checklist", "on_leave", "when", "exits", "attempts", "sequence", "sla", "tracks",
)  # fmt: skip


class Stage(Part):
    """A stage: what happens in it, and its ways out."""

    title: Word | None = None
    """What people see (by default its id)."""
    funnel: Word | None = None
    """Stages with an equal funnel are one level of the reports."""
    enter_requires: Gates = []
    """What must be there to come in."""
    enter_checklist: dict[Id, Word] = {}
    """What must be ticked to come in."""
    requires: Gates = []
    """What must be there to go out."""
    checklist: dict[Id, Word] = {}
    """What must be ticked to go out."""
    on_enter: OneOrMany[Action] = []
    """What to do on entering."""
    on_leave: OneOrMany[Action] = []
    """What to do on leaving."""
    when: OneOrMany[When] = []
    """Reactions that stay in the stage."""
    exits: OneOrMany[Exit] = []
    """Ways out."""
    attempts: Attempts | None = None
    """A task that is tried several times."""
    sequence: Sequence | None = None
    """Touches in time."""
    sla: Sla | None = None
    """How long the stage may last."""
    tracks: dict[Id, Track] = {}
    """Stages side by side."""
    always: Flag = False
    """Reachable from any open stage, past the gates of the stage left."""
    final: Annotated[Literal["success", "failure"], Listed()] | None = None
    """The lead ends here."""
    convert: OneOrMany[Conversion] = []
    """Into what the lead turns."""
    reopen: Id | None = None
    """Where a closed lead begins again."""
    erase_after: Span | None = None
    """Personal data is erased so long after the end."""

    @override
    def mistakes(self) -> Iterator[Issue]:
        keys: tuple[str, ...] = ("convert", "reopen", "erase_after")
        hint = "add final: success or failure, or remove the key"
        if self.final:
            keys = _OPEN_ONLY
            hint = "a final stage has only gates in, on_enter, convert, reopen, erase_after"
        for key in keys:
            if getattr(self, key):
                what = "a final stage" if self.final else "a stage that is not final"
                yield Issue(CONFLICT, f"{what} cannot have {key}", hint, key=key)
        if self.convert and self.final == "failure":
            yield Issue(CONFLICT, "only a successful end converts", key="convert")


class Rule(Part):
    """Who gets a new lead."""

    if_: Condition | None = Field(None, alias="if")
    """Only if this holds; the first that matches."""
    assign: Assignee
    """The responsible."""


class Reassign(Part):
    """Takes the lead from a slow owner."""

    after: Span
    """So long after it was assigned."""
    to: Assignee
    """To whom (never a former owner)."""
    while_: Condition | None = Field(None, alias="while")
    """Once this is false, it is off till the next assignment."""
    notify: People | None = None
    """Whom to tell."""
    times: Whole = 3
    """How often at most."""
