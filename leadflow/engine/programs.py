"""Programs: when each step is due (sequences, SLAs, what follows an overdue task, the return of a task).

Performing a step is `leadflow.engine.timers`' business; here is where a program stands. Keyed by its ref everywhere.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from hashlib import sha256
from itertools import accumulate

from leadflow.engine.calendar import window_next
from leadflow.engine.clock import iso, parse_iso
from leadflow.engine.clocks import arm, arm_moment, disarm, plus
from leadflow.engine.conditions import holds
from leadflow.engine.draft import Draft, replace
from leadflow.engine.durations import Duration
from leadflow.engine.pipeline import Action, Program, Send, Step
from leadflow.engine.recall import recall
from leadflow.engine.scope import scope
from leadflow.engine.state import Deadline, Pending, ProgramRun

NOW = Duration()


def start(d: Draft, program: Program, owner: str, step: int = 0) -> None:
    """Begins a program, anew if it ran before; an SLA begins with the time it allows."""
    last = d.s.programs.get(program.ref)
    d.s.programs[program.ref] = ProgramRun(
        scope=owner,
        step=step,
        occurrence=last.occurrence + 1 if last else 1,
        started="" if program.within else d.at,
        ended=d.at,
    )
    if step and step >= len(program.steps):  # resumed, and at its end already: nothing comes of it
        d.s.programs[program.ref] = replace(d.s.programs[program.ref], status="finished")
        return
    if program.within is None:
        arm_step(d, program)
        return
    arm(
        d,
        program.ref,
        Deadline(
            due=iso(plus(d, d.now, program.within)),
            kind="sla",
            ref=program.ref,
            scope=owner,
            unit=program.within,
            pos=program.pos,
        ),
    )


def breach(d: Draft, program: Program) -> None:
    """The SLA's time is up: its steps count from now."""
    run = replace(d.s.programs[program.ref], started=d.at, ended=d.at)
    d.s.programs[program.ref] = run
    d.note("overdue", program.ref.partition("/")[0], program.ref, program.pos)
    arm_step(d, program)


def arm_step(d: Draft, program: Program) -> None:
    """Arms the step that is next; one whose moment has passed is left out."""
    disarm(d, program.ref)
    while True:
        run = d.s.programs[program.ref]
        if run.step >= len(program.steps):
            _finish(d, program)
            return
        step = program.steps[run.step]
        if _arm(d, program, step, run):
            return
        d.note("skipped", step.node, step.ref, step.pos, reason="past")
        d.s.programs[program.ref] = replace(run, step=run.step + 1, ended=d.at)


def _arm(d: Draft, program: Program, step: Step, run: ProgramRun) -> bool:
    def shift(due: datetime) -> datetime:
        if run.not_before:
            due = max(due, parse_iso(run.not_before))
        if program.window is not None and sends(step):
            due = window_next(due, program.window, d.timezone)
        return due

    deadline = Deadline(
        due="", kind="step", ref=step.ref, scope=run.scope, unit=step.after or NOW, pos=step.pos
    )
    if step.at is not None:
        # Of an empty field nobody knows when: the program stands still until it is filled.
        return arm_moment(d, program.ref, step.at, deadline, shift) in {"armed", "empty"}
    due = shift(plus(d, parse_iso(run.ended), step.after or NOW))
    arm(d, program.ref, replace(deadline, due=iso(due)))
    return True


def sends(step: Step) -> bool:
    """Whether a step writes to the client."""
    actions = (step.action, *(variant.action for variant in step.variants))
    return any(isinstance(action.do, Send) for action in actions if action is not None)


def _finish(d: Draft, program: Program) -> None:
    run = d.s.programs[program.ref]
    d.s.programs[program.ref] = replace(run, status="finished", waits_for="")
    way = program.finished
    if way is not None and (way.condition is None or holds(way.condition, scope(d))):
        d.s.pending = (*d.s.pending, Pending(ref=way.ref, scope=run.scope, event="finished"))


def ended(d: Draft, token: str) -> None:
    """A task is done, or a send has its result: the steps that waited for it have ended."""
    for ref, run in list(d.s.programs.items()):
        if run.status == "running" and run.waits_for == token:
            advance(d, d.index.program(ref))


def advance(d: Draft, program: Program) -> None:
    """The step under way has ended; the next counts from here."""
    run = d.s.programs[program.ref]
    d.s.programs[program.ref] = replace(run, step=run.step + 1, ended=d.at, waits_for="")
    arm_step(d, program)


def stop(d: Draft, ref: str, reason: str) -> None:
    """Ends a program before its end, with what it has not handed over."""
    run = d.s.programs[ref]
    if run.status == "running":
        d.s.programs[ref] = replace(run, status="stopped")
        disarm(d, ref)
        recall(d, [key for key, send in d.s.sends.items() if send.program == ref], reason)
        d.note("stopped", ref, ref, reason=reason)


def postpone(d: Draft, program: Program, duration: Duration, until: datetime | None) -> None:
    """``postpone_when``: no step before the date the signal names, else not for so long."""
    run = d.s.programs[program.ref]
    floor = until or plus(d, d.now, duration)
    d.s.programs[program.ref] = replace(run, not_before=iso(floor))
    d.note("postponed", program.ref, program.ref, until=iso(floor))
    for key, one in list(d.s.deadlines.items()):
        send = d.s.sends.get(key)
        mine = key == program.ref or (send is not None and send.program == program.ref)
        if mine and one.due and parse_iso(one.due) < floor:
            d.s.deadlines[key] = replace(one, due=iso(_floor(d, program, key, floor)))
            if send is not None:  # how late it may be counts from there
                d.s.sends[key] = replace(send, first="", not_after="")


def _floor(d: Draft, program: Program, key: str, floor: datetime) -> datetime:
    step = program.steps[d.s.programs[program.ref].step]
    in_window = program.window is not None and (key != program.ref or sends(step))
    return window_next(floor, program.window, d.timezone) if in_window and program.window else floor


def end_scope(d: Draft, owner: str) -> None:
    """The visit ends: its programs are forgotten, but for where those with ``resume`` stood."""
    for ref in [ref for ref, run in d.s.programs.items() if run.scope == owner]:
        run = d.s.programs.pop(ref)
        if d.index.program(ref).resume:
            send = d.s.sends.get(run.waits_for)
            step = run.step + (send is not None and send.status != "waiting")
            d.s.resumes = {**d.s.resumes, ref: step}


def chosen(d: Draft, step: Step) -> Action | None:
    """What a step does: of variants one, by a hash of lead and step, in proportion to their shares."""
    if not step.variants:
        return step.action
    named = d.s.variants.get(step.node)
    for variant in step.variants:
        if variant.id == named:
            return variant.action
    bounds = list(accumulate(max(variant.share, 1) for variant in step.variants))
    digest = sha256(f"{d.s.lead}/{step.ref}".encode()).digest()
    drawn = int.from_bytes(digest[:8]) % bounds[-1]
    return step.variants[bisect_right(bounds, drawn)].action
