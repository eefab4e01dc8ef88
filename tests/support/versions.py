"""Later versions of a random pipeline: something is gone, something is new, something is said otherwise.

Made by dice and not by Hypothesis: a version has a hundred places where it may differ, and each draw costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from msgspec.structs import replace

from leadflow.engine import pipeline as ir
from leadflow.engine.calendar import Calendar
from leadflow.engine.durations import Duration
from leadflow.engine.fields import Field
from leadflow.engine.moments import Moment
from tests.support.nodes import FIELDS, OWNER

SHORT = Calendar(timezone="Europe/Moscow", opens=600, closes=960, closed=("2026-11-24",))
SPANS = (Duration(seconds=600), Duration(days=1), Duration(days=2, working=True), Duration(days=9))
MOMENTS = (
    Moment(field="visit"),
    Moment(field="visit", offset=Duration(days=2), before=True),
    Moment(offset=Duration(days=1), clock=600),
    Moment(offset=Duration(days=3)),
)
BORIS = ir.Assignee(people=ir.People(names=("boris",)))
OTHER_FIELDS = (
    FIELDS,
    {**FIELDS, "client": replace(FIELDS["client"], options={"p": "Person"})},
    {**FIELDS, "more": Field("more", "text", "More", default="so")},
)


def later(spec: ir.Pipeline, spare: ir.Pipeline, seed: int) -> ir.Pipeline:
    """A version that an author might publish next.

    Args:
        spec: the present one.
        spare: another random pipeline: what is new is taken from it.
        seed: of the dice.
    """
    return _Author(spare, Random(seed)).revise(spec)  # noqa: S311 - dice, no secret


def renumbered(spec: ir.Pipeline) -> ir.Pipeline:
    """The same, said in other places of the file."""
    return _Author(spec, None).revise(spec)


class _Author:
    """Refs count places anew, as the compiler's do: none is one of the old version's."""

    def __init__(self, spare: ir.Pipeline, dice: Random | None) -> None:
        self.spare = spare
        self.dice = dice
        self.count = 0

    def revise(self, spec: ir.Pipeline) -> ir.Pipeline:
        gone = self.pick(["", "", "", "c", "won"])
        stages = {key: self.stage(one) for key, one in spec.stages.items() if key != gone}
        changed = replace(
            spec,
            hash="later",
            stages=stages,
            tasks={key: self.task(one) for key, one in spec.tasks.items()},
            fields=self.pick([spec.fields, *OTHER_FIELDS]),
            whens=self.ways(spec.whens, self.spare.whens),
            exits=self.ways(spec.exits, ()),
            reassign=self.pick([spec.reassign, spec.reassign, None, self.spare.reassign]),
            calendar=self.pick([spec.calendar] * 3 + [SHORT]),
        )
        return _reachable(changed)

    def ref(self, kind: str) -> str:
        self.count += 1
        return f"later/{kind}/{self.count}"

    def chance(self, of: int) -> bool:
        return self.dice is not None and self.dice.randrange(of) == 0

    def pick(self, parts: Sequence[Any]) -> Any:
        """The first is how it is now."""
        return self.dice.choice(parts) if self.dice is not None else parts[0]

    def some(self, parts: Sequence[Any]) -> list[Any]:
        """Most of them, now and then in another order."""
        kept = [one for one in parts if not self.chance(10)]
        return kept[::-1] if self.chance(5) else kept

    def ways(self, parts: Sequence[Any], new: Sequence[Any]) -> tuple[Any, ...]:
        added = [self.pick(new)] if new and self.chance(3) else []
        return tuple(self.way(one) for one in [*added, *self.some(parts)])

    def way(self, way: Any) -> Any:
        trigger = way.trigger
        if trigger.kind == "after" and self.chance(2):
            trigger = replace(trigger, after=self.pick(SPANS))
        elif trigger.kind == "at" and self.chance(2):
            trigger = replace(trigger, at=self.pick(MOMENTS))
        elif trigger.kind in {"after", "at"} and self.chance(5):
            trigger = ir.Trigger(kind="signal", names=("go",))
        ref = self.ref("way")
        condition = (
            None if way.condition and trigger.kind != "auto" and self.chance(5) else way.condition
        )
        do = self.actions(way.do)
        return replace(way, ref=ref, id=ref, trigger=trigger, do=do, condition=condition)

    def actions(self, actions: Sequence[ir.Action]) -> tuple[ir.Action, ...]:
        return tuple(self.action(one) for one in self.some(actions))

    def action(self, action: ir.Action) -> ir.Action:
        return replace(action, ref=self.ref("do"), otherwise=self.actions(action.otherwise))

    def program(self, program: ir.Program) -> ir.Program:
        steps = tuple(self.step(step) for step in self.some(program.steps) or program.steps)
        finished = self.way(program.finished) if program.finished else None
        within = program.within and self.pick([program.within, *SPANS])
        return replace(program, steps=steps, within=within, finished=finished)

    def step(self, step: ir.Step) -> ir.Step:
        after, at = step.after, step.at
        if self.chance(2):
            after, at = self.pick([(one, None) for one in SPANS] + [(None, MOMENTS[0])])
        inner = step.action and self.action(step.action)
        variants = tuple(replace(one, action=self.action(one.action)) for one in step.variants)
        ref = self.ref("step")
        return replace(step, ref=ref, action=inner, variants=variants, after=after, at=at)

    def stage(self, stage: ir.Stage) -> ir.Stage:
        if stage.final:
            return replace(stage, on_enter=self.actions(stage.on_enter))
        new = self.spare.stages.get(stage.id, stage)
        again, others = stage.programs[:1], self.some(stage.programs[1:])
        slas = [one for one in new.programs if one.kind == "sla"]
        if slas and not any(one.kind == "sla" for one in stage.programs):
            others.append(replace(slas[0], ref=self.ref("sla")))
        return replace(
            stage,
            on_enter=self.actions(stage.on_enter),
            on_leave=self.actions(stage.on_leave),
            whens=self.ways(stage.whens, new.whens),
            exits=self.ways(stage.exits, new.exits),
            programs=tuple(self.program(one) for one in (*again, *others)),
        )

    def task(self, task: ir.Task) -> ir.Task:
        return replace(
            task,
            due=self.pick([task.due, task.due, None, *MOMENTS]),
            remind=self.pick([task.remind, task.remind, None, Duration(seconds=1800)]),
            assign=self.pick([task.assign, task.assign, BORIS, ir.Assignee(people=OWNER)]),
            buttons=tuple(replace(one, do=self.actions(one.do)) for one in task.buttons),
            overdue=task.overdue and self.program(task.overdue),
        )


def _reachable(spec: ir.Pipeline) -> ir.Pipeline:
    """Without ways into stages that are gone: the checks refuse those."""

    def there(ways: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(way for way in ways if way.goto in spec.stages)

    def kept(stage: ir.Stage) -> ir.Stage:
        programs = tuple(
            replace(one, finished=one.finished if one.finished and there([one.finished]) else None)
            for one in stage.programs
        )
        reopen = stage.reopen if stage.reopen in spec.stages else ""
        return replace(stage, exits=there(stage.exits), programs=programs, reopen=reopen)

    stages = {key: kept(stage) for key, stage in spec.stages.items()}
    return replace(spec, stages=stages, exits=there(spec.exits))
