"""What the store's commit does, in memory: owners, numbers, documents, conversions; its answers are facts.

The same order as there: owners first, because tasks and texts name them; then the effects as they were decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from leadflow.engine import effects, events
from leadflow.engine.clock import wall, zone
from leadflow.engine.conditions import evaluate
from leadflow.engine.effects import Frozen
from leadflow.engine.expr import Path
from leadflow.engine.fields import Value
from leadflow.engine.people import follows_owner
from leadflow.engine.pipeline import Assignee, People, Text
from leadflow.engine.scope import NOTHING, Seen, lead as lead_value
from leadflow.simulate.staff import Found, Roles

if TYPE_CHECKING:
    from leadflow.simulate.world import Life

RECORDS = ("company", "contact", "deal")
"""In the order in which they are made."""
_ABOUT_LEAD = Text(names=(("lead", "number"), ("owner", "name")))
"""What our own words to our own people name."""


def commit(life: Life, decided: Iterable[effects.AnyEffect]) -> None:
    """Performs what a step asked for; facts and messages wait in the lead's queues."""
    work = _Commit(life)
    done = [(effect, _PERFORM[type(effect)]) for effect in decided if type(effect) in _PERFORM]
    for first in (True, False):
        for effect, perform in done:
            if (perform is _find_owner) is first:
                perform(work, effect)


class _Commit:
    """One transaction's work."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.world = life.world
        self.state = life.state
        self.owner = life.state.owner
        """The one this commit has found, where it has."""
        self.documents: dict[str, str] = {}

    def fact(self, event: events.AnyEvent) -> None:
        self.life.facts.append(event)

    def people(self, people: People, users: Iterable[str] = ()) -> list[str]:
        """The users that roles, teams, names and expressions mean, each once."""
        values = (evaluate(expr, self._see) for expr in people.exprs)
        named = [
            item for value in values for item in (value if isinstance(value, list) else [value])
        ]
        names = (*people.names, *users, *(name for name in named if isinstance(name, str)))
        return self.world.staff.named(names, Roles(self.owner, self.state.creator))

    def _see(self, path: Path) -> Seen:
        if path[0] in {"lead", "deal"}:
            return lead_value(self.life.pipeline, self.state, path)
        return ("user", self.owner or None) if path == ("owner",) else NOTHING

    def find(self, to: Assignee, never: Iterable[str] = (), whose: str = "") -> Found:
        world, turn = self.world, f"{self.life.pipeline.id}/{whose}"
        return world.staff.find(to, self.people(to.people), turn, never, world.open.__getitem__)

    def frozen(self, frozen: Frozen, *texts: Text | None) -> Frozen:
        """The values of an effect, with those that only the commit knows."""
        names = {path for text in texts if text is not None for path in text.names}
        added = {".".join(path): found for path in names if (found := self._known_here(path))}
        return Frozen({**added, **frozen.values}) if added else frozen

    def _known_here(self, path: tuple[str, ...]) -> tuple[str, Value] | None:
        if path[0] in {"lead", "deal"} and path[1:2] == ("owner",):
            path = path[1:]
        match path:
            case ("owner", *_):
                return self.world.staff.values(self.owner).get(".".join(path))
            case ("lead" | "deal", "number"):
                return ("number", str(self.life.number))
            case ("document", document, "number"):
                return ("text", self.documents.get(document))
            case _:
                return None


def _find_owner(work: _Commit, effect: effects.FindOwner) -> None:
    found = work.find(effect.to, effect.never)
    work.owner = found.user or work.owner
    why = f"{effect.why}: {found.why}" if effect.why else found.why
    work.fact(events.OwnerFound(id="found", key=effect.key, owner=found.user, why=why))


def _task_opened(work: _Commit, effect: effects.TaskOpened) -> None:
    """An assignee that only the commit knows is told to the lead."""
    run = work.state.tasks.get(effect.task)
    if follows_owner(effect.assignee) or run is None or run.key != effect.key:
        return
    user, why = work.find(effect.assignee, whose=effect.task)
    if run.assignee != user:
        work.fact(events.OwnerFound(id="found", key=effect.key, owner=user, why=why))


def _pin(work: _Commit, effect: effects.Pin) -> None:
    work.life.comment = (effect.text, work.frozen(effect.frozen, effect.text).values)


def _make_document(work: _Commit, effect: effects.MakeDocument) -> None:
    pipeline = work.life.pipeline
    today = wall(work.world.now, zone(pipeline.timezone)).date()
    document = pipeline.documents[effect.document]
    number = work.world.numbers.document(pipeline.id, document, today)
    work.documents[document.id] = number
    made = events.DocumentMade(id="made", key=effect.key, document=document.id, number=number)
    work.fact(made)


def _convert(work: _Commit, effect: effects.ConvertLead) -> None:
    number = f"{work.state.lead.rpartition('-')[2]}-{effect.conversion}"
    created = {name: f"{name}-{number}" for name in RECORDS if name in effect.create}
    work.life.converted = {name: effect.fields.get(name, {}) for name in created}
    if "deal" in created and effect.pipeline:
        _begin(work, effect.pipeline, effect.fields.get("deal", {}))
    work.fact(events.ConvertDone(id="converted", key=effect.key, created=created))


def _start_other(work: _Commit, effect: effects.StartOther) -> None:
    _begin(work, effect.pipeline, effect.fields)


def _begin(work: _Commit, pipeline: str, fields: dict[str, Value]) -> None:
    """A run in another pipeline, if this world has it: keeps where the person came from and how to speak to him."""
    spec, state = work.world.specs.get(pipeline), work.state
    if spec is None:
        return
    created = events.Created(
        id="created",
        actor=events.Actor(user=work.owner, via=f"pipeline:{work.life.pipeline.id}"),
        fields={name: value for name, value in fields.items() if name in spec.pipeline.fields},
        channel=state.channel,
        source=state.source,
        timezone=state.timezone,
        language=state.language,
        consent=state.consent,
        title=state.title,
    )
    work.world.births.append((pipeline, created))


def _cancel(work: _Commit, effect: effects.CancelSends) -> None:
    """What has not been handed over never will be."""
    keys = set(effect.keys)
    life, world = work.life, work.world
    waiting = [*(one for of, one in world.held if of is life), *life.outbox]
    world.held = [(of, one) for of, one in world.held if of is not life or one.key not in keys]
    life.outbox = type(life.outbox)(one for one in life.outbox if one.key not in keys)
    for one in waiting:
        if one.key in keys:
            work.fact(
                events.EffectDone(id="stopped", key=one.key, result="skipped", reason=effect.reason)
            )


def _settle(work: _Commit, effect: effects.SettleSend) -> None:
    """The same bytes go again; the other verdicts are the engine's own business."""
    if effect.verdict == "resend":
        work.life.outbox.append(work.life.handed[effect.key])


def _message(work: _Commit, effect: effects.SendMessage) -> None:
    texts = [effect.body, effect.subject]
    work.life.outbox.append(replace(effect, frozen=work.frozen(effect.frozen, *texts)))


def _notify(work: _Commit, effect: effects.NotifyPeople) -> None:
    users = work.people(effect.to, effect.users)
    if not users and effect.task:  # its assignee, found by an earlier commit or by none
        run = work.state.tasks.get(effect.task)
        users = [run.assignee] if run is not None and run.assignee else []
    frozen = work.frozen(effect.frozen, effect.text, _ABOUT_LEAD)
    work.life.outbox.append(replace(effect, users=tuple(users), frozen=frozen))


def _plain(work: _Commit, effect: effects.PostWebhook | effects.AudienceChange) -> None:
    work.life.outbox.append(effect)


_PERFORM: dict[type, Callable[[_Commit, Any], None]] = {
    effects.FindOwner: _find_owner,
    effects.TaskOpened: _task_opened,
    effects.Pin: _pin,
    effects.MakeDocument: _make_document,
    effects.ConvertLead: _convert,
    effects.StartOther: _start_other,
    effects.CancelSends: _cancel,
    effects.SettleSend: _settle,
    effects.SendMessage: _message,
    effects.NotifyPeople: _notify,
    effects.PostWebhook: _plain,
    effects.AudienceChange: _plain,
}
"""OwnerChanged, TaskChanged, WatchChanged, EraseLead: the state says it already."""
