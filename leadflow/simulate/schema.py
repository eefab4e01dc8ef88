"""The shape of a scenario file, ``NAME.test.yaml`` (language.md, **Scenario**)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Discriminator, Field as Key, Tag
from typing_extensions import override

from leadflow.engine.events import FACTS
from leadflow.spec.schema.base import CONFLICT, MISSING_KEY, Issue, Part, Seq, Word
from leadflow.spec.schema.types import (
    Flag,
    Id,
    Listed,
    OneOrMany,
    PipelineId,
    Raw,
    Span,
    Timezone,
    Values,
)

NOT_ONE_STEP = "LF702"
NOBODY_PICKS = "LF708"

Record = Annotated[Literal["contact", "company", "deal"], Listed()]
GoesTo = Annotated[Literal["contact", "company", "deal"], Listed()]

ACTS = (
    "signal", "task", "press", "set", "tick", "move", "assign", "snooze", "reopen", "reschedule", "start",
)  # fmt: skip
"""Steps that happen to a lead."""
OTHERS = ("wait", "until", "effects", "expect")
_OF = {"data": "signal", "outcome": "task", "button": "press", "as": "start"}
"""Keys that go with one kind of step only."""
_PICKED = ("convert", "goes_to")
_WITH_ACTS = ("by", "fields", *_PICKED, "refused", "at")
WOKEN = "woken"
"""The one fact that a person brings about: who wakes a lead."""


class Person(Part):
    """A user of the scenario."""

    supervisor: PipelineId | None = None
    """Another user."""
    admin: Flag = False
    """May do everything."""
    name: Word | None = None
    """As clients read it (by default the id)."""
    email: Word | None = None
    """An address, for texts that name it."""
    phone: Word | None = None
    """A number, for texts that name it."""


def _entry(value: object) -> str:
    return "team" if isinstance(value, Word | Seq) else "person"


Entry = Annotated[
    Annotated[OneOrMany[PipelineId], Tag("team")] | Annotated[Person, Tag("person")],
    Discriminator(_entry),
]
"""A user, or a team: one user or a list of them."""


class Start(Part):
    """How a lead begins."""

    at: Word | None = None
    """When: "2026-11-23 10:00", on the pipeline's clock."""
    channel: Id | None = None
    """By which channel it came: call, form, email …"""
    form: PipelineId | None = None
    """By which form."""
    user: PipelineId | None = None
    """Who entered it; of a call, who made or took it."""
    owner: PipelineId | None = None
    """Its owner, so that routing does not run."""
    source: Word | None = None
    """Where it came from."""
    timezone: Timezone | None = None
    """The client's clock."""
    language: Word | None = None
    """The client's language."""
    consent: OneOrMany[Word] = []
    """Channels with recorded consent; true or all for every one."""
    fields: Values = {}
    """Field: value."""
    stage: Word | None = None
    """Begin here instead of in the first stage."""
    variants: dict[Word, Word] = {}
    """Step: the variant it takes."""


class SentItem(Part):
    """A message to the client."""

    short: ClassVar[str] = "template"

    template: Word | None = None
    """Its template, or its id."""
    at: Word | None = None
    """When."""
    to: Word | None = None
    """The address."""
    reason: Word | None = None
    """Why it did not go."""


class ToldItem(Part):
    """A word to our own people."""

    short: ClassVar[str] = "to"

    to: OneOrMany[Word] = []
    """Users, or whom the pipeline names: supervisor, a team."""
    at: Word | None = None
    """When."""
    reason: Word | None = None
    """What about: remind, reassigned, nobody_left, or why a message did not go."""


class Expect(Part):
    """What is expected; only what is named is looked at, lists are whole."""

    stage: Word | None = None
    """The stage."""
    tracks: dict[Id, Word] | None = None
    """Track: its stage."""
    visits: Word | None = None
    """How many times this stage was entered."""
    owner: Word | None = None
    """The owner, or nobody."""
    open_tasks: OneOrMany[Word] | None = None
    """Ids of the open tasks."""
    overdue: OneOrMany[Word] | None = None
    """Ids of the tasks that are overdue."""
    due: dict[Id, Word] | None = None
    """Task: when it is due, or never."""
    fields: Values | None = None
    """Field: value; "" for an empty one."""
    pinned: OneOrMany[Word] | None = None
    """The pinned comment, or the name of its template; empty for none."""
    sent: OneOrMany[SentItem] | None = None
    """Messages to the client."""
    notified: OneOrMany[ToldItem] | None = None
    """Words to our own people."""
    skipped: OneOrMany[SentItem] | None = None
    """Messages that did not go."""
    waiting_for: OneOrMany[Word] | None = None
    """What exits that hang are waiting for: ids of gates."""
    next: Word | None = None
    """What comes next, by its time or its name; nothing."""
    snoozed: Word | None = None
    """Whether the lead sleeps, or until when."""
    audiences: OneOrMany[Word] | None = None
    """Audiences it is in."""
    watched_by: OneOrMany[Word] | None = None
    """Who watches it."""
    documents: Raw = None
    """Documents made: ids, or id: number."""
    created: Raw = None
    """Records of its conversion: contact, company, deal, or record: {field: value}."""
    erased: Flag | None = None
    """Whether its data have been erased."""
    leads: Word | None = None
    """How many leads there are."""
    funnel: Raw = None
    """The lead's level of the funnel, or level: how many leads have reached it."""


class Step(Part):
    """One thing that happens, or one expectation."""

    start: Start | None = None
    """Another lead."""
    as_: Id | None = Key(None, alias="as")
    """Its name."""
    lead: Word | None = None
    """Whom this step is about (by default the first lead)."""
    at: Word | None = None
    """When it happens: before what is due at that instant."""
    signal: Id | None = None
    """A signal."""
    data: Values = {}
    """What it carries."""
    task: Id | None = None
    """A task is done."""
    outcome: Id | None = None
    """With which outcome."""
    press: Id | None = None
    """A task's button is pressed."""
    button: Word | None = None
    """Which one, by its label (by default the only one)."""
    set_: Values | None = Key(None, alias="set")
    """Fields are edited."""
    tick: OneOrMany[Id] | None = None
    """Checklist items are ticked."""
    move: Word | None = None
    """The card is dragged to a stage."""
    assign: PipelineId | None = None
    """A new owner, or nobody."""
    snooze: Word | None = None
    """The lead sleeps until a moment."""
    reopen: Word | None = None
    """A closed lead begins again: true, or the stage where."""
    reschedule: dict[Id, Word] | None = None
    """Task: its new due date."""
    by: Word | None = None
    """Who does it (by default the owner)."""
    fields: Values = {}
    """Fields written in the same step."""
    convert: OneOrMany[Record] = []
    """The conversion picked by hand."""
    goes_to: dict[Id, OneOrMany[GoesTo]] = {}
    """Field: where conversion copies it."""
    refused: OneOrMany[Word] | None = None
    """It is refused, for exactly these reasons."""
    wait: Span | None = None
    """Time passes."""
    until: Word | None = None
    """Time passes, until then."""
    effects: Annotated[Literal["held", "released", "refused", "ambiguous"], Listed()] | None = None
    """How the outside answers from now on."""
    expect: Expect | None = None
    """What should be found now."""

    @property
    def act(self) -> str:
        """Which of `ACTS` and `OTHERS` it is."""
        return next(name for name in (*ACTS, *OTHERS) if name in self._keys)

    @override
    def mistakes(self) -> Iterator[Issue]:
        found = [key for key in self._keys if key in (*ACTS, *OTHERS)]
        if len(found) != 1:
            hint = f"one of {', '.join((*ACTS, *OTHERS))}; what follows goes into a step of its own"
            what = f"both {' and '.join(found)} in one step" if found else "a step without an act"
            yield Issue(NOT_ONE_STEP, what, hint, key=found[-1] if found else "")
            return
        for key in self._keys:
            yield from self._beside(key, found[0])

    def _beside(self, key: str, act: str) -> Iterator[Issue]:
        """What a key beside the act has against it."""
        only = _OF.get(key)
        if only and only != act:
            yield Issue(CONFLICT, f"{key} goes with {only}", f"add {only}: …", key=key)
        elif act == "start" and key in (*_WITH_ACTS, "lead"):
            inside = key in Start.model_fields
            hint = f"write it inside: start: {{{key}: …}}" if inside else f"leave out {key}"
            yield Issue(CONFLICT, f"{key} does not go with start", hint, key=key)
        elif key in _WITH_ACTS and act in OTHERS:
            hint = f"write it beside what happens, or leave out {key}"
            yield Issue(CONFLICT, f"{key} does not go with {act}", hint, key=key)
        elif key in _PICKED and self.signal in FACTS - {WOKEN}:
            message = f"'{self.signal}' is a fact: nobody is there who could pick with {key}"
            hint = f"leave out {key}, or let a decision convert (a signal of your own, a task)"
            yield Issue(NOBODY_PICKS, message, hint, key=key)


class Scenario(Part):
    """A lead's story, in virtual time."""

    name: Word
    """What it shows, in words."""
    start: Start
    """How it begins."""
    steps: list[Step]
    """What happens, in order."""

    @override
    def mistakes(self) -> Iterator[Issue]:
        if self.start.at is None:
            hint = 'add at: "2026-11-23 10:00"'
            yield Issue(MISSING_KEY, "start needs at: when the lead begins", hint, key="start")


class ScenarioFile(Part):
    """A pipeline's scenarios."""

    pipeline: PipelineId
    """Whose they are."""
    people: dict[PipelineId, Entry] = {}
    """Users and teams, beside those of leadflow.yaml: `{sales: [anna, boris], anna: {supervisor: olga}, admin: max}`."""
    scenarios: list[Scenario]
    """The scenarios."""
