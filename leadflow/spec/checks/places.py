"""Where actions stand and where tasks can be open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from leadflow.engine.pipeline import (
    Action,
    CreateTask,
    Exit,
    Pipeline,
    Program,
    Step,
    When,
)
from leadflow.spec.checks.ways import Graph, closure
from leadflow.spec.checks.writes import Facts, set_by


@dataclass(frozen=True, slots=True)
class Act:
    """An action and what leads to it."""

    action: Action
    kind: Literal["enter", "leave", "when", "exit", "step", "button", "overdue"]
    stages: tuple[str, ...] = ()
    """The stages it belongs to (of an exit: those left); none for what belongs to a task."""
    before: Facts = frozenset()
    """The fields that the actions before it in its list have filled."""
    when: When | None = None
    way: Exit | None = None
    program: Program | None = None
    step: Step | None = None
    task: str = ""

    @property
    def manual(self) -> bool:
        """Whether a person does it, by a button."""
        return self.kind == "button" or bool(self.when and self.when.label)

    @property
    def wide(self) -> bool:
        """Whether it belongs to the whole pipeline's own ways."""
        return self.when is not None and self.when.ref.startswith("*/")

    @property
    def again(self) -> bool:
        """Whether it brings back a task that was there before (`attempts`)."""
        return bool(self.program and self.program.kind == "again")


def acts(graph: Graph) -> Iterator[Act]:
    """All actions of a pipeline."""
    for name, stage in graph.stages.items():
        yield from _list(stage.on_enter, Act(_NONE, "enter", (name,)))
        yield from _list(stage.on_leave, Act(_NONE, "leave", (name,)))
        for when in stage.whens:
            yield from _list(when.do, Act(_NONE, "when", (name,), when=when))
        for exit_ in graph.exits(stage):
            yield from _list(exit_.do, Act(_NONE, "exit", (name,), way=exit_))
        for program in stage.programs:
            yield from _steps(program, Act(_NONE, "step", (name,), program=program))
    yield from _of_tasks(graph.pipeline)
    for when in graph.pipeline.whens:
        yield from _list(when.do, Act(_NONE, "when", graph.standing(when), when=when))
    for exit_ in graph.pipeline.exits:
        yield from _list(exit_.do, Act(_NONE, "exit", graph.standing(exit_), way=exit_))


_NONE = Action(ref="", node="", do=CreateTask(task=""))
"""Stands in for the action of an `Act` that is still to be filled in."""


def _of_tasks(pipeline: Pipeline) -> Iterator[Act]:
    for name, task in pipeline.tasks.items():
        for button in task.buttons:
            yield from _list(button.do, Act(_NONE, "button", task=name))
        if task.overdue:
            yield from _steps(task.overdue, Act(_NONE, "overdue", task=name, program=task.overdue))


def _list(actions: Sequence[Action], around: Act) -> Iterator[Act]:
    before = around.before
    for action in actions:
        yield replace(around, action=action, before=before)
        yield from _list(action.otherwise, replace(around, before=before))
        if filled := set_by(action):
            before |= filled


def _steps(program: Program, around: Act) -> Iterator[Act]:
    for step in program.steps:
        of_step = replace(around, step=step)
        yield from _list([step.action] if step.action else (), of_step)
        for variant in step.variants:
            yield from _list([variant.action], of_step)


def homes(graph: Graph, found: Sequence[Act]) -> Mapping[str, frozenset[str]]:
    """Task → the pipeline's stages (not a track's) in which it can be open.

    A task made by `on_leave` or by an exit's `do` belongs to the next visit (Meaning 4); one that is kept stays open in
    all stages that can follow.
    """
    made: defaultdict[str, set[str]] = defaultdict(set)
    inherited: defaultdict[str, set[str]] = defaultdict(set)
    """Task → tasks whose buttons or steps create it."""
    for act in found:
        if isinstance(act.action.do, CreateTask) and not act.again:
            task = act.action.do.task
            made[task] |= _begun_in(graph, act)
            if act.task:
                inherited[task].add(act.task)
    return {
        task: frozenset(
            _kept(
                graph,
                task,
                {
                    home
                    for other in closure([task], lambda name: inherited[name])
                    for home in _kept(graph, other, made[other])
                },
            )
        )
        for task in list(made)
    }


def _begun_in(graph: Graph, act: Act) -> set[str]:
    stages: set[str] = set(act.stages)
    if act.kind == "exit" and act.way:
        stages = {act.way.goto} & graph.stages.keys()
    elif act.kind == "leave":
        ways = {way.target for stage in act.stages for way in graph.ways[stage]}
        stages = ways | set(graph.always)
    return {graph.whole(stage) for stage in stages}


def _kept(graph: Graph, task: str, stages: set[str]) -> set[str]:
    known = graph.pipeline.tasks.get(task)
    if known is None or not known.keep:
        return stages
    return {graph.whole(later) for later in graph.reached(*stages)}
