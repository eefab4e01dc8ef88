"""Gates, reactions and ways out of the authoring schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Discriminator, Field, Tag
from typing_extensions import override

from leadflow.spec.schema.actions import Action, People
from leadflow.spec.schema.base import CONFLICT, MISSING_KEY, Issue, Map, Part, Word
from leadflow.spec.schema.types import At, Condition, Id, OneOrMany, Span, TemplateName, Values


class Gate(Part):
    """What must be there before a way may be taken."""

    short: ClassVar[str] = "field"

    field: Id | None = None
    """A field that must be filled, or a checklist item that must be ticked."""
    any: OneOrMany[Id] = []
    """Any one of these fields is enough."""
    if_: Condition | None = Field(None, alias="if")
    """It counts only while this holds."""
    id: Id | None = None
    """Name of a check."""
    check: Condition | None = None
    """A condition that must hold."""
    say: Word | None = None
    """What a refusal says then."""

    @override
    def mistakes(self) -> Iterator[Issue]:
        given = [key for key in ("field", "any", "check") if getattr(self, key)]
        if len(given) != 1:
            yield Issue(CONFLICT, "a gate is exactly one of: a field, any, check")
        for key in ("id", "say"):
            if self.check is not None and getattr(self, key) is None:
                yield Issue(MISSING_KEY, f"a check needs {key}")
            if self.check is None and getattr(self, key) is not None:
                yield Issue(CONFLICT, f"{key} belongs to a check", key=key)


Gates = OneOrMany[Gate]


class Triggered(Part):
    """At most one trigger; none: as soon as the condition holds."""

    signal: OneOrMany[Id] = []
    """A signal: what people decide (a button, if there is a label), or a fact such as `replied`."""
    task: OneOrMany[Id] = []
    """A task that has been done."""
    outcome: OneOrMany[Id] = []
    """With these outcomes only."""
    sent: OneOrMany[TemplateName] = []
    """A template or document that has left."""
    changed: OneOrMany[Id] = []
    """A field that has changed."""
    after: Span | None = None
    """So long in the stage."""
    at: At | None = None
    """At this moment."""
    if_: Condition | None = Field(None, alias="if")
    """Only if this holds."""
    label: Word | None = None
    """Makes the signal a button with these words."""
    by: People | None = None
    """Who may (by default owner, supervisor, admin)."""
    id: Id | None = None
    """A stable name."""

    def _triggers(self) -> Iterator[Issue]:
        given = [
            k for k in ("signal", "task", "sent", "changed", "after", "at") if getattr(self, k)
        ]
        hint = "write each as an item of its own"
        for key in given[1:]:
            yield Issue(CONFLICT, f"two triggers in one: {given[0]} and {key}", hint, key=key)
        if self.outcome and not self.task:
            yield Issue(CONFLICT, "an outcome needs its task", "add task: ID", key="outcome")
        if self.label and not self.signal:
            yield Issue(
                CONFLICT, "only a signal can be a button", "a label needs a signal", key="label"
            )

    @override
    def mistakes(self) -> Iterator[Issue]:
        return self._triggers()


class When(Triggered):
    """A reaction that stays in the stage."""

    do: OneOrMany[Action]
    """What to do."""


class Exit(Triggered):
    """A way out of the stage."""

    requires: Gates = []
    """What must be there to take it."""
    set: Values = {}
    """Fields it writes."""
    do: OneOrMany[Action] = []
    """What to do on the way."""
    goto: Id
    """The next stage."""


class AnyWhen(When):
    """A reaction in several stages."""

    stages: OneOrMany[Id] = []
    """In which (by default all open ones)."""


class AnyExit(Exit):
    """A way out of several stages."""

    stages: OneOrMany[Id] = []
    """Of which (by default all open ones)."""


def _way_or_actions(value: object) -> str:
    return "<way>" if isinstance(value, Map) and "goto" in value else "<actions>"


WayOrActions = Annotated[
    Annotated[Exit, Tag("<way>")] | Annotated[OneOrMany[Action], Tag("<actions>")],
    Discriminator(_way_or_actions),
]
