"""A lead in a terminal: its card, what it waits for, what has happened to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from commands.console import say
from commands.shown import at, commands, note, stands, value
from leadflow.engine.pipeline import Pipeline
from leadflow.engine.why import Wait, Why
from leadflow.store.leads import LeadRow, Moment
from leadflow.store.outbox import OutboxRow
from leadflow.store.published import Version
from leadflow.store.todo import TaskRow


def say_card(
    row: LeadRow,
    version: Version,
    tasks: Sequence[TaskRow],
    messages: Sequence[OutboxRow],
    timezone: str,
) -> None:
    """Stage, fields, open tasks, messages; what is empty is left out. ``version``: that the lead runs on."""
    pipeline = version.pipeline
    say(f"lead {row.number}: {row.title or '—'}")
    facts = {
        "pipeline": f"{row.pipeline}, version {version.number} ({row.hash[:12]})"
        + ("" if version.newest else ", not the newest"),
        "stage": f"{stands(pipeline, row.stage)} since {at(row.entered, timezone)}",
        "closed": row.closed and f"{row.closed}, {at(row.closed_at, timezone)}",
        "owner": row.owner,
        "source": row.source,
        "created": at(row.created, timezone),
        "next deadline": at(row.next_deadline, timezone),
        "snoozed until": at(row.snoozed_until, timezone),
        "quarantined": row.quarantined,
        "ticked": ", ".join(row.ticks),
        "id": row.id,
    }
    _rows("", ((name, told) for name, told in facts.items() if told))
    filled = [field for field in pipeline.fields.values() if field.id in row.fields]
    shown = {field.id: value(field, row.fields[field.id], pipeline, timezone) for field in filled}
    _rows("fields", ((field.id, f"{field.label}: {shown[field.id]}") for field in filled))
    _rows("tasks", ((task.task, f"{task.title}{_due(task, timezone)}") for task in tasks))
    _rows("messages", ((_name(one), _sent(one, timezone)) for one in reversed(messages)))
    if row.pinned:
        say("pinned")
        say("  " + row.pinned.strip().replace("\n", "\n  "))


def _due(task: TaskRow, timezone: str) -> str:
    late = ", overdue" if task.overdue else ""
    return f" (due {at(task.due, timezone)}{late})" if task.due else ""


def _name(message: OutboxRow) -> str:
    return message.template or message.kind


def _sent(message: OutboxRow, timezone: str) -> str:
    told = message.delivery_code or message.reason
    reason = f": {told}" if told else ""
    when = at(message.delivered or message.finished, timezone)
    return f"{message.channel} {message.delivery or message.state} {when}{reason}"


def _rows(heading: str, rows: Iterable[tuple[str, str]]) -> None:
    lines = [f"  {name:<14} {told}".rstrip() for name, told in rows]
    if lines and heading:
        say(heading)
    for line in lines:
        say(line)


def say_why(row: LeadRow, pipeline: Pipeline, found: Why) -> None:
    """Each thing a lead waits for: the line that says so, what does not hold yet, what would move it on."""
    say(f"lead {row.number} waits in {stands(pipeline, row.stage)}")
    for wait in found.waits:
        _say_wait(row.number, wait, pipeline)
    if found.closest:
        say("the shortest way on:")
        for command in commands(row.number, found.closest, pipeline):
            say(f"  {command}")


def _say_wait(number: int, wait: Wait, pipeline: Pipeline) -> None:
    to = f" → {wait.goto}" if wait.goto else ""
    due = f", {at(wait.due, pipeline.timezone)}" if wait.due else ""
    say(f"  {wait.kind}: {wait.label or wait.subject}{to}{due}{_from(wait.pos)}")
    for line in wait.proof:
        say(f"      not yet: {line}")
    for steps in wait.unblock[:1]:
        for command in commands(number, steps, pipeline):
            say(f"      {command}")


def say_history(moments: Sequence[Moment], timezone: str) -> None:
    """The timeline, the oldest first."""
    for moment in moments:
        who = " ".join(part for part in (moment.actor, moment.via) if part) or "—"
        say(f"{at(moment.at, timezone)}  {moment.kind}  {who}")
        for line in moment.notes:
            say(f"    {note(line, timezone)}{_from(line.pos)}")
    if not moments:
        say("Nothing has happened yet.")


def _from(pos: str) -> str:
    """``specs/permits.yaml:41`` beside what stands there."""
    return f"   [{pos.rpartition(':')[0]}]" if pos else ""
