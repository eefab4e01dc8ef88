"""What a step puts in order before it ends: moments follow their fields, SLAs are met or paused (Meaning 7 and 10)."""

from __future__ import annotations

from leadflow.engine import programs, tasks
from leadflow.engine.clocks import disarm, moment, pause, resume
from leadflow.engine.draft import Draft, replace
from leadflow.engine.effects import TaskChanged
from leadflow.engine.levels import levels, true
from leadflow.engine.owners import watch_reassign
from leadflow.engine.recall import recall
from leadflow.engine.sends import wait
from leadflow.engine.state import ProgramRun
from leadflow.engine.visits import arm_way
from leadflow.engine.write import changed


def upkeep(d: Draft) -> None:
    """All of it; cheap where nothing of the kind has happened."""
    fields = d.index.followed.intersection(changed(d)) if d.touched else frozenset()
    if fields:
        _ways(d, fields)
        _due_dates(d, fields)
        _steps(d, fields)
        _waiting(d, fields)
    for ref, run in list(d.s.programs.items()):
        if run.status == "running":
            _sla(d, ref, run)
    watch_reassign(d)


def _ways(d: Draft, fields: frozenset[str]) -> None:
    """Changed, moved; cleared, off (Meaning 7)."""
    for level, scope in levels(d):
        for way in level.timed:
            at = way.trigger.at
            if at is not None and at.field in fields:
                disarm(d, way.ref)
                arm_way(d, way, scope)


def _due_dates(d: Draft, fields: frozenset[str]) -> None:
    for run in tasks.open_tasks(d.s):
        task = d.pipeline.tasks.get(run.id)
        if task is None or task.due is None or task.due.field not in fields:
            continue
        tasks.stop_overdue(d, run.id)
        tasks.set_due(d, task, task.due)
        due = d.s.tasks[run.id].due
        if due != run.due:
            d.effects.append(TaskChanged(key=run.key, due=due, overdue=False))


def _steps(d: Draft, fields: frozenset[str]) -> None:
    for ref, run in list(d.s.programs.items()):
        program = d.index.program(ref)
        if run.status != "running" or run.waits_for or _before_breach(d, ref):
            continue
        at = program.steps[run.step].at
        if at is not None and at.field in fields:
            programs.arm_step(d, program)


def _before_breach(d: Draft, ref: str) -> bool:
    deadline = d.s.deadlines.get(ref)
    return deadline is not None and deadline.kind == "sla"


def _waiting(d: Draft, fields: frozenset[str]) -> None:
    """A send that still waits moves along with the field its step counts from; that of a reaction comes anew."""
    for key, run in list(d.s.sends.items()):
        at = d.index.moments.get(run.ref)
        if run.status != "waiting" or at is None or at.field not in fields:
            continue
        instant = moment(d, at)
        if instant is None:
            recall(d, [key], "cleared")
            programs.ended(d, key)
            continue
        d.s.sends[key] = replace(run, first="", not_after="")  # the field's new instant ends it
        if instant > d.now:
            if run.step:
                wait(d, key, instant)
            else:
                recall(d, [key], "moved")


def _sla(d: Draft, ref: str, run: ProgramRun) -> None:
    program = d.index.program(ref)
    if program.until is not None and true(d, program.until):
        d.s.programs[ref] = replace(run, status="finished")
        disarm(d, ref)
        d.note("stopped", ref, ref, program.pos, reason="met")
    elif program.pause_while is not None:
        (pause if true(d, program.pause_while) else resume)(d, ref)
