"""Actions: what a verb does to the state, and which effects it asks for (language.md, **action**)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from leadflow.engine import asks, owners, programs, sends, tasks, write
from leadflow.engine.asks import DONE, At
from leadflow.engine.clocks import moment, plus, snooze
from leadflow.engine.conditions import holds
from leadflow.engine.draft import Cause, Draft, Place
from leadflow.engine.pipeline import (
    Action,
    AddFields,
    AssignOwner,
    CallWebhook,
    ChangeAudience,
    CreateDocument,
    CreateTask,
    FinishTask,
    Notify,
    PinComment,
    Send,
    SetFields,
    Snooze,
    StartPipeline,
    StartProgram,
    Watch,
)
from leadflow.engine.scope import scope
from leadflow.engine.sends import Origin, Planned
from leadflow.errors import EngineError

AUTOMATIC = Origin()


def perform(d: Draft, actions: Iterable[Action], place: Place, origin: Origin = AUTOMATIC) -> None:
    """One action after the other; each sees what those before it have written."""
    for action in actions:
        perform_one(d, action, place, origin)


def perform_one(d: Draft, action: Action, place: Place, origin: Origin = AUTOMATIC) -> Planned:
    """One action, or what stands under ``else`` if it is skipped."""
    if action.once and action.node in d.s.once:
        return DONE
    if action.condition is not None and not holds(action.condition, scope(d)):
        perform(d, action.otherwise, place, origin)
        return Planned(skipped="if")
    at = Place(f"{place.keys.rpartition('/')[0]}/0", place.owner) if action.once else place
    result = _VERBS[type(action.do)](d, action, action.do, At(at, origin))
    if result.skipped:
        perform(d, action.otherwise, place, origin)
    elif action.once:
        d.s.once = (*d.s.once, action.node)
    return result


def _send(d: Draft, action: Action, do: Send, at: At) -> Planned:
    return sends.plan(d, action, do, at.place, at.origin)


def _create_task(d: Draft, action: Action, do: CreateTask, at: At) -> Planned:
    tasks.open_task(d, _task(d, do.task), at.place, action.ref)
    return DONE


def _finish_task(d: Draft, _: Action, do: FinishTask, _at: At) -> Planned:
    run = d.s.tasks.get(do.task)
    if run is not None and run.status == "open":
        if do.cancel:
            tasks.cancel(d, do.task)
        else:
            tasks.finish(d, do.task, "", "")
            d.queue.append(Cause(keys=(("task", do.task),)))  # what waits for the task hears of it
    return DONE


def _task(d: Draft, task: str) -> Any:
    found = d.pipeline.tasks.get(task)
    if found is None:
        message = f"the pipeline has no task '{task}', which one of its actions creates"
        raise EngineError(message)
    return found


def _assign_owner(d: Draft, _: Action, do: AssignOwner, _at: At) -> Planned:
    owners.assign(d, do.to, "assign")
    return DONE


def _set_fields(d: Draft, _: Action, do: SetFields, _at: At) -> Planned:
    write.assign(d, do.assigns)
    return DONE


def _add_fields(d: Draft, _: Action, do: AddFields, _at: At) -> Planned:
    write.add(d, do.amounts)
    return DONE


def _snooze(d: Draft, action: Action, do: Snooze, _: At) -> Planned:
    until, longest = moment(d, do.until), d.pipeline.snooze
    if until is None or until <= d.now or longest is None:
        d.note("skipped", action.node, action.ref, action.pos, reason="past")
        return Planned(skipped="past")
    snooze(d, min(until, plus(d, d.now, longest)))
    return DONE


def _start_program(d: Draft, _: Action, do: StartProgram, at: At) -> Planned:
    programs.start(d, d.index.program(do.program), at.place.owner)
    return DONE


_VERBS: dict[type, Callable[[Draft, Action, Any, At], Planned]] = {
    Send: _send,
    Notify: asks.notify,
    Watch: asks.watch,
    CreateTask: _create_task,
    FinishTask: _finish_task,
    CreateDocument: asks.create_document,
    AssignOwner: _assign_owner,
    SetFields: _set_fields,
    AddFields: _add_fields,
    PinComment: asks.pin,
    ChangeAudience: asks.audience,
    CallWebhook: asks.webhook,
    StartPipeline: asks.start_pipeline,
    Snooze: _snooze,
    StartProgram: _start_program,
}
