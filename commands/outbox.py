"""Verbs about messages: ``outbox``, ``outbox resolve hold release``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from commands.console import note, say, say_json, say_table
from commands.options import By, Json, example, group

app = group(
    "Lists what leaves the house: waiting, sent, refused, and what nobody can be sure of.",
    alone=True,
)


class State(StrEnum):
    """Where a message stands."""

    planned = "planned"
    claimed = "claimed"
    handing_over = "handing_over"
    accepted = "accepted"
    refused = "refused"
    ambiguous = "ambiguous"
    suppressed = "suppressed"
    expired = "expired"
    dropped = "dropped"


class Verdict(StrEnum):
    """What became of a message that nobody was sure of."""

    sent = "sent"
    resend = "resend"
    drop = "drop"


_SENT = frozenset({"email", "sms", "message"})
"""Kinds of templates that messages are made of."""

Pipeline = Annotated[str, typer.Option("--pipeline", help="Of this pipeline only.")]
Template = Annotated[str, typer.Option("--template", help="With this template only.")]


@app.callback(epilog=example("outbox", "outbox --state ambiguous", "outbox --lead 12 --json"))
def outbox(
    context: typer.Context,
    state: Annotated[State | None, typer.Option(show_default=False, help="In this state.")] = None,
    lead: Annotated[str, typer.Option(help="Of this lead, by number or id.")] = "",
    pipeline: Pipeline = "",
    template: Template = "",
    most: Annotated[int, typer.Option("--limit", min=1, help="So many at most.")] = 200,
    as_json: Json = False,
) -> None:
    """Lists what leaves the house: waiting, sent, refused, and what nobody can be sure of."""
    if context.invoked_subcommand is not None:
        return
    from commands.acting import desk
    from commands.shown import at
    from commands.unconfirmed import warn
    from leadflow.store.outbox import find_holds, find_pauses, outbox as rows_of
    from leadflow.store.seat import look

    with desk() as open_desk:
        zone = open_desk.people().timezone
        rows = rows_of(
            open_desk.store,
            states=[state.value] if state else [],
            lead=open_desk.lead(lead).id if lead else "",
            pipeline=pipeline,
            template=template,
            most=most,
        )
        holds, pauses = find_holds(open_desk.store), find_pauses(open_desk.store)
        copy = look(open_desk.store)
    if as_json:
        say_json({"messages": rows, "holds": holds, "paused": pauses, "unconfirmed": copy})
        return
    say_table(
        ["key", "lead", "channel", "template", "state", "at", "reason"],
        [
            (
                row.hash[:12],
                row.number,
                row.channel,
                row.template or row.kind,
                row.delivery or row.state,
                at(row.delivered or row.finished or row.planned, zone),
                row.delivery_code or row.reason or row.reply,
            )
            for row in rows
        ],
        "No messages.",
    )
    for hold in holds:
        note(f"held back: {hold.what}, by {hold.by} since {at(hold.since, zone)}")
    for pause in pauses:
        note(f"paused: {pause.name}: {pause.reason}, since {at(pause.since, zone)}")
    warn(copy)


@app.command(
    epilog=example("outbox resolve 3f9a12c07b44 sent", "outbox resolve 3f9a12c07b44 resend")
)
def resolve(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Its key, or the first digits of it.")],
    verdict: Annotated[Verdict, typer.Argument(help="What became of it, or what to do.")],
    by: By = "",
    as_json: Json = False,
) -> None:
    """Settles a message of which nobody can know whether it arrived, by what a person found out."""
    from commands.acting import decide, desk
    from leadflow.engine import events
    from leadflow.errors import Refused
    from leadflow.store.ledger import Ledger
    from leadflow.store.todo import find_tasks

    with desk() as open_desk:
        entry = Ledger(open_desk.store, open_desk.vault).find(key)
        tasks = find_tasks(open_desk.store, lead=entry.lead)
        number = open_desk.lead(entry.lead).number
    task = next((each.task for each in tasks if each.settles == entry.effect_key), "")
    if entry.state != "ambiguous" or not task:
        message = f"message {entry.hash[:12]} is {entry.state}: there is nothing to settle"
        raise Refused(message, "`leadflow outbox --state ambiguous` lists what is")
    decide(str(number), by, as_json, events.TaskDone(id="", task=task, outcome=verdict.value))


@app.command(epilog=example("outbox hold", "outbox hold --pipeline permits --by olga"))
def hold(pipeline: Pipeline = "", template: Template = "", by: By = "") -> None:
    """Holds messages back: all, or those of a pipeline or a template. None of them begins from now on."""
    from commands.acting import desk, now
    from commands.audit import record, who
    from commands.operators import operator, unknown
    from leadflow.store.outbox import hold as hold_back
    from leadflow.store.published import newest, versions

    what = _what(pipeline, template)
    with desk() as open_desk:
        if pipeline:
            newest(open_desk.store, pipeline)  # a misspelt one would hold nothing, and say it did
        if template:  # running leads stay on older versions: theirs are held, too
            published = versions(open_desk.store)
            texts = [each for one in published for each in one.pipeline.templates.values()]
            known = {each.name for each in texts if each.kind in _SENT}
            if template not in known:
                raise unknown(template, sorted(known), "template")
        actor = operator(open_desk.people(), by)
        new = hold_back(open_desk.store, what, who(actor), now())
        if new:
            record(open_desk.settings.home, "outbox held", actor, what=what)
    say(f"held back: {what}" if new else f"{what} was held back already")


@app.command(epilog=example("outbox release", "outbox release --pipeline permits --by olga"))
def release(pipeline: Pipeline = "", template: Template = "", by: By = "") -> None:
    """Lets messages go again that were held back. Who did it is kept in logs/operators.log of the data directory."""
    from commands.acting import desk
    from commands.audit import record
    from commands.operators import operator
    from leadflow.errors import NotFound
    from leadflow.store.outbox import find_holds, release_hold

    what = _what(pipeline, template)
    with desk() as open_desk:
        actor = operator(open_desk.people(), by)
        if not release_hold(open_desk.store, what):
            held = ", ".join(each.what for each in find_holds(open_desk.store))
            message = f"{what} is not held back"
            raise NotFound(message, f"held back are: {held}" if held else "nothing is")
        record(open_desk.settings.home, "outbox released", actor, what=what)
    say(f"released: {what}")


def _what(pipeline: str, template: str) -> str:
    if pipeline and template:
        message = "give --pipeline or --template, not both"
        raise typer.BadParameter(message)
    return f"pipeline:{pipeline}" if pipeline else f"template:{template}" if template else "all"
