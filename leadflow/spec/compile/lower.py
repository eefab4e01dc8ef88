"""Stage features lowered to programs and guarded reactions: sequence, SLA, overdue steps, attempts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from leadflow.engine import pipeline as ir
from leadflow.engine.durations import Duration
from leadflow.engine.expr import And, Expr
from leadflow.spec.compile.actions import action, actions, distinct, guarded, perform
from leadflow.spec.compile.draft import Draft
from leadflow.spec.compile.time import window
from leadflow.spec.compile.ways import way_at_end
from leadflow.spec.conditions import parse_condition
from leadflow.spec.schema import stages as source
from leadflow.spec.schema.actions import Step, Variant
from leadflow.spec.schema.base import Spot
from leadflow.spec.schema.ways import Exit


def steps(draft: Draft, parts: Sequence[Step], ref: str) -> tuple[ir.Step, ...]:
    """The steps of a program."""
    made = tuple(
        _step(draft, part, f"{ref}/{part.id or index}", index) for index, part in enumerate(parts)
    )
    distinct(draft, [(step.node, part) for step, part in zip(made, parts, strict=True)])
    return made


def _step(draft: Draft, part: Step, ref: str, index: int) -> ir.Step:
    act = action(draft, part, f"{ref}/do") if part.verbs else None
    node = act.node if act else str(part.id or f"step:{index}")
    return ir.Step(
        ref=ref,
        node=node,
        action=act,
        variants=tuple(_variant(draft, variant, part, ref, node) for variant in part.variants),
        after=part.after,
        at=draft.moment(part.at),
        wait=part.wait,
        pos=draft.node(ref, part.spot),
    )


def _variant(draft: Draft, part: Variant, step: Step, ref: str, node: str) -> ir.Variant:
    """A branch; what stands beside the step's variants counts for each of them."""
    ref = f"{ref}/{part.id}"
    do, _ = perform(draft, part, ref)
    act = guarded(draft, do, part, step, ref, f"{node}:{part.id}")
    return ir.Variant(id=str(part.id), share=part.share, action=act)


def overdue(draft: Draft, parts: Sequence[Step], ref: str, spot: Spot) -> ir.Program | None:
    """What happens when a task is not done in time."""
    if not parts:
        return None
    return ir.Program(
        ref=ref, kind="overdue", steps=steps(draft, parts, ref), pos=draft.node(ref, spot)
    )


def sequence(draft: Draft, part: source.Sequence, stage: str) -> ir.Program:
    """Touches in time, from entering the stage on."""
    ref = f"{stage}/sequence"
    return ir.Program(
        ref=ref,
        kind="sequence",
        steps=steps(draft, part.steps, ref),
        stop_when=draft.name_all("signal", part.stop_when),
        postpone_when={
            draft.name("signal", name): span for name, span in part.postpone_when.items()
        },
        window=window(draft, part.window) if part.window else None,
        resume=part.resume,
        finished=way_at_end(draft, part.finished, f"{ref}/finished") if part.finished else None,
        pos=draft.node(ref, part.spot),
    )


def sla(draft: Draft, part: source.Sla, stage: str) -> ir.Program:
    """How long the stage may last."""
    ref = f"{stage}/sla"
    return ir.Program(
        ref=ref,
        kind="sla",
        steps=steps(draft, part.overdue, ref),
        within=part.within,
        until=draft.condition(part.until, ref, "until"),
        pause_while=draft.condition(part.pause_while, ref, "pause_while"),
        pos=draft.node(ref, part.spot),
    )


class Tries(NamedTuple):
    """What ``attempts`` are lowered to."""

    whens: list[ir.When]
    exits: list[ir.Exit]
    programs: list[ir.Program]


def tries(draft: Draft, part: source.Attempts, stage: str) -> Tries:
    """``attempts``: reactions that bring the task back, and what follows the last attempt.

    The n-th attempt has ``task.ID.count`` n (the times the task came in its visit). The outcome of the n-th starts a
    program that creates the task again after the n-th time of ``again``, the last of which repeats; with the outcome of
    attempt ``times`` there is the way out instead.
    """
    ref = f"{stage}/attempts"
    pos = draft.node(ref, part.spot)
    task = draft.name("task", part.task)
    outcome = draft.name("outcome", part.outcome, task)
    done = ir.Trigger(kind="task", names=(task,), outcomes=(outcome,))
    count = f"task.{task}.count"
    ended = parse_condition(f"{count} >= {part.times}")
    made = Tries([], [], [])
    spans = part.again[: part.times - 1]
    for nth, span in enumerate(spans, 1):
        last = nth == len(spans)
        counted = f"{count} < {part.times}" if last else f"{count} == {nth}"
        if last and nth > 1:
            counted = f"{count} >= {nth} and {counted}"
        made.programs.append(_comes_back(task, span, f"{ref}/{nth}", pos))
        start = ir.Action(
            ref=f"{ref}/when/{nth}/do/0",
            node=f"try_again:{task}:{nth}",
            do=ir.StartProgram(program=f"{ref}/{nth}"),
            pos=pos,
        )
        made.whens.append(
            _reaction(f"{ref}/when/{nth}", done, parse_condition(counted), (start,), pos)
        )
    if isinstance(part.exhausted, Exit):
        way = way_at_end(draft, part.exhausted, f"{ref}/exhausted")
        both = And((ended, way.condition)) if way.condition else ended
        made.exits.append(msgspec.structs.replace(way, trigger=done, condition=both))
    else:
        do = actions(draft, part.exhausted, f"{ref}/exhausted/do")
        made.whens.append(_reaction(f"{ref}/exhausted", done, ended, do, pos))
    return made


def _comes_back(task: str, span: Duration, ref: str, pos: str) -> ir.Program:
    act = ir.Action(
        ref=f"{ref}/0/do", node=f"create_task:{task}", do=ir.CreateTask(task=task), pos=pos
    )
    step = ir.Step(ref=f"{ref}/0", node=act.node, action=act, after=span, pos=pos)
    return ir.Program(ref=ref, kind="again", steps=(step,), pos=pos)


def _reaction(
    ref: str, trigger: ir.Trigger, condition: Expr, do: tuple[ir.Action, ...], pos: str
) -> ir.When:
    return ir.When(ref=ref, id=ref, trigger=trigger, condition=condition, do=do, pos=pos)
