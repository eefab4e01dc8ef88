"""What the store's commit does, in memory; what it finds out (`leadflow.rules.findings`) comes back as facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from leadflow.engine import effects, events
from leadflow.engine.fields import Value
from leadflow.rules.documents import next_document
from leadflow.rules.findings import Findings, owners_first

if TYPE_CHECKING:
    from leadflow.simulate.world import Life


def commit(life: Life, decided: Iterable[effects.AnyEffect]) -> None:
    """Performs what a step asked for; facts and messages wait in the lead's queues."""
    work = _Commit(life)
    for effect in owners_first(decided):
        if perform := _PERFORM.get(type(effect)):
            perform(work, effect)


class _Commit(Findings):
    """One transaction's work."""

    def __init__(self, life: Life) -> None:
        super().__init__(life.pipeline, life.state, life.world.staff, life.world.registers)
        self.life = life
        self.world = life.world
        self.number = life.number

    def fact(self, event: events.AnyEvent | None) -> None:
        if event is not None:
            self.life.facts.append(event)


def _find_owner(work: _Commit, effect: effects.FindOwner) -> None:
    work.fact(work.find_owner(effect))


def _task_opened(work: _Commit, effect: effects.TaskOpened) -> None:
    work.fact(work.assignee(effect)[1])


def _pin(work: _Commit, effect: effects.Pin) -> None:
    work.life.comment = (effect.text, work.frozen(effect.frozen, effect.text).values)


def _make_document(work: _Commit, effect: effects.MakeDocument) -> None:
    world, name = work.world, effect.document
    number = next_document(work.pipeline, name, world.now, world.registers.next_number)
    work.documents[name] = number
    work.fact(events.DocumentMade(id="made", key=effect.key, document=name, number=number))


def _convert(work: _Commit, effect: effects.ConvertLead) -> None:
    created = work.records(effect)
    work.life.converted = {name: effect.fields.get(name, {}) for name in created}
    if "deal" in created and effect.pipeline:
        _begin(work, effect.key, effect.pipeline, effect.fields.get("deal", {}))
    work.fact(events.ConvertDone(id="converted", key=effect.key, created=created))


def _start_other(work: _Commit, effect: effects.StartOther) -> None:
    _begin(work, effect.key, effect.pipeline, effect.fields)


def _begin(work: _Commit, key: str, pipeline: str, fields: Mapping[str, Value]) -> None:
    """A run in another pipeline, if this world has it."""
    if (spec := work.world.specs.get(pipeline)) is not None:
        work.world.births.append((pipeline, work.begun(spec.pipeline, key, fields)))


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
    work.life.outbox.append(replace(effect, users=tuple(users), frozen=work.words(effect)))


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
