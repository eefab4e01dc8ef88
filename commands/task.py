"""Verbs about tasks: ``task list done press postpone``."""

from __future__ import annotations

from typing import Annotated

import typer

from commands.console import say_json, say_table
from commands.inputs import GoesTo, Into, Lead, Pairs, goes_to, moment, pairs, records
from commands.options import By, Json, example, group
from leadflow.engine import events

app = group("Shows tasks and does them.")

Task = Annotated[str, typer.Argument(metavar="TASK", help="Id of the task in the pipeline.")]


@app.command("list", epilog=example("task list", "task list --user anna --json"))
def list_tasks(
    user: Annotated[str, typer.Option(help="Of this user.")] = "",
    lead: Annotated[str, typer.Option(help="Of this lead, by number or id.")] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is overdue.")] = False,
    done: Annotated[
        bool, typer.Option("--done", help="What was done, instead of what is open.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Lists tasks, what is due first comes first."""
    from commands.acting import desk
    from commands.operators import known_user
    from commands.shown import at
    from leadflow.store.todo import find_tasks

    with desk() as open_desk:
        people = open_desk.people()
        rows = find_tasks(
            open_desk.store,
            user=known_user(people, user) if user else "",
            lead=open_desk.lead(lead).id if lead else "",
            status="done" if done else "open",
            overdue=overdue,
        )
    if as_json:
        say_json(rows)
        return
    say_table(
        ["lead", "task", "title", "for", "due", ""],
        [
            (
                row.number,
                row.task,
                row.title,
                row.assignee or "—",
                at(row.due, people.timezone),
                row.outcome or ("overdue" if row.overdue else ""),
            )
            for row in rows
        ],
        "No tasks.",
    )


@app.command(
    epilog=example("task done 12 contact --outcome reached", "task done 12 offer --by anna")
)
def done(
    lead: Lead,
    task: Task,
    fields: Pairs = None,
    outcome: Annotated[str, typer.Option(help="Its outcome, where the task has some.")] = "",
    into: Into = "",
    kept: GoesTo = None,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Completes a task; what blocks it is told, and the task stays open."""
    from commands.acting import decide

    given = pairs(fields)
    decide(
        lead,
        by,
        as_json,
        events.TaskDone(
            id="",
            task=task,
            outcome=outcome,
            fields=given,
            convert=records(into),
            goes_to=goes_to(kept),
        ),
    )


@app.command(epilog=example('task press 12 offer "Отправить КП"'))
def press(
    lead: Lead,
    task: Task,
    button: Annotated[str, typer.Argument(metavar="BUTTON", help="Its label.")],
    fields: Pairs = None,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Presses a button of a task."""
    from commands.acting import decide

    given = pairs(fields)
    decide(lead, by, as_json, events.ButtonPressed(id="", task=task, button=button, fields=given))


@app.command(epilog=example('task postpone 12 contact "2 working hours"'))
def postpone(
    lead: Lead,
    task: Task,
    to: Annotated[
        str, typer.Argument(metavar="DURATION", help="From now: '2 working hours'; or a moment.")
    ],
    by: By = "",
    as_json: Json = False,
) -> None:
    """Gives a task a new due date."""
    from commands.acting import decide

    decide(
        lead,
        by,
        as_json,
        lambda open_desk, row: events.TaskPostponed(
            id="",
            task=task,
            due=moment(to, open_desk.pipeline(row), open_desk.state(row)),
        ),
    )
