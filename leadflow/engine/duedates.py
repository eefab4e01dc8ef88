"""Due dates of open tasks under another version of the pipeline, and whose they are (`leadflow.engine.rearm`)."""

from __future__ import annotations

from datetime import datetime

from leadflow.engine import tasks
from leadflow.engine.clock import CalendarError, iso, parse_iso
from leadflow.engine.clocks import disarm
from leadflow.engine.draft import replace
from leadflow.engine.durations import Duration
from leadflow.engine.effects import TaskChanged
from leadflow.engine.moments import Moment, resolve
from leadflow.engine.people import follows_owner
from leadflow.engine.pipeline import Pipeline, Task
from leadflow.engine.scope import moment_value
from leadflow.engine.shift import Shift
from leadflow.engine.state import State, TaskRun


def move(shift: Shift) -> None:
    """Every open task of the author's."""
    for run in tasks.open_tasks(shift.d.s):
        before, task = shift.old.tasks.get(run.id), shift.d.pipeline.tasks.get(run.id)
        if before is not None and task is not None:
            _assignee(shift, run, before, task)
            same = (before.due, before.remind) == (task.due, task.remind)
            if not run.overdue and (shift.clock_changed or not same):
                _move(shift, run, before, task)


def _assignee(shift: Shift, run: TaskRun, before: Task, task: Task) -> None:
    """Whoever has it keeps it; one that follows the owner from now on becomes his."""
    s = shift.d.s
    followed, follows = follows_owner(before.assign), follows_owner(task.assign)
    if followed and not follows:
        s.tasks[run.id] = replace(run, assignee=s.owner)
    elif follows and not followed:
        s.tasks[run.id] = replace(run, assignee="")
        shift.d.effects.append(TaskChanged(key=run.key, assignee=s.owner))


def _move(shift: Shift, run: TaskRun, before: Task, task: Task) -> None:
    d, key, reminder = shift.d, f"task.{run.id}@due", f"task.{run.id}@remind"
    armed = d.s.deadlines.get(key)
    reminded = before.remind is not None and reminder not in d.s.deadlines
    if armed is None:
        found = _resolved(d.pipeline, task.due, run, d.s)
        if found is None or found <= d.now:  # what it adds and has passed does not fire
            return
        due, by_hand = iso(found), False
    else:
        by_hand = not armed.moment and armed.unit == Duration()
        found = shift.stands(key) if by_hand else _due(shift, key, run, before, task)
        due = iso(found) if found is not None else ""
    follows = not by_hand and task.due is not None and task.due.field != ""
    counts = task.due.offset if task.due is not None and not (by_hand or follows) else None
    tasks.arm_due(d, task, due, counts or Duration(), follows=follows)
    if reminded:
        disarm(d, reminder)
    if due != run.due:
        d.effects.append(TaskChanged(key=run.key, due=due, overdue=False))


def _due(shift: Shift, key: str, run: TaskRun, before: Task, task: Task) -> datetime | None:
    """By the new version; what a snooze has added to a span from the opening stays added."""
    now = _resolved(shift.d.pipeline, task.due, run, shift.d.s)
    was = _resolved(shift.old, before.due, run, shift.d.s)
    if now is None or was is None or shift.d.s.deadlines[key].moment or _follows(task):
        return now
    return shift.stands(key) + (now - was)


def _follows(task: Task) -> bool:
    return task.due is not None and task.due.field != ""


def _resolved(pipeline: Pipeline, due: Moment | None, run: TaskRun, s: State) -> datetime | None:
    """What a due date means for a task that was opened when it was."""
    if due is None:
        return None
    since, value = parse_iso(run.opened), moment_value(s, due.field)
    try:
        found = resolve(due, since, value, pipeline.calendar, pipeline.timezone)
    except CalendarError:  # a date out of reach is none, as everywhere
        return None
    return found and found.replace(microsecond=0)
