"""Fields, calendars, documents, sources and forms of the authoring schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field as Key
from typing_extensions import override

from leadflow.engine.fields import FieldType
from leadflow.spec.schema.actions import Assignee
from leadflow.spec.schema.base import CONFLICT, MISSING_KEY, Issue, Part, Word
from leadflow.spec.schema.types import (
    Condition,
    Days,
    Flag,
    Hours,
    Id,
    Listed,
    OneOrMany,
    Options,
    PipelineId,
    Raw,
    Span,
    Timezone,
    Values,
)

Register = Annotated[Literal["name", "address", "kpp", "ogrn", "head"], Listed()]
GoesTo = Annotated[Literal["contact", "company", "deal", "ask"], Listed()]


class Field(Part):
    """A field of the card."""

    short: ClassVar[str] = "type"

    type: Annotated[FieldType, Listed()]
    """What it holds: decides how a value is read, checked and printed."""
    label: Word | None = None
    """What people see (by default the id)."""
    options: Options | None = None
    """Of a choice: a list, or `{id: label}`."""
    currency: Word | None = None
    """Of money: RUB, EUR …"""
    default: Raw = None
    """What it holds in a new lead."""
    pii: Flag | None = None
    """Personal data (by default true for person, phone, email, address)."""
    many: Flag = False
    """Holds several values."""
    goes_to: OneOrMany[GoesTo] | None = None
    """Where conversion copies it: contact, company, deal, or ask."""
    fills: dict[Id, Register] = {}
    """Of an inn: fields offered from the state register, `{our field: name}`."""

    @override
    def mistakes(self) -> Iterator[Issue]:
        choice = self.type in {"choice", "choices"}
        if choice and not self.options:
            hint = "options: {small: Small, large: Large}"
            yield Issue(MISSING_KEY, f"a field of type {self.type} needs options", hint)
        if self.options is not None and not choice:
            yield Issue(CONFLICT, f"a field of type {self.type} has no options", key="options")
        if self.currency is not None and self.type != "money":
            yield Issue(CONFLICT, "only a field of type money has a currency", key="currency")
        if self.fills and self.type != "inn":
            yield Issue(CONFLICT, "only a field of type inn can fill others", key="fills")
        if self.goes_to and "ask" in self.goes_to and len(self.goes_to) > 1:
            yield Issue(CONFLICT, "ask stands alone in goes_to", key="goes_to")


class Window(Part):
    """Hours in which messages may go, by the client's clock."""

    days: Days = (0, 1, 2, 3, 4)
    """Days of the week: mon-fri."""
    hours: Hours = (9 * 60, 18 * 60)
    """From and to, like "09:00-18:00"."""
    holidays: Word | None = None
    """Country whose public holidays are free: RU, DE-BE …"""
    closed: OneOrMany[Word] = []
    """Further dates that are free."""
    open: OneOrMany[Word] = []
    """Dates that are worked, whatever else says otherwise."""


class Calendar(Window):
    """Working time: what `working hours` and `working days` count in."""

    timezone: Timezone
    """The company's clock, like Europe/Moscow."""


class Document(Part):
    """A numbered document (`templates/ID.document.html`)."""

    title: Word | None = None
    """What it is called (by default its id)."""
    number: Word | None = None
    """Its number: `{YYYY}`, `{YY}`, `{MM}` and a counter such as `{0001}`."""
    restart: Annotated[Literal["monthly", "yearly", "never"], Listed()] = "yearly"
    """When the counter begins again."""


class Repeat(Part):
    """What the next inquiry of a known person does."""

    match: OneOrMany[Id]
    """Fields by which a person is known: phone, email."""
    while_open: Annotated[Literal["join", "new"], Listed()] = "join"
    """While a lead of the person is open: join it, or begin a new one."""
    again_after: Span | None = None
    """A lead closed less than this ago is joined too (by default none is)."""


class Form(Part):
    """A form on a web site."""

    pipeline: PipelineId | None = None
    """Where its leads go (in a pipeline's file: there)."""
    source: Id | None = None
    """Its source, of `sources`."""
    fields: OneOrMany[Id]
    """What it asks, in this order."""
    required: OneOrMany[Id] = []
    """What must be filled in."""
    hidden: Values = {}
    """Fields it fills with a fixed value."""
    return_url: Word | None = None
    """Where the visitor is sent afterwards."""
    assign: Assignee | None = None
    """The responsible, before routing."""
    users: OneOrMany[Word] = []
    """Users who take turns, before routing."""

    @override
    def mistakes(self) -> Iterator[Issue]:
        if self.assign is not None and self.users:
            yield Issue(CONFLICT, "assign and users exclude each other", "keep one", key="users")


class Intake(Part):
    """Which pipeline takes what arrives by no form; the first that matches."""

    if_: Condition | None = Key(None, alias="if")
    """Only if this holds."""
    pipeline: PipelineId | None = None
    """Where the lead goes (in a pipeline's file: there)."""
    source: Id | None = None
    """The source it gets."""
