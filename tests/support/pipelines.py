"""Random pipelines, built as IR: three open stages, one with a track, two final ones, and all that may stand in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from leadflow.engine import pipeline as ir
from leadflow.engine.calendar import Calendar
from leadflow.engine.durations import Duration
from tests.support.nodes import (
    FIELDS,
    INNER,
    ITEMS,
    OWNER,
    STAGES,
    SURE,
    TASKS,
    assignees,
    assigns,
    conditions,
    durations,
    gates,
    is_set,
    maybe_condition,
    moments,
    triggers,
    verbs,
)


class Names:
    """Refs, each once."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, kind: str) -> str:
        self.count += 1
        return f"{kind}/{self.count}"


Draw = Callable[[SearchStrategy[Any]], Any]


def action(draw: Draw, name: Names, depth: int = 0) -> ir.Action:
    do = draw(verbs)
    otherwise = (action(draw, name, 1),) if depth == 0 and draw(st.integers(0, 5)) == 0 else ()
    return ir.Action(
        ref=name("do"),
        node=type(do).__name__.lower(),
        do=do,
        condition=draw(maybe_condition),
        once=draw(st.integers(0, 6)) == 0,
        otherwise=otherwise,
    )


def some_actions(draw: Draw, name: Names, most: int = 2) -> tuple[ir.Action, ...]:
    return tuple(action(draw, name) for _ in range(draw(st.integers(0, most))))


def always_done(name: Names, stage_id: str) -> tuple[ir.Action, ...]:
    """So that every visit owns something to end with it."""
    do = SURE.get(stage_id)
    return (ir.Action(ref=name("do"), node="sure", do=do),) if do is not None else ()


def exit_to(
    draw: Draw, name: Names, targets: tuple[str, ...], stages: tuple[str, ...] = ()
) -> ir.Exit:
    trigger = draw(triggers)
    ref = name("exit")
    # Without trigger, condition and wait a way would be a loop too often.
    condition = draw(conditions) if trigger.kind == "auto" else draw(maybe_condition)
    return ir.Exit(
        ref=ref,
        id=ref,
        trigger=trigger,
        goto=draw(st.sampled_from(targets)),
        condition=condition,
        label=draw(st.sampled_from(["", "Label"])),
        requires=draw(gates),
        set=draw(assigns),
        do=some_actions(draw, name, 1),
        stages=stages,
    )


def when(draw: Draw, name: Names) -> ir.When:
    ref = name("when")
    return ir.When(
        ref=ref,
        id=ref,
        trigger=draw(triggers),
        condition=draw(maybe_condition),
        label=draw(st.sampled_from(["", "Label"])),
        do=some_actions(draw, name),
    )


def program(draw: Draw, name: Names, kind: Any, ref: str = "") -> ir.Program:
    steps = []
    for _ in range(draw(st.integers(1, 3))):
        step_ref = name("step")
        at = draw(st.none() | moments)
        inner = action(draw, name)
        split = draw(st.integers(0, 4)) == 0
        steps.append(
            ir.Step(
                ref=step_ref,
                node=step_ref,
                action=None if split else inner,
                variants=(ir.Variant(id="v", share=1, action=inner),) if split else (),
                after=None if at else draw(durations),
                at=at,
                wait=draw(st.booleans()),
            )
        )
    sequence, sla = kind == "sequence", kind == "sla"
    return ir.Program(
        ref=ref or name(kind),
        kind=kind,
        steps=tuple(steps),
        within=draw(durations) if sla else None,
        until=draw(maybe_condition) if sla else None,
        pause_while=draw(maybe_condition) if sla else None,
        stop_when=("replied",) if sequence and draw(st.booleans()) else (),
        postpone_when={"out_of_office": Duration(days=7)} if sequence else {},
        window=WINDOW if sequence and draw(st.booleans()) else None,
        resume=sequence and draw(st.booleans()),
        finished=exit_to(draw, name, STAGES) if sequence and draw(st.booleans()) else None,
    )


WINDOW = Calendar(timezone="Europe/Moscow", days=(0, 1, 2, 3, 4), opens=600, closes=720)


def stage(
    draw: Draw, name: Names, stage_id: str, targets: tuple[str, ...], **more: Any
) -> ir.Stage:
    return ir.Stage(
        id=stage_id,
        title=stage_id,
        enter=draw(gates),
        leave=draw(gates),
        checklist={item: item for item in ITEMS},
        on_enter=(*some_actions(draw, name), *always_done(name, stage_id)),
        on_leave=some_actions(draw, name, 1),
        whens=tuple(when(draw, name) for _ in range(draw(st.integers(0, 2)))),
        exits=tuple(exit_to(draw, name, targets) for _ in range(draw(st.integers(1, 4)))),
        **more,
    )


def task(draw: Draw, name: Names, task_id: str) -> ir.Task:
    outcome = draw(st.sampled_from(["", "good"]))
    return ir.Task(
        id=task_id,
        title=ir.Text(source="x", names=(("lead", "note"),)),
        due=draw(st.none() | moments),
        assign=draw(st.just(ir.Assignee(people=OWNER)) | assignees),
        outcomes={"good": "Good", "bad": "Bad"} if outcome else {},
        buttons=(ir.Button(label="Send", do=some_actions(draw, name), outcome=outcome),),
        overdue=program(draw, name, "overdue") if draw(st.booleans()) else None,
        remind=draw(st.none() | durations),
        keep=draw(st.booleans()),
    )


@st.composite
def pipelines(draw: DrawFn) -> ir.Pipeline:
    """A pipeline of three open stages, one with a track, and two final ones."""
    name = Names()
    again = program(draw, name, "again", "again")
    stages = {
        one: stage(
            draw,
            name,
            one,
            STAGES,
            programs=(again, *(program(draw, name, kind) for kind in draw(_KINDS))),
            tracks=(ir.Track(id="t", title="t", stages=INNER),) if one == "b" else (),
        )
        for one in STAGES[:3]
    }
    for inner in INNER:
        final = "success" if inner == "t.end" else ""
        stages[inner] = stage(draw, name, inner, INNER, track="t", parent="b", final=final)
    stages["won"] = ir.Stage(
        id="won",
        title="won",
        final="success",
        on_enter=some_actions(draw, name),
        convert=draw(_CONVERT),
        reopen=draw(st.sampled_from(["", "a"])),
    )
    stages["lost"] = ir.Stage(
        id="lost",
        title="lost",
        final="failure",
        enter=draw(gates),
        always=draw(st.booleans()),
        reopen=draw(st.sampled_from(["", "b"])),
        erase_after=draw(st.none() | st.just(Duration(days=30))),
    )
    return ir.Pipeline(
        id="random",
        title="Random",
        fields=FIELDS,
        stages=stages,
        calendar=Calendar(timezone="Europe/Moscow", opens=540, closes=1140),
        quiet_hours=draw(st.sampled_from([None, (1200, 540)])),
        consent=draw(st.sampled_from(["opt_out", "opt_out", "opt_in"])),
        tasks={one: task(draw, name, one) for one in TASKS},
        routing=(ir.Rule(to=draw(assignees), condition=draw(maybe_condition)),),
        reassign=draw(_REASSIGN),
        whens=tuple(when(draw, name) for _ in range(draw(st.integers(0, 1)))),
        exits=tuple(
            exit_to(draw, name, STAGES, draw(st.sampled_from([(), ("a",)])))
            for _ in range(draw(st.integers(0, 1)))
        ),
    )


_KINDS = st.sampled_from([(), ("sequence",), ("sla",), ("sequence", "sla")])
_CONVERT = st.sampled_from(
    [
        (),
        (
            ir.Conversion(create=("contact", "deal"), condition=is_set("note")),
            ir.Conversion(create=("deal",)),
        ),
    ]
)
_REASSIGN = st.none() | st.builds(
    ir.Reassign,
    after=durations.filter(lambda d: d != Duration()),
    to=assignees,
    condition=maybe_condition,
    notify=st.none() | st.just(OWNER),
)
