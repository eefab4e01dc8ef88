"""What the world answers: effects that ended, owners found, numbers, documents (`leadflow.engine.effects`)."""

from __future__ import annotations

from typing import Literal

from leadflow.engine import owners, programs, tasks
from leadflow.engine.clocks import disarm, instant
from leadflow.engine.decision import NoteKind
from leadflow.engine.draft import NOTHING, Cause, Draft, Place, replace
from leadflow.engine.effects import SettleSend
from leadflow.engine.events import DocumentMade, EffectDone, Numbered, OwnerFound
from leadflow.engine.perform import perform
from leadflow.engine.refs import Key
from leadflow.engine.sends import TELL_OWNER, subject, tell_owner, wait
from leadflow.engine.state import SendRun, TaskRun
from leadflow.engine.step import step


def effect_done(d: Draft, event: EffectDone) -> None:
    """An outside effect ended, or a person settled it at the outbox."""
    key = _key(d, event.key)
    run = d.s.sends.get(key)
    if run is None:
        d.note("recorded", event.result, key=event.key, reason=event.reason)
        _nobody_waits(d, event)
        return
    if event.result == "postponed":
        _postponed(d, key, run, event)
    elif event.result == "ambiguous":
        _ambiguous(d, key, run, event)
    else:
        _answered(d, key, event)
        ended(d, key, event.result, event.reason)


def _nobody_waits(d: Draft, event: EffectDone) -> None:
    """The engine's own words to our people: what nobody can be sure of is asked about all the same."""
    effect, _, last = event.key.rpartition("/")
    key = (
        event.key if last.isdigit() else effect
    )  # the row of one recipient among several ends in the user
    if event.result != "ambiguous":
        _answered(d, event.key, event)
    elif not any(_asked(one, key) for one in d.s.tasks.values()):
        _ask(d, key, "", "pipeline/0", event.reason)


def _asked(task: TaskRun, key: str) -> bool:
    """Whether somebody is asked about it, or has said what it is: then the same doubt, told once more, is old."""
    return task.settles == key and not (task.status == "done" and task.outcome == "resend")


def _answered(d: Draft, key: str, event: EffectDone) -> None:
    """Whoever was asked about it need not find out any more."""
    for task in [one.id for one in tasks.open_tasks(d.s) if one.settles == key]:
        tasks.finish(d, task, "", event.actor.user)


def _postponed(d: Draft, key: str, run: SendRun, event: EffectDone) -> None:
    """The hand-over found quiet hours, window or snooze: once more then, unless it has been called back meanwhile."""
    if run.recalled:
        ended(d, key, "dropped", "")
    elif run.status == "out" and d.index.send(run.ref) is not None:
        wait(d, key, max(instant(event.at) or d.now, d.now))


def _key(d: Draft, key: str) -> str:
    """The ledger's key of one recipient among several ends in the user; the engine knows the effect's."""
    return key if key in d.s.sends else key.rpartition("/")[0]


def _ambiguous(d: Draft, key: str, run: SendRun, event: EffectDone) -> None:
    """Nobody can know whether it arrived: neither sent nor failed until it is settled; a sequence goes on."""
    if run.status == "ambiguous":
        return
    d.s.sends[key] = replace(run, status="ambiguous")
    disarm(d, key)
    _ask(d, key, run.ref, run.scope, event.reason)
    d.note("ambiguous", d.index.action(run.ref).node, run.ref, key=key)
    programs.ended(d, key)
    step(d, NOTHING)


def _ask(d: Draft, key: str, ref: str, scope: str, reason: str) -> None:
    taken = {one.id for one in tasks.open_tasks(d.s)}
    number = 1
    while (task := tasks.SETTLE if number == 1 else f"{tasks.SETTLE}_{number}") in taken:
        number += 1
    definition = replace(tasks.SETTLE_TASK, id=task)
    place = Place("pipeline/0", scope)
    tasks.open_task(d, definition, place, ref, settles=key, about="settle", reason=reason)


def settle(d: Draft, run: TaskRun, outcome: str) -> None:
    """A person says what became of an ambiguous send."""
    key = run.settles
    verdict = _VERDICTS.get(outcome, "drop")
    d.effects.append(SettleSend(key=key, verdict=verdict))
    d.note("settled", outcome, key=key)
    if key not in d.s.sends:  # words of the engine's own
        return
    if verdict == "resend":
        d.s.sends[key] = replace(d.s.sends[key], status="out")
        step(d, NOTHING)
        return
    ended(d, key, "accepted" if verdict == "sent" else "dropped", "")


def ended(d: Draft, key: str, result: str, reason: str) -> None:
    """A send has its result, and with it a step of its own."""
    run = d.s.sends.pop(key)
    disarm(d, key)
    action, send = d.index.action(run.ref), d.index.send(run.ref)
    name = subject(send, action) if send is not None else action.node
    d.note(_NOTED[result], name, run.ref, action.pos, key=key, reason=reason)
    programs.ended(d, key)
    if reason in TELL_OWNER:
        tell_owner(d, action, reason)
    if d.index.stage(d.s.stage).final:
        return
    keys: list[Key] = []
    cause = NOTHING
    if result == "accepted":
        outcome = _button(d, run, keys)
        if d.alive(run.scope) and send is not None:
            keys += [("sent", one) for one in (name, *send.attach)]
        cause = Cause(keys=tuple(keys), outcome=outcome)
    else:
        cause = _failed(d, run, result, reason)
    step(d, cause)


_NOTED: dict[str, NoteKind] = {
    "accepted": "sent",
    "refused": "refused",
    "skipped": "skipped",
    "dropped": "stopped",
}
_VERDICTS: dict[str, Literal["sent", "resend", "drop"]] = {"sent": "sent", "resend": "resend"}
"""Outcome of the task `settle` → what the ledger is told; any other drops the message."""


def _button(d: Draft, run: SendRun, keys: list[Key]) -> str:
    """The last of a button's sends completes its task, in the step of its `sent`; the outcome."""
    task = d.s.tasks.get(run.task)
    if task is None or not task.pressed or under_way(d, run.task):
        return ""
    known = d.pipeline.tasks[task.id]
    button = next(button for button in known.buttons if button.label == task.pressed)
    tasks.finish(d, task.id, button.outcome, task.by)
    keys.append(("task", task.id))
    return button.outcome


def under_way(d: Draft, task: str) -> bool:
    """Whether messages of the task's button have no result yet."""
    sends = d.s.sends.values()
    return any(one.task == task and d.index.send(one.ref) is not None for one in sends)


def _failed(d: Draft, run: SendRun, result: str, reason: str) -> Cause:
    action, send = d.index.action(run.ref), d.index.send(run.ref)
    task = d.s.tasks.get(run.task)
    if task is not None and task.pressed:
        d.s.tasks[run.task] = replace(task, pressed="")
    if result != "dropped" and d.alive(run.scope):
        perform(d, action.otherwise, Place(run.scope, run.scope))
    if result != "refused" or send is None:
        return NOTHING
    data = {"template": send.body.template, "channel": send.channel, "reason": reason}
    return Cause(keys=(("signal", "send_failed"),), name="send_failed", data=dict(data))


def owner_found(d: Draft, event: OwnerFound) -> None:
    """The commit found the lead's owner, or a task's assignee. An answer that came too late is only recorded."""
    if event.key == d.s.finding:
        owners.found(d, event.owner, event.why)
    else:
        task = next((run for run in d.s.tasks.values() if run.key == event.key), None)
        if task is None:
            d.note("recorded", "owner_found", key=event.key)
            return
        d.s.tasks[task.id] = replace(task, assignee=event.owner)
    step(d, NOTHING)


def numbered(d: Draft, event: Numbered) -> None:
    """The lead has its number."""
    d.s.number = event.number


def document_made(d: Draft, event: DocumentMade) -> None:
    """A document has its number."""
    d.s.documents = {**d.s.documents, event.document: event.number}
    d.note("document", event.document, number=event.number)
    step(d, NOTHING)
