"""What falls due (language.md, Meaning 6 to 10): one step a deadline, in the order of time, then of the file."""

from __future__ import annotations

from leadflow.engine import asks, owners, programs
from leadflow.engine.clock import iso
from leadflow.engine.clocks import disarm, instant
from leadflow.engine.decision import Refusal
from leadflow.engine.draft import NOTHING, Cause, Draft, Place, replace
from leadflow.engine.effects import EraseLead, NotifyPeople, TaskChanged
from leadflow.engine.events import Timer
from leadflow.engine.levels import stands, true
from leadflow.engine.perform import perform_one
from leadflow.engine.pipeline import CreateTask, People, Program, Task
from leadflow.engine.refs import reassign
from leadflow.engine.results import ended
from leadflow.engine.sends import Origin, release
from leadflow.engine.state import Deadline
from leadflow.engine.step import facts, step, wake_up
from leadflow.errors import EngineError

MOST_STEPS = 1000
"""Deadlines of one tick; more would never come to an end."""


def timer(d: Draft, event: Timer) -> list[Refusal]:
    """Everything due at or before the event's instant, one step each."""
    at = instant(event.due)
    limit = iso(at) if at is not None else ""
    found = _earliest(d, limit)
    if found is None:
        return [Refusal("not_expected", "nothing is due")]
    for count in range(MOST_STEPS):
        if count:
            d.next_step()
        _fire(d, *found)
        facts(d)
        found = _earliest(d, limit)
        if found is None:
            return []
    message = f"the deadlines of one instant do not come to an end, the last '{found[0]}'"
    raise EngineError(message)


def _earliest(d: Draft, limit: str) -> tuple[str, Deadline] | None:
    if d.s.converting is not None:
        return None
    due = [(key, one) for key, one in d.s.deadlines.items() if "" < one.due <= limit]
    return min(due, key=lambda item: (item[1].due, d.index.rank(item[1].ref)), default=None)


def _fire(d: Draft, key: str, deadline: Deadline) -> None:
    d.note("due", deadline.kind, deadline.ref, deadline.pos)
    d.since = min(instant(deadline.due) or d.now, d.now)
    if deadline.instant:
        d.s.instants = (*d.s.instants, f"{deadline.ref}@{deadline.instant}")
    match deadline.kind:
        case "exit" | "when":
            disarm(d, key)
            _way(d, deadline)
        case "step":
            _step(d, d.index.program(key))
        case "send":
            _send(d, key)
        case "erase":
            disarm(d, key)
            _erase(d)
        case "snooze":
            wake_up(d)
            step(d, NOTHING)
        case _:
            disarm(d, key)
            _rest(d, key, deadline)
            step(d, NOTHING)


def _rest(d: Draft, key: str, deadline: Deadline) -> None:
    match deadline.kind:
        case "sla":
            programs.breach(d, d.index.program(key))
        case "due":
            _overdue(d, deadline.ref)
        case "remind":
            _remind(d, deadline.ref)
        case _:
            _reassign(d)


def _way(d: Draft, deadline: Deadline) -> None:
    """A pipeline's way whose time comes while the lead is in no stage of its own does not fire."""
    ref = deadline.ref
    way = d.index.exits.get(ref) or d.index.whens[ref]
    step(d, Cause(keys=(("timer", ref),)) if stands(d, way) else NOTHING)


def _step(d: Draft, program: Program) -> None:
    disarm(d, program.ref)
    run = d.s.programs[program.ref]
    now = program.steps[run.step]
    action = programs.chosen(d, now)
    if action is None:
        message = f"the step '{now.ref}' has nothing to do"
        raise EngineError(message)
    d.s.programs[program.ref] = replace(run, waits_for=now.ref)
    origin = Origin(program=program.ref, step=now.ref)
    result = perform_one(d, action, Place(run.scope, run.scope), origin)
    present = d.s.programs.get(program.ref)
    if present is not None and present.status == "running" and present.waits_for == now.ref:
        waits = result.key
        if now.wait and not result.skipped and isinstance(action.do, CreateTask):
            waits = action.do.task
        if waits:
            d.s.programs[program.ref] = replace(present, waits_for=waits)
        else:
            programs.advance(d, program)
    step(d, NOTHING)


def _send(d: Draft, key: str) -> None:
    """A waiting message is asked again; what may not go any more ends here."""
    disarm(d, key)
    reason = release(d, key)
    if reason:
        ended(d, key, "skipped", reason)


def _overdue(d: Draft, task: str) -> None:
    run = d.s.tasks[task]
    d.s.tasks[task] = replace(run, overdue=True)
    d.effects.append(TaskChanged(key=run.key, overdue=True))
    known = d.pipeline.tasks[task]
    d.note("overdue", task, pos=known.pos)
    if known.overdue is not None:
        programs.start(d, known.overdue, run.scope)


def _remind(d: Draft, task: str) -> None:
    run = d.s.tasks[task]
    known = d.pipeline.tasks[task]
    d.effects.append(
        NotifyPeople(
            key=d.key(run.scope, f"remind:{task}"),
            pos=known.pos,
            scope=run.scope,
            to=_assignee(known),
            users=(run.assignee,) if run.assignee else (),
            about="remind",
            task=task,
            if_unsure="resend",
        )
    )


def _assignee(task: Task) -> People:
    return People(names=task.assign.people.names if task.assign.how == "person" else ())


def _reassign(d: Draft) -> None:
    rule = reassign(d.pipeline)
    if not true(d, rule.condition):
        return
    d.s.reassigns += 1
    owners.hand_on(d, rule)


def _erase(d: Draft) -> None:
    asks.leave_audiences(d)
    d.s.erased, d.s.fields, d.s.title, d.s.pinned = d.at, {}, "", ""
    d.effects.append(EraseLead(key=d.key("pipeline/0", "erase")))
    d.note("erased")
