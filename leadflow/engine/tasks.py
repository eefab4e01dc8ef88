"""Tasks: opening, finishing, their due dates (language.md, **Task**, Meaning 5 and 7)."""

from __future__ import annotations

from leadflow.engine.calendar import subtract
from leadflow.engine.clock import iso, parse_iso
from leadflow.engine.clocks import arm, disarm, moment
from leadflow.engine.draft import PIPELINE, Draft, Place, replace
from leadflow.engine.durations import Duration
from leadflow.engine.effects import Frozen, TaskChanged, TaskOpened
from leadflow.engine.moments import Moment
from leadflow.engine.people import follows_owner, known
from leadflow.engine.pipeline import Pipeline, Task, Text
from leadflow.engine.programs import ended, stop
from leadflow.engine.scope import freeze
from leadflow.engine.state import Deadline, State, TaskRun

SETTLE = "settle"
"""The built-in task: did this send arrive? Further ones at the same time are ``settle_2`` …"""
CONVERT_FAILED = "convert_failed"
"""The built-in task: why the conversion was refused."""

SETTLE_TASK = Task(
    id=SETTLE,
    title=Text(),
    outcomes={"sent": "sent", "resend": "resend", "drop": "drop"},
    keep=True,
)
FAILED_TASK = Task(id=CONVERT_FAILED, title=Text())


def definition(pipeline: Pipeline, task: str) -> Task | None:
    """The author's task, or a built-in one."""
    found = pipeline.tasks.get(task)
    if found is None and (task == SETTLE or task.startswith(f"{SETTLE}_")):
        return SETTLE_TASK
    return FAILED_TASK if found is None and task == CONVERT_FAILED else found


def open_tasks(s: State) -> list[TaskRun]:
    """What is to be done, in the order it came."""
    return [run for run in s.tasks.values() if run.status == "open"]


def open_task(d: Draft, task: Task, place: Place, node: str = "", **about: str) -> None:
    """Opens a task; does nothing while it is open (Meaning 5).

    ``about``: why (``about``, ``settles``, ``reason``), of a built-in task.
    """
    last = d.s.tasks.get(task.id)
    if last is not None and last.status == "open":
        return
    owner = PIPELINE if task.keep else place.owner
    user = None if follows_owner(task.assign) else known(d, task.assign)
    run = TaskRun(
        id=task.id,
        key=d.key(place.keys, f"create_task:{task.id}"),
        scope=owner,
        count=last.count + 1 if last is not None and last.scope == owner else 1,
        opened=d.at,
        assignee=user or "",
        settles=about.get("settles", ""),
    )
    d.s.tasks.pop(task.id, None)  # comes last again
    d.s.tasks[task.id] = run
    if task.due is not None:
        set_due(d, task, task.due)
    d.effects.append(
        TaskOpened(
            key=run.key,
            ref=node,
            pos=task.pos,
            task=task.id,
            assignee=task.assign,
            due=d.s.tasks[task.id].due,
            title=task.title,
            body=task.body,
            video=task.video,
            frozen=_frozen(d, task, about),
            about=about.get("about", ""),
            settles=run.settles,
        )
    )
    d.note("task_opened", task.id, node, task.pos, due=d.s.tasks[task.id].due)


def _frozen(d: Draft, task: Task, about: dict[str, str]) -> Frozen:
    if "reason" in about:
        return Frozen({"reason": ("text", about["reason"])})
    return freeze(d, task.title, task.body)


def set_due(d: Draft, task: Task, due: Moment) -> None:
    """A due date from now on, or off while its field is empty; one that has passed is overdue at once (Meaning 7)."""
    found = moment(d, due)
    unit = due.offset if due.offset is not None and not due.field else Duration()
    arm_due(d, task, iso(found) if found else "", unit, follows=bool(due.field))


def arm_due(d: Draft, task: Task, due: str, unit: Duration, *, follows: bool = False) -> None:
    """Arms an open task's due date and its reminder; a closed lead's tasks have a date, and nothing more."""
    run = d.s.tasks[task.id]
    d.s.tasks[task.id] = replace(run, due=due, overdue=False)
    disarm(d, f"task.{task.id}@due")
    disarm(d, f"task.{task.id}@remind")
    if not due or d.index.stage(d.s.stage).final:
        return
    deadline = Deadline(
        due=max(due, d.at),
        kind="due",
        ref=task.id,
        scope=run.scope,
        unit=unit,
        moment=follows,
        pos=task.pos,
    )
    if task.remind is not None and due > d.at:
        p = d.pipeline
        before = iso(subtract(parse_iso(due), task.remind, p.calendar, p.timezone))
        if before > d.at:
            arm(d, f"task.{task.id}@remind", replace(deadline, kind="remind", due=before))
    arm(d, f"task.{task.id}@due", deadline)


def finish(d: Draft, task: str, outcome: str, by: str) -> None:
    """Done, by a person or by an action."""
    _close(d, replace(d.s.tasks[task], status="done", outcome=outcome, by=by))
    d.note("task_done", task, outcome=outcome)


def cancel(d: Draft, task: str) -> None:
    """Not to be done any more."""
    _close(d, replace(d.s.tasks[task], status="cancelled"))
    d.note("task_cancelled", task)


def _close(d: Draft, run: TaskRun) -> None:
    run = replace(run, pressed="")
    d.s.tasks[run.id] = run
    disarm(d, f"task.{run.id}@due")
    disarm(d, f"task.{run.id}@remind")
    stop_overdue(d, run.id)
    d.effects.append(
        TaskChanged(
            key=run.key,
            status="done" if run.status == "done" else "cancelled",
            outcome=run.outcome,
            by=run.by,
        )
    )
    ended(d, run.id)


def stop_overdue(d: Draft, task: str) -> None:
    """What followed from its being overdue ends."""
    known_task = d.pipeline.tasks.get(task)
    program = known_task.overdue if known_task is not None else None
    if program is not None and program.ref in d.s.programs:
        stop(d, program.ref, "task")
        del d.s.programs[program.ref]


def hand_over(d: Draft) -> None:
    """A task of the owner follows the owner."""
    for run in open_tasks(d.s):
        task = definition(d.pipeline, run.id)
        if task is not None and follows_owner(task.assign):
            d.effects.append(TaskChanged(key=run.key, assignee=d.s.owner))
