"""Verbs that show leads: ``lead list show why history``. They change nothing."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
import typer

from commands.console import note, say_json, say_table
from commands.inputs import Lead
from commands.options import Json, example, group

app = group()


Standing = Literal["all", "open", "closed", "success", "failure"]


@app.command("list", epilog=example("lead list", "lead list --stage new --owner anna --json"))
def list_leads(
    pipeline: Annotated[str, typer.Option(help="Of this pipeline.")] = "",
    stage: Annotated[str, typer.Option(help="In this stage.")] = "",
    owner: Annotated[str, typer.Option(help="Of this user.")] = "",
    standing: Annotated[Standing, typer.Option("--state", help="Open or how closed.")] = "all",
    words: Annotated[str, typer.Option("--find", help="With these words in the title.")] = "",
    quarantined: Annotated[bool, typer.Option("--quarantined", help="Only parked ones.")] = False,
    most: Annotated[int, typer.Option("--limit", min=1, help="So many at most.")] = 50,
    as_json: Json = False,
) -> None:
    """Lists leads, the newest first."""
    from commands.acting import desk
    from commands.shown import at
    from leadflow.store.leads import Filters, LeadRow, count_leads, find_leads

    with desk() as open_desk:
        zone = open_desk.people().timezone
        filters = Filters(
            pipeline=pipeline,
            stage=stage,
            owner=owner,
            closed="" if standing == "all" else standing,
            words=words,
            quarantined=quarantined,
        )
        rows = find_leads(open_desk.store, filters, most=most)
        total = sum(count_leads(open_desk.store, filters).values())
    if as_json:
        say_json(rows)
        return

    def state(row: LeadRow) -> str:
        told = "quarantined" if row.quarantined else row.closed
        return told or ("snoozed" if row.snoozed_until else "" if row.version else "waits to begin")

    say_table(
        ["no.", "lead", "pipeline", "stage", "owner", "next", "state"],
        [
            (
                row.number,
                row.title or "—",
                row.pipeline,
                row.stage or "—",
                row.owner or "—",
                at(row.next_deadline, zone),
                state(row),
            )
            for row in rows
        ],
        "No leads.",
    )
    if len(rows) < total:
        note(f"{len(rows)} of {total}; --limit {total} shows all")


@app.command(epilog=example("lead show 12", "lead show 12 --json"))
def show(lead: Lead, as_json: Json = False) -> None:
    """Shows a lead's card: stage, fields, tasks, messages."""
    from commands.acting import desk
    from commands.cards import say_card
    from leadflow.store.outbox import outbox
    from leadflow.store.published import version
    from leadflow.store.todo import find_tasks

    with desk() as open_desk:
        row = open_desk.lead(lead)
        runs_on = version(open_desk.store, row.pipeline, row.hash)
        timezone = open_desk.people().timezone
        tasks = find_tasks(open_desk.store, lead=row.id)
        messages = outbox(open_desk.store, lead=row.id)
    if as_json:
        say_json({**msgspec.to_builtins(row), "tasks": tasks, "messages": messages})
        return
    say_card(row, runs_on, tasks, messages, timezone)


@app.command(epilog=example("lead why 12", "lead why 12 --json"))
def why(lead: Lead, as_json: Json = False) -> None:
    """Says what a lead waits for: the line of the pipeline, what is missing, and the least that moves it on."""
    from commands.acting import desk, now
    from commands.cards import say_why
    from commands.installed import is_running
    from leadflow.engine.why import why as asked

    with desk() as open_desk:
        row = open_desk.lead(lead)
        pipeline = open_desk.pipeline(row)
        if is_running(open_desk.settings):
            found = open_desk.gateway(lambda gateway: gateway.why(row.id))
        else:  # as the store knows it
            found = asked(pipeline, open_desk.state(row), now())
    if as_json:
        whose = {"number": row.number, "lead": row.id, "stage": row.stage}
        say_json({**whose, **msgspec.to_builtins(found)})
        return
    say_why(row, pipeline, found)


@app.command("history", epilog=example("lead history 12", "lead history 12 --json"))
def show_history(lead: Lead, as_json: Json = False) -> None:
    """Shows all that has happened to a lead, with who did it and the line of the pipeline."""
    from commands.acting import desk
    from commands.cards import say_history
    from leadflow.store.deliveries import delivery_notes
    from leadflow.store.leads import history

    with desk() as open_desk:
        row = open_desk.lead(lead)
        timezone = open_desk.people().timezone
        told = [*history(open_desk.store, row.id), *delivery_notes(open_desk.store, row.id)]
        moments = sorted(told, key=lambda moment: moment.at)
    if as_json:
        say_json(moments)
        return
    say_history(moments, timezone)
