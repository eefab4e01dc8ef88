"""What a person can decide on now, and what is off with the reasons: the board's buttons (Meaning 3, X04: one door)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

import msgspec

from leadflow.engine import events
from leadflow.engine.decide import decide
from leadflow.engine.decision import Refusal
from leadflow.engine.draft import Draft
from leadflow.engine.levels import levels, stands
from leadflow.engine.pipeline import Exit, Pipeline, When
from leadflow.engine.state import State
from leadflow.engine.tasks import definition, open_tasks


class OpenAction(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One decision. ``blocked``: why it is off; the same answer `leadflow.engine.decide` would give."""

    kind: Literal["signal", "task", "button", "move", "reopen", "wake"]
    name: str
    """Signal, task or stage."""
    label: str = ""
    outcome: str = ""
    """Of a task; of a button its label."""
    goto: str = ""
    pos: str = ""
    blocked: tuple[Refusal, ...] = ()


def actions_open(
    pipeline: Pipeline, state: State, actor: events.Actor, now: datetime
) -> list[OpenAction]:
    """All that the pipeline offers this person now, in the order of the file."""
    d = Draft(pipeline, state, now)
    offers = (*_signals(d), *_tasks(d), *_moves(d), *_others(d))
    return [
        msgspec.structs.replace(
            offer,
            blocked=decide(
                pipeline, state, msgspec.structs.replace(event, actor=actor), now
            ).refusals,
        )
        for offer, event in offers
    ]


Offer = tuple[OpenAction, events.AnyEvent]


def _signals(d: Draft) -> Iterator[Offer]:
    """Signals that are decisions, each once: with a label a button, else for the API."""
    offered: set[str] = set()
    for level, _ in levels(d):
        ways: list[Exit | When] = [*level.exits.ways, *level.whens.ways]
        for way in ways:
            if way.trigger.kind != "signal" or not stands(d, way):
                continue
            for name in way.trigger.names:
                if name not in events.FACTS and name not in offered:
                    offered.add(name)
                    goto = way.goto if isinstance(way, Exit) else ""
                    yield (
                        OpenAction(
                            kind="signal", name=name, label=way.label, goto=goto, pos=way.pos
                        ),
                        events.Signal(id="", name=name),
                    )


def _tasks(d: Draft) -> Iterator[Offer]:
    for run in open_tasks(d.s):
        task = definition(d.pipeline, run.id)
        if task is None:
            continue
        for outcome, label in (task.outcomes or {"": ""}).items():
            yield (
                OpenAction(kind="task", name=run.id, label=label, outcome=outcome, pos=task.pos),
                events.TaskDone(id="", task=run.id, outcome=outcome),
            )
        for button in task.buttons:
            label = button.label
            yield (
                OpenAction(kind="button", name=run.id, label=label, outcome=label, pos=button.pos),
                events.ButtonPressed(id="", task=run.id, button=label),
            )


def _moves(d: Draft) -> Iterator[Offer]:
    """Stages that take a lead from anywhere."""
    if levels(d):
        for stage in d.pipeline.stages.values():
            if stage.always and stage.id != d.s.stage:
                yield (
                    OpenAction(
                        kind="move", name=stage.id, label=stage.title, goto=stage.id, pos=stage.pos
                    ),
                    events.Moved(id="", stage=stage.id),
                )


def _others(d: Draft) -> Iterator[Offer]:
    stage = d.pipeline.stages.get(d.s.stage)
    if stage is not None and stage.final and stage.reopen:
        action = OpenAction(kind="reopen", name=stage.id, goto=stage.reopen, pos=stage.pos)
        yield action, events.Reopened(id="")
    if d.s.sleep is not None:
        yield OpenAction(kind="wake", name="wake"), events.Woken(id="")
