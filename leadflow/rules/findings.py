"""What one commit finds out and the engine could not know: owner, assignees, numbers, new runs and records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from leadflow.engine.conditions import evaluate
from leadflow.engine.effects import (
    ConvertLead,
    Effect,
    FindOwner,
    Frozen,
    NotifyPeople,
    TaskOpened,
)
from leadflow.engine.events import Actor, AnyEvent, Created, OwnerFound
from leadflow.engine.expr import Expr, Path
from leadflow.engine.fields import Value
from leadflow.engine.people import follows_owner
from leadflow.engine.pipeline import Assignee, People, Pipeline, Text
from leadflow.engine.scope import NOTHING, Name, Seen, lead as lead_value, names
from leadflow.engine.state import State
from leadflow.rules.staff import Roles, Staff
from leadflow.rules.turns import Found, Turns, choose

RECORDS = ("company", "contact", "deal")
"""What a conversion makes, in the order in which it is made: later ones link to earlier ones."""

_ABOUT_LEAD = Text(names=(("lead", "number"), ("owner", "name")))
"""What our own words to our own people name."""

E = TypeVar("E", bound=Effect)


class Findings:
    """As far as a commit has come: what it finds next goes by what it has found."""

    def __init__(self, pipeline: Pipeline, state: State, staff: Staff, turns: Turns) -> None:
        self.pipeline = pipeline
        self.state = state
        self.staff = staff
        self.turns = turns
        self.number = state.number
        self.owner = state.owner
        """The one this commit has found, where it has."""
        self.documents: dict[str, str] = {}
        """Document → number given by this commit."""

    @property
    def roles(self) -> Roles:
        """Whom the lead's roles mean now."""
        return Roles(self.owner, self.state.creator)

    def people(self, people: People, users: Iterable[str] = ()) -> list[str]:
        """The users that roles, teams, names and expressions mean, each once."""
        said = self._said(people.exprs) if people.exprs else ()
        return self.staff.named((*people.names, *users, *said), self.roles)

    def _said(self, exprs: Iterable[Expr]) -> Iterator[str]:
        for expr in exprs:
            value = evaluate(expr, self._see)
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, str):
                    yield item

    def _see(self, path: Path) -> Seen:
        if path[0] in {"lead", "deal"}:
            return lead_value(self.pipeline, self.state, path)
        return ("user", self.owner or None) if path == ("owner",) else NOTHING

    def find_owner(self, effect: FindOwner, answered: AnyEvent | None = None) -> OwnerFound | None:
        """The lead's responsible; from here on tasks and texts know him.

        Nothing is sought, and nobody's turn used up, for a lead that has been given to somebody meanwhile.

        Args:
            effect: what asks for him.
            answered: what it was answered when this commit was done before.
        """
        if self.state.finding != effect.key:
            return None
        fact = answered if isinstance(answered, OwnerFound) else self._sought(effect)
        self.owner = fact.owner or self.owner
        return fact

    def _sought(self, effect: FindOwner) -> OwnerFound:
        user, why = self._find(effect.to, effect.never)
        why = f"{effect.why}: {why}" if effect.why else why
        return OwnerFound(id=found_id(effect), key=effect.key, owner=user, why=why)

    def assignee(
        self, effect: TaskOpened, answered: AnyEvent | None = None
    ) -> tuple[str, OwnerFound | None]:
        """Whose a task is; what the lead has to be told, where it could not know."""
        if isinstance(answered, OwnerFound):
            return answered.owner, answered
        if follows_owner(effect.assignee):
            return self.owner, None
        user, why = self._find(effect.assignee, whose=effect.task)
        run = self.state.tasks.get(effect.task)
        if run is None or run.key != effect.key or run.assignee == user:
            return user, None
        return user, OwnerFound(id=found_id(effect), key=effect.key, owner=user, why=why)

    def _find(self, to: Assignee, never: Sequence[str] = (), whose: str = "") -> Found:
        """``whose``: a task's id; turns at tasks are counted apart from turns at leads."""
        turn = f"{self.pipeline.id}/{whose}"
        return choose(to, self.people(to.people), never, turn, self.turns)

    def begun(self, pipeline: Pipeline, key: str, fields: Mapping[str, Value]) -> Created:
        """How the lead or deal begins that an effect asks for.

        It keeps where the person came from, in which language and zone to speak, and what was consented to. The owner is
        who entered it: the new pipeline's own routing comes first.
        """
        state = self.state
        return Created(
            id=f"{key}/created",
            actor=Actor(user=self.owner, via=f"pipeline:{self.pipeline.id}"),
            fields={name: value for name, value in fields.items() if name in pipeline.fields},
            channel=state.channel,
            source=state.source,
            timezone=state.timezone,
            language=state.language,
            consent=state.consent,
            title=state.title,
        )

    def records(self, effect: ConvertLead) -> dict[str, str]:
        """What a conversion makes → the id of each, in the order in which they are made."""
        number = f"{self.state.lead.rpartition('-')[2]}-{effect.conversion}"
        return {name: f"{name}-{number}" for name in RECORDS if name in effect.create}

    def frozen(self, frozen: Frozen, *texts: Text | None) -> Frozen:
        """The values of an effect, with those that only the commit knows: owner, number, document numbers."""
        late = [name for name in names(*texts) if name.late]
        added = {name.dotted: found for name in late if (found := self._known_here(name))}
        return Frozen({**added, **frozen.values}) if added else frozen

    def words(self, effect: NotifyPeople) -> Frozen:
        """The values of a word to our own people."""
        return self.frozen(effect.frozen, effect.text, _ABOUT_LEAD)

    def _known_here(self, name: Name) -> tuple[str, Value] | None:
        if name.late == "owner":
            ours = name.dotted.removeprefix("lead.").removeprefix("deal.")
            return self.staff.values(self.owner).get(ours)
        if name.late == "number":
            return ("number", str(self.number))
        match name.path:
            case ("document", document, "number"):
                return ("text", self.documents.get(document))
            case _:
                return None


def found_id(effect: FindOwner | TaskOpened) -> str:
    """The event id of what a search found."""
    return f"{effect.key}/found"


def owners_first(effects: Iterable[E]) -> list[E]:
    """In the order decided, but that owners are found first: tasks and texts name them."""
    return sorted(effects, key=lambda one: not isinstance(one, FindOwner))
