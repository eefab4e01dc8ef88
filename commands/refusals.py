"""Refusals in words: each reason on a line, with the command that takes it out of the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from commands.shown import act
from leadflow.engine.actions import actions_open
from leadflow.engine.decision import Refusal
from leadflow.engine.events import Actor, AnyEvent, ButtonPressed, Signal, TaskDone
from leadflow.engine.pipeline import Exit, Pipeline, When
from leadflow.engine.refs import index
from leadflow.engine.state import State
from leadflow.spec.suggest import did_you_mean

MOST_OFFERS = 6
_WORDS = frozenset({"not_expected", "not_allowed", "not_now", "closed", "bad_value"})


def lines(
    number: int,
    refusals: Sequence[Refusal],
    pipeline: Pipeline,
    state: State | None = None,
    event: AnyEvent | None = None,
) -> Iterator[str]:
    """Every reason with what to do.

    Args:
        number: of the lead, or 0 while there is none.
        refusals: the reasons.
        pipeline: that the lead runs on.
        state: where it stands; None: not known.
        event: the decision; None: not known.
    """
    items = {
        item: text for stage in pipeline.stages.values() for item, text in stage.checklist.items()
    }
    for refusal in refusals:
        if refusal.id in items:
            tick = f"leadflow lead tick {number} {refusal.id}"
            yield f"not ticked {refusal.id} ({items[refusal.id]}): {tick}"
        elif refusal.id not in _WORDS and refusal.field:
            yield _missing(number, refusal, pipeline)
        else:
            meant = _meant(refusal, pipeline, event)
            again = state is not None and bool(pipeline.stages[state.stage].reopen)
            yield refusal.message + _remedy(number, refusal, again=again) + meant
    if state is not None and any(refusal.id in {"not_expected", "not_now"} for refusal in refusals):
        yield from _open(number, pipeline, state)


def _meant(refusal: Refusal, pipeline: Pipeline, event: AnyEvent | None) -> str:
    """The signal, task or button that was probably meant, where nobody declared the one named."""
    nodes = index(pipeline)
    ways: list[Exit | When] = [*nodes.exits.values(), *nodes.whens.values()]
    match event:
        case Signal(name=name):
            known = {
                each for way in ways if way.trigger.kind == "signal" for each in way.trigger.names
            }
        case TaskDone(task=name):
            known = set(pipeline.tasks)
        case ButtonPressed(task=task, button=name) if task in pipeline.tasks:
            known = {button.label for button in pipeline.tasks[task].buttons}
        case ButtonPressed(task=name):
            known = set(pipeline.tasks)
        case _:
            return ""
    near = did_you_mean(name, sorted(known))
    unknown = refusal.id == "not_expected" and name not in known
    return f"; did you mean '{near}'?" if unknown and near else ""


def _missing(number: int, refusal: Refusal, pipeline: Pipeline) -> str:
    names = refusal.id.split("|") if refusal.field in refusal.id.split("|") else [refusal.field]
    labels = [field.label for name in names if (field := pipeline.fields.get(name))]
    commands = " or ".join(f"{name}=…" for name in names)
    return (
        f"missing {' or '.join(names)} ({', '.join(labels)}): leadflow lead set {number} {commands}"
    )


def _remedy(number: int, refusal: Refusal, *, again: bool) -> str:
    match refusal.id:
        case "closed" if again:
            return f": leadflow lead reopen {number}"
        case "not_allowed":
            return ": add --by USER with one of them"
        case _:
            return ""


def _open(number: int, pipeline: Pipeline, state: State) -> Iterator[str]:
    """What could be decided instead."""
    offers = actions_open(pipeline, state, Actor(admin=True), datetime.now(UTC))
    found = [act(number, one.kind, one.name, one.outcome) for one in offers if not one.blocked]
    if found:
        yield "open now:"
        yield from (f"  {each}" for each in found[:MOST_OFFERS])
