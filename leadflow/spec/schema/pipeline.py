"""The authoring schema: what a file of the language may say (language.md, **Vocabulary**)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from typing_extensions import override

from leadflow.spec.schema.base import MISSING_KEY, Issue, Part, Word
from leadflow.spec.schema.fields import Calendar, Document, Field, Form, Intake, Repeat
from leadflow.spec.schema.stages import Reassign, Rule, Stage
from leadflow.spec.schema.types import (
    Id,
    Listed,
    OneOrMany,
    PipelineId,
    Span,
    SpanOrFalse,
    WrappingHours,
)
from leadflow.spec.schema.ways import AnyExit, AnyWhen


class Common(Part):
    """What a pipeline may say itself or take from a shared file."""

    language: Word | None = None
    """The language of texts where the client's is unknown (ru)."""
    max_late: Span | None = None
    """A send later than that after it first could go is dropped (1 day)."""
    calendar: Calendar | None = None
    """Working time; without it there are no working units."""
    quiet_hours: WrappingHours | None = None
    """Hours in which nothing automatic goes to the client, by the client's clock."""
    consent: Annotated[Literal["opt_out", "opt_in"], Listed()] | None = None
    """opt_in: automatic messages need recorded consent."""
    fields: dict[Id, Field] = {}
    """The fields of the card."""
    documents: dict[Id, Document] = {}
    """Numbered documents."""
    routing: OneOrMany[Rule] = []
    """Who gets a new lead: the first rule that matches."""
    reassign: Reassign | None = None
    """Takes the lead from a slow owner."""
    when: OneOrMany[AnyWhen] = []
    """Reactions in all open stages."""
    exits: OneOrMany[AnyExit] = []
    """Ways out of all open stages."""
    repeat: Repeat | None = None
    """What the next inquiry of a known person does."""
    snooze: SpanOrFalse | None = None
    """The longest a lead may sleep (180 days), or false."""
    sources: dict[Id, Word] = {}
    """Where leads come from: `{id: label}`."""
    forms: dict[PipelineId, Form] = {}
    """Forms on web sites."""
    intake: OneOrMany[Intake] = []
    """Which pipeline takes what arrives by no form."""


class Pipeline(Common):
    """A pipeline of leads or deals."""

    pipeline: PipelineId
    """Its stable name."""
    title: Word | None = None
    """What people see (by default its id)."""
    kind: Annotated[Literal["lead", "deal"], Listed()] = "lead"
    """Leads, or deals."""
    use: OneOrMany[PipelineId] = []
    """Shared files, by the name after `shared:`."""
    stages: dict[Id, Stage]
    """The stages, in order; the first one starts."""

    @override
    def mistakes(self) -> Iterator[Issue]:
        if not self.stages:
            yield Issue(MISSING_KEY, "a pipeline needs at least one stage", key="stages")


class Shared(Common):
    """Parts that several pipelines use."""

    shared: PipelineId
    """Its stable name, for `use`."""


class Rights(Part):
    """Who may do what. Begun here, filled by the pages that ask for rights."""

    rights: PipelineId
    """Its stable name."""
    title: Word | None = None
    """What people see."""
