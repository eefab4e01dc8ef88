"""What a lead is busy with and a new version does not know: ended where it may end, a refusal where it may not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leadflow.engine import programs, tasks
from leadflow.engine.clocks import disarm
from leadflow.engine.decision import Refusal
from leadflow.engine.draft import Draft, fork, replace
from leadflow.engine.lineage import Lineage
from leadflow.engine.pipeline import Pipeline, Program, Step
from leadflow.engine.recall import recall
from leadflow.engine.refs import index
from leadflow.engine.state import ProgramRun, SendRun, State

MIGRATED = "migrated"
"""Why it ended, in the timeline."""


def end(d: Draft, new: Pipeline, same: Lineage) -> None:
    """Ends what the new version has no more, by the rules of the old one (``d``)."""
    _programs(d, same)
    for run in tasks.open_tasks(d.s):
        if run.id in d.pipeline.tasks and run.id not in new.tasks:
            tasks.cancel(d, run.id)
    for key, send in list(d.s.sends.items()):
        if send.status == "waiting" and send.ref not in same:
            for forgotten in recall(d, [key], MIGRATED):
                programs.ended(d, forgotten)
    _pending(d, same)
    for key, one in list(d.s.deadlines.items()):
        if one.kind in {"exit", "when"} and one.ref not in same:
            disarm(d, key)
            d.note("stopped", one.ref, one.ref, one.pos, reason=MIGRATED)


def _programs(d: Draft, same: Lineage) -> None:
    for ref in list(d.s.programs):
        if ref not in same:
            programs.stop(d, ref, MIGRATED)
            del d.s.programs[ref]


def _pending(d: Draft, same: Lineage) -> None:
    for one in d.s.pending:
        if one.ref not in same:
            d.note("stopped", one.ref, one.ref, reason=MIGRATED)
    d.s.pending = tuple(one for one in d.s.pending if one.ref in same)
    failed = d.s.tasks.get(tasks.CONVERT_FAILED)
    if failed is not None and failed.status == "open" and not any(o.failed for o in d.s.pending):
        tasks.cancel(d, tasks.CONVERT_FAILED)


def stuck(d: Draft, new: Pipeline, same: Lineage) -> Iterator[Refusal]:
    """Why what is left cannot go on under the new version."""
    for ref, run in d.s.programs.items():
        if run.status == "running" and not before_breach(d.s, ref):
            yield from _step(d.index.program(ref), index(new).program(ref), run, same)
    for send in d.s.sends.values():
        if send.ref not in same:
            yield _on_its_way(d, send)
    for task in tasks.open_tasks(d.s):
        known = new.tasks.get(task.id)
        labels = {button.label for button in known.buttons} if known is not None else set()
        if task.pressed and task.pressed not in labels:
            yield Refusal("not_now", f"what the button '{task.pressed}' sends is on its way")


def before_breach(s: State, ref: str) -> bool:
    """Whether a program is an SLA whose time is not up yet."""
    deadline = s.deadlines.get(ref)
    return deadline is not None and deadline.kind == "sla"


def _step(old: Program, new: Program, run: ProgramRun, same: Lineage) -> Iterator[Refusal]:
    node = old.steps[run.step].node
    at = position(old, new, run.step, same)
    if at is None:
        where = old.ref.partition("/")[0]
        yield Refusal("not_expected", f"'{where}' is at a step that is gone: '{node}'")
        return
    done = {same.get(step.ref) for step in old.steps[: run.step]}
    for step in new.steps[at + 1 :]:
        if step.ref in done:
            yield Refusal("not_expected", f"'{step.node}' is done, and would come again")


def _on_its_way(d: Draft, run: SendRun) -> Refusal:
    node = d.index.action(run.ref).node
    if run.status == "ambiguous":
        message = f"nobody knows yet whether '{node}' arrived, and the new version has it no more"
    else:
        message = f"'{node}' is on its way, and the new version has it no more"
    return Refusal("not_now", message)


def position(old: Program, new: Program, step: int, same: Lineage) -> int | None:
    """Where a step of the old program stands in the new one."""
    return _places(new.steps).get(same.get(old.steps[step].ref, ""))


def _places(steps: Sequence[Step]) -> dict[str, int]:
    return {step.ref: place for place, step in enumerate(steps)}


def _resumed(old: Program, new: Program, done: int, same: Lineage) -> int:
    """Behind the last of the steps that were done."""
    places = _places(new.steps)
    found = [places.get(same.get(step.ref, ""), -1) for step in old.steps[:done]]
    return max(found, default=-1) + 1


def renamed(d: Draft, new: Pipeline, same: Lineage) -> State:
    """The state, each node under the ref that the new version gives it."""
    s, now = fork(d.s), index(new)
    names = {key: same.get(key, key) for key in s.deadlines}
    s.deadlines = {
        names[key]: replace(one, ref=same.get(one.ref, one.ref)) for key, one in s.deadlines.items()
    }
    s.paused = {names[key]: rest for key, rest in s.paused.items()}
    if s.sleep is not None:
        left = {names[key]: rest for key, rest in s.sleep.left.items()}
        s.sleep = replace(s.sleep, left=left)
    s.sends = {
        key: replace(run, ref=same[run.ref], step=same.get(run.step, ""))
        for key, run in s.sends.items()
    }
    s.pending = tuple(replace(one, ref=same[one.ref]) for one in s.pending)
    s.instants = tuple(
        f"{same[ref]}@{at}"
        for ref, _, at in (one.partition("@") for one in s.instants)
        if ref in same
    )
    for ref, run in s.programs.items():
        old = d.index.program(ref)
        s.programs[ref] = replace(run, step=_now_at(d, old, now.program(ref), run, same))
    s.resumes = {
        ref: _resumed(d.index.program(ref), now.program(ref), done, same)
        for ref, done in s.resumes.items()
        if ref in same
    }
    return s


def _now_at(d: Draft, old: Program, new: Program, run: ProgramRun, same: Lineage) -> int:
    waits = run.status == "running" and not before_breach(d.s, old.ref)
    found = position(old, new, run.step, same) if waits else None
    return found if found is not None else _resumed(old, new, run.step, same)
