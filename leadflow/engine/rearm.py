"""Deadlines under another version: each moves by as much as the new version says otherwise, from the same beginning.

The beginning is what it was: the visit's for ways and SLAs, the end of the last step for a program, the opening for a
task, the assignment for ``reassign``. What a snooze, a pause or the manager has added stays added. What neither the spec
nor the calendar says otherwise stays to the second; what has fired does not fire again; what the new version adds and
whose time has passed does not fire. A deadline that comes to lie in the past is due at once.
"""

from __future__ import annotations

from datetime import datetime

from leadflow.engine import duedates, programs
from leadflow.engine.calendar import window_next
from leadflow.engine.clock import iso, parse_iso
from leadflow.engine.clocks import arm, arm_moment, disarm, moment, plus
from leadflow.engine.draft import PIPELINE, Draft, replace
from leadflow.engine.durations import Duration
from leadflow.engine.levels import levels, stands, true
from leadflow.engine.lineage import Lineage
from leadflow.engine.outlived import MIGRATED, before_breach
from leadflow.engine.pipeline import Exit, Program, When
from leadflow.engine.refs import REASSIGN, Index
from leadflow.engine.shift import Shift
from leadflow.engine.state import Deadline, ProgramRun

NOW = Duration()


def rearm(d: Draft, old: Index, same: Lineage) -> None:
    """Brings all that is armed under the new version, and arms what it adds."""
    was = {after: before for before, after in same.items()}
    shift = Shift(d, old.pipeline)
    for ref, run in list(d.s.programs.items()):
        if run.status == "running":
            _program(shift, old, was, d.index.program(ref), run)
    for level, scope in levels(d):
        since = _began(d, scope)
        for way in level.timed:
            _way(shift, way, _old_way(old, was, way), scope, since)
        for program in level.stage.programs if level.stage is not None else ():
            if program.kind == "sla" and program.ref not in d.s.programs:
                _new_sla(d, program, scope, since)
    _no_longer_timed(d)
    duedates.move(shift)
    _reassign(shift)
    _holding(d, old, was)
    _places(d)


def _began(d: Draft, scope: str) -> datetime:
    if scope == PIPELINE:
        return parse_iso(d.s.created)
    track, _, _ = scope.removeprefix("track.").partition("/")
    run = d.s.tracks.get(track)
    return parse_iso(run.entered if run is not None else d.s.entered)


def _old_way(old: Index, was: Lineage, way: When | Exit) -> When | Exit | None:
    """The way as it was, if it was set in motion by the same kind of thing."""
    ref = was.get(way.ref, "")
    before = old.exits.get(ref) or old.whens.get(ref)
    return before if before is not None and before.trigger.kind == way.trigger.kind else None


def _way(
    shift: Shift, way: When | Exit, before: When | Exit | None, scope: str, since: datetime
) -> None:
    d, trigger = shift.d, way.trigger
    one = Deadline(
        due="",
        kind="exit" if isinstance(way, Exit) else "when",
        ref=way.ref,
        scope=scope,
        unit=trigger.after or NOW,
    )
    if before is None:
        disarm(d, way.ref)  # it may have been there, waiting for something else
    armed = way.ref in d.s.deadlines
    if before is not None and before.trigger == trigger and not shift.clock_changed:
        return
    if trigger.at is not None:
        found = moment(d, trigger.at)
        disarm(d, way.ref)
        if armed or (found is not None and found > d.now):
            arm_moment(d, way.ref, trigger.at, one)
    elif armed and before is not None:
        shift.by(way.ref, since, before.trigger.after or NOW, one.unit)
    elif before is None and (due := plus(d, since, one.unit)) > d.now:
        arm(d, way.ref, replace(one, due=iso(due)))


def _no_longer_timed(d: Draft) -> None:
    """Ways that waited for their time and wait for something else now."""
    timed = {way.ref for level, _ in levels(d) for way in level.timed}
    for key, one in list(d.s.deadlines.items()):
        if one.kind in {"exit", "when"} and key not in timed:
            disarm(d, key)
            d.note("stopped", one.ref, one.ref, one.pos, reason=MIGRATED)


def _new_sla(d: Draft, program: Program, scope: str, since: datetime) -> None:
    """Counts from the entry; one that has been missed before it was there does not begin."""
    unit = program.within or NOW
    due = plus(d, since, unit)
    if due > d.now:
        d.s.programs[program.ref] = ProgramRun(scope=scope, ended=iso(since))
        one = Deadline(due=iso(due), kind="sla", ref=program.ref, scope=scope, unit=unit)
        arm(d, program.ref, one)


def _program(shift: Shift, old: Index, was: Lineage, program: Program, run: ProgramRun) -> None:
    d, before = shift.d, old.program(program.ref)
    since = parse_iso(run.ended)
    if before_breach(d.s, program.ref):
        shift.unless_same(program.ref, since, before.within or NOW, program.within or NOW)
        return
    if run.waits_for:
        return
    step = program.steps[run.step]
    known = old.steps[was[step.ref]]
    one = d.s.deadlines.get(program.ref)
    if (known.after, known.at, before.window) == (step.after, step.at, program.window) and not (
        shift.clock_changed
    ):
        return
    if one is None or known.at is not None or step.at is not None:
        programs.arm_step(d, program)
        return
    shift.by(program.ref, since, known.after or NOW, step.after or NOW)
    one = d.s.deadlines[program.ref]
    if one.due:
        floor = max(one.due, run.not_before)
        d.s.deadlines[program.ref] = replace(one, due=_in_window(d, program, run, floor))


def _in_window(d: Draft, program: Program, run: ProgramRun, due: str) -> str:
    if program.window is None or not programs.sends(program.steps[run.step]):
        return due
    return iso(window_next(parse_iso(due), program.window, d.timezone))


def _reassign(shift: Shift) -> None:
    d = shift.d
    s, rule, before = d.s, d.pipeline.reassign, shift.old.reassign
    if rule is None:
        disarm(d, REASSIGN)
    elif before is not None:
        shift.unless_same(REASSIGN, parse_iso(s.assigned or d.at), before.after, rule.after)
    elif s.owner and s.reassigns < rule.times:
        due = plus(d, parse_iso(s.assigned), rule.after)
        if due > d.now:
            one = Deadline(
                due=iso(due), kind="reassign", ref=REASSIGN, scope=PIPELINE, unit=rule.after
            )
            arm(d, REASSIGN, one)


def _holding(d: Draft, old: Index, was: Lineage) -> None:
    """A reaction that the new version adds or words otherwise has not turned true by that: it runs when it does."""
    found = []
    for level, _ in levels(d):
        for when in level.auto_whens:
            before = old.whens.get(was.get(when.ref, ""))
            if before is not None and _asks(before) == _asks(when):
                holds = before.ref in d.s.holding
            else:
                holds = stands(d, when) and true(d, when.condition)
            if holds:
                found.append(when.ref)
    d.s.holding = tuple(found)


def _asks(when: When) -> object:
    return when.trigger, when.condition, when.stages


def _places(d: Draft) -> None:
    """Where the new version's author wrote it."""
    index, tasks, rule = d.index, d.pipeline.tasks, d.pipeline.reassign
    known = {REASSIGN: rule.pos} if rule is not None else {}
    for table in (index.exits, index.whens, index.steps, index.programs, index.actions, tasks):
        known |= {ref: node.pos for ref, node in table.items()}
    for key, one in d.s.deadlines.items():
        d.s.deadlines[key] = replace(one, pos=known.get(one.ref, one.pos))
