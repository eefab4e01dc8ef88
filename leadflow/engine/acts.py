"""Decisions about fields, signals and tasks, and the facts among the signals (language.md, **Signal**, Meaning 3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from leadflow.engine import programs, results, tasks
from leadflow.engine.birth import reopen, retry_conversion
from leadflow.engine.clock import iso
from leadflow.engine.clocks import instant
from leadflow.engine.conditions import holds
from leadflow.engine.decision import Refusal
from leadflow.engine.draft import Cause, Draft, Place, replace
from leadflow.engine.durations import Duration
from leadflow.engine.effects import TaskChanged
from leadflow.engine.events import (
    FACTS,
    ButtonPressed,
    Decision,
    FieldsSet,
    Signal,
    TaskDone,
    TaskPostponed,
    Ticked,
)
from leadflow.engine.gates import label
from leadflow.engine.natives import CONTEXT, native, plain
from leadflow.engine.people import may_do, not_allowed
from leadflow.engine.perform import perform
from leadflow.engine.pipeline import Button, Send, Task
from leadflow.engine.recall import recall
from leadflow.engine.scope import scope
from leadflow.engine.sends import ALL, Origin, address
from leadflow.engine.state import TaskRun
from leadflow.engine.step import step
from leadflow.engine.write import take


def final(d: Draft) -> bool:
    """Whether the lead is in a stage that ends it."""
    return bool(d.index.stage(d.s.stage).final)


def closed(d: Draft) -> Refusal:
    """What a lead in a final stage answers to decisions: whether there is a way back says that stage."""
    stage = d.index.stage(d.s.stage)
    back = (
        "; reopen it first" if stage.reopen else f", and '{stage.id}' is not a stage to reopen from"
    )
    return Refusal("closed", f"the lead is closed{back}")


def cause_of(event: Decision, **more: Any) -> Cause:
    """The cause of somebody's decision."""
    return Cause(
        decision=True,
        actor=event.actor,
        convert=event.convert,
        goes_to=event.goes_to,
        **more,
    )


def fields_set(d: Draft, event: FieldsSet) -> list[Refusal]:
    """An edit of the card; of a closed lead nothing follows from it."""
    if bad := take(d, event.fields):
        return bad
    for field in sorted(d.touched):
        d.note("changed", field)
    return [] if final(d) else step(d, cause_of(event))


def signal(d: Draft, event: Signal) -> list[Refusal]:
    """A decision is expected or refused; a fact nobody expects is only recorded."""
    if event.name in FACTS:
        _fact(d, event)
        return []
    if final(d):
        return [closed(d)]
    if bad := take(d, event.fields):
        return bad
    d.note("signal", event.name, data=dict(event.data))
    keys = (("signal", event.name),)
    return step(d, cause_of(event, keys=keys, name=event.name, data=event.data))


def _fact(d: Draft, event: Signal) -> None:
    bad = take(d, event.fields, only_empty=event.name == "repeated")
    left_out = {one.field: one.message for one in bad}
    d.note("signal", event.name, data=dict(event.data), left_out=dict(left_out))
    if event.name in {"unsubscribed", "complained"}:
        _opt_out(d, event.data.get("channel"))
    if event.name == "paid":
        _pay(d, event.data.get("amount"))
    d.cause = Cause(
        keys=(("signal", event.name),), actor=event.actor, name=event.name, data=event.data
    )
    if not final(d):
        step(d, d.cause)
        return
    back = d.index.stage(d.s.stage).reopen
    if back and event.name in {"replied", "repeated"}:
        reopen(d, back, decision=False)


def _opt_out(d: Draft, channel: object) -> None:
    """Nothing automatic goes by that channel any more; none named: by any (Meaning 9)."""
    name = channel if isinstance(channel, str) and channel else ALL
    d.s.opted_out = tuple(sorted({*d.s.opted_out, name}))
    keys = []
    for key, run in d.s.sends.items():
        send = d.index.send(run.ref)
        barred = send is not None and not send.service and name in {ALL, send.channel}
        if barred and not run.manual and run.status != "ambiguous":
            keys.append(key)
    for key in recall(d, keys, "opted_out"):
        programs.ended(d, key)


def _pay(d: Draft, amount: object) -> None:
    paid = native("money", d.s.paid)
    more = native("money", str(amount))
    if isinstance(paid, Decimal) and isinstance(more, Decimal):
        total = CONTEXT.add(paid, more)
        d.s.paid = plain(total) if total.is_finite() else d.s.paid


def ticked(d: Draft, event: Ticked) -> list[Refusal]:
    """Checklist items; ticks belong to the lead."""
    if final(d):
        return [closed(d)]
    known = {item for stage in d.pipeline.stages.values() for item in stage.checklist}
    unknown = [item for item in event.items if item not in known]
    if unknown:
        return [Refusal("bad_value", f"there is no checklist item '{item}'") for item in unknown]
    if bad := take(d, event.fields):
        return bad
    kept = tuple(item for item in d.s.ticks if item not in event.items)
    d.s.ticks = (*kept, *dict.fromkeys(event.items)) if event.on else kept
    d.note("ticked", on=event.on, items=list(event.items))
    return step(d, cause_of(event))


def find_task(d: Draft, name: str, event: Decision) -> tuple[TaskRun, Task] | Refusal:
    """An open task that this person may do."""
    run, task = d.s.tasks.get(name), tasks.definition(d.pipeline, name)
    if task is None:
        return Refusal("not_expected", f"there is no task '{name}'")
    if run is None or run.status != "open":
        return closed(d) if final(d) else Refusal("not_now", f"the task '{name}' is not open")
    if not may_do(task.by, event.actor, d.s, run, task.assign):
        return not_allowed(task.by, f"the task '{name}'")
    return run, task


def task_done(d: Draft, event: TaskDone) -> list[Refusal]:
    """A task is done, with its outcome; blocked, it stays open."""
    found = find_task(d, event.task, event)
    if isinstance(found, Refusal):
        return [found]
    run, task = found
    if (event.outcome or task.outcomes) and event.outcome not in task.outcomes:
        listed = ", ".join(task.outcomes) or "none: it is simply done"
        return [Refusal("bad_value", f"the outcomes of '{run.id}' are {listed}")]
    if bad := take(d, event.fields):
        return bad
    return _done(d, event, run, event.outcome)


def _done(d: Draft, event: Decision, run: TaskRun, outcome: str) -> list[Refusal]:
    tasks.finish(d, run.id, outcome, event.actor.user)
    if run.settles:
        results.settle(d, run, outcome)
        return []
    if run.id == tasks.CONVERT_FAILED:
        retry_conversion(d)
    keys = (("task", run.id),)
    return [] if final(d) else step(d, cause_of(event, keys=keys, outcome=outcome))


def button_pressed(d: Draft, event: ButtonPressed) -> list[Refusal]:
    """A task's button: its sends go together, as the manager's own; the last to go completes the task (Meaning 8)."""
    found = find_task(d, event.task, event)
    if isinstance(found, Refusal):
        return [found]
    run, task = found
    button = next((one for one in task.buttons if one.label == event.button), None)
    if button is None:
        return [Refusal("not_expected", f"the task '{run.id}' has no button '{event.button}'")]
    if run.pressed:
        return [Refusal("not_now", f"what '{run.pressed}' sends is still on its way")]
    refusals = [closed(d)] if final(d) else take(d, event.fields) or _blocked(d, event, run, button)
    return refusals or _press(d, event, run, button)


def _press(d: Draft, event: Decision, run: TaskRun, button: Button) -> list[Refusal]:
    perform(d, button.do, Place(run.scope, run.scope), Origin(manual=True, task=run.id))
    if not results.under_way(d, run.id):
        return _done(d, event, run, button.outcome)
    d.s.tasks[run.id] = replace(d.s.tasks[run.id], pressed=button.label, by=event.actor.user)
    return step(d, cause_of(event))


def _blocked(d: Draft, event: Decision, run: TaskRun, button: Button) -> list[Refusal]:
    """What keeps a button off: addresses that are missing, and gates of the way that its task's end takes."""
    see = scope(d)
    lacking: dict[str, Refusal] = {}
    for action in button.do:
        if isinstance(action.do, Send) and (
            action.condition is None or holds(action.condition, see)
        ):
            field = action.do.to
            if not address(d, action.do):
                text = f"fill in '{label(d, field)}' to send '{button.label}'"
                lacking[field] = Refusal(field, text, field, action.pos)
    trial = Draft(d.pipeline, d.s, d.now)
    for refusal in _done(trial, event, run, button.outcome):
        lacking.setdefault(refusal.id, refusal)
    return list(lacking.values())


def task_postponed(d: Draft, event: TaskPostponed) -> list[Refusal]:
    """A new due date (S29); the task's overdue steps end."""
    found = find_task(d, event.task, event)
    if isinstance(found, Refusal):
        return [found]
    run, task = found
    if task.fixed_due:
        return [Refusal("not_allowed", f"the due date of '{run.id}' is fixed")]
    due = future(d, event.due)
    if isinstance(due, Refusal):
        return [due]
    if bad := take(d, event.fields):
        return bad
    tasks.stop_overdue(d, run.id)
    tasks.arm_due(d, task, due, Duration())
    d.effects.append(TaskChanged(key=run.key, due=due, overdue=False, by=event.actor.user))
    d.note("task_postponed", run.id, due=due)
    return [] if final(d) else step(d, cause_of(event))


def future(d: Draft, text: str) -> str | Refusal:
    """An instant to come, in whole seconds."""
    at = instant(text)
    if at is None:
        return Refusal(
            "bad_value", f"'{text}' is no instant; write one like '2026-11-25T11:00:00Z'"
        )
    return iso(at) if at > d.now else Refusal("bad_value", f"'{text}' has passed")
