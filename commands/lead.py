"""Verbs that act on leads: ``lead add set signal move tick assign snooze wake reopen convert release``."""

from __future__ import annotations

from typing import Annotated

import typer

from commands import exits, lead_views
from commands.inputs import (
    GoesTo,
    Into,
    Lead,
    Pairs,
    data,
    goes_to,
    moment,
    pairs,
    records,
)
from commands.options import By, Json, example, group
from leadflow.engine import events

app = group("Adds leads, shows them, and decides about them.")
app.add_typer(lead_views.app)


@app.command(
    epilog=example(
        'lead add permits phone="+7 916 123-45-67" name="Мария Иванова" --source site',
        "lead add permits phone=+79161234567 --external-id form-4711",
        "lead add permits phone=+79161234567 --channel call --by anna",
    )
)
def add(
    pipeline: Annotated[str, typer.Argument(help="Id of a published pipeline.")],
    fields: Pairs = None,
    source: Annotated[str, typer.Option(help="Where the inquiry came from.")] = "",
    external_id: Annotated[
        str, typer.Option(help="Its id there: the same one again gives the same lead back.")
    ] = "",
    channel: Annotated[str, typer.Option(help="How it came: call, form, email …")] = "",
    owner: Annotated[str, typer.Option(help="Its owner, instead of the pipeline's routing.")] = "",
    by: By = "",
    as_json: Json = False,
) -> None:
    """Adds a lead. It is stored when this returns, even while Temporal is away."""
    from commands.acting import begin, desk, event_id
    from commands.console import note
    from commands.operators import known_user, operator, unknown
    from commands.refusals import lines
    from leadflow.store.published import newest
    from workflows.edge import canonical

    with desk() as open_desk:
        version = newest(open_desk.store, pipeline).pipeline
        people = open_desk.people()
        actor = operator(people, by)
        if source and version.sources and source not in version.sources:
            raise unknown(source, version.sources, "source")
        created = events.Created(
            id=event_id(),
            actor=actor,
            fields=pairs(fields),
            source=source,
            channel=channel,
            call_user=actor.user if channel == "call" else "",
            owner=known_user(people, owner) if owner else "",
        )
        # Who types is there to mend it: unlike an inquiry from outside, nothing is left out.
        _, bad = canonical(created, version, people)
        if bad:
            note("refused: no lead was added")
            for line in lines(0, bad, version):
                note(f"  {line}")
            raise typer.Exit(exits.REFUSED)
        begin(
            open_desk,
            lambda gateway: gateway.add(
                pipeline, created, source=source or "cli", external_id=external_id
            ),
            as_json,
        )


@app.command("set", epilog=example("lead set 12 price=12500", 'lead set 12 name="Анна Ким" email='))
def set_fields(lead: Lead, fields: Pairs = None, by: By = "", as_json: Json = False) -> None:
    """Fills fields; nothing after '=' clears one."""
    from commands.acting import decide

    given = pairs(fields)
    if not given:
        message = "give at least one FIELD=VALUE"
        raise typer.BadParameter(message)
    decide(lead, by, as_json, events.FieldsSet(id="", fields=given))


@app.command(
    epilog=example(
        "lead signal 12 qualified price=12500",
        "lead signal 12 replied",
        "lead signal 12 paid --data amount=5000",
    )
)
def signal(
    lead: Lead,
    name: Annotated[str, typer.Argument(help="The signal: a decision, or a fact like replied.")],
    fields: Pairs = None,
    data_words: Annotated[
        list[str] | None,
        typer.Option("--data", metavar="NAME=VALUE", show_default=False, help="Its data."),
    ] = None,
    into: Into = "",
    kept: GoesTo = None,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Sends a signal. A decision that is blocked is refused with all that is missing; a fact never is."""
    from commands.acting import Desk, decide, tell
    from leadflow.store.leads import LeadRow

    given = pairs(fields)
    fact = name in events.FACTS
    if fact and (into or kept):
        message = (
            f"'{name}' is a fact: nobody is there who could pick; leave out --into and --goes-to"
        )
        raise typer.BadParameter(message)

    def made(open_desk: Desk, row: LeadRow) -> events.Signal:
        return events.Signal(
            id="",
            name=name,
            fields=given,
            data=data(data_words, open_desk.pipeline(row)),
            convert=records(into),
            goes_to=goes_to(kept),
        )

    act = tell if fact else decide
    act(lead, by, as_json, made)


@app.command(epilog=example("lead move 12 lost lost_reason=refused"))
def move(
    lead: Lead,
    stage: Annotated[str, typer.Argument(help="Id of the stage to go to.")],
    fields: Pairs = None,
    into: Into = "",
    kept: GoesTo = None,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Moves a lead as a drag on the board does: by the one decision that leads there."""
    from commands.acting import Desk, decide
    from commands.operators import unknown
    from leadflow.store.leads import LeadRow

    given = pairs(fields)

    def made(open_desk: Desk, row: LeadRow) -> events.Moved:
        stages = open_desk.pipeline(row).stages
        if stage not in stages:
            raise unknown(stage, stages, "stage")
        return events.Moved(
            id="",
            stage=stage,
            fields=given,
            convert=records(into),
            goes_to=goes_to(kept),
        )

    decide(lead, by, as_json, made)


@app.command(epilog=example("lead tick 12 requisites", "lead tick 12 requisites --off"))
def tick(
    lead: Lead,
    items: Annotated[list[str], typer.Argument(help="Ids of checklist items.")],
    off: Annotated[bool, typer.Option("--off", help="Take the tick away.")] = False,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Ticks items of the checklist."""
    from commands.acting import decide

    decide(lead, by, as_json, events.Ticked(id="", items=tuple(items), on=not off))


@app.command(epilog=example("lead assign 12 boris", "lead assign 12 boris --by olga"))
def assign(
    lead: Lead,
    user: Annotated[str, typer.Argument(help="Id of the new owner.")],
    by: By = "",
    as_json: Json = False,
) -> None:
    """Gives the lead to another owner."""
    from commands.acting import decide
    from commands.operators import known_user

    decide(
        lead,
        by,
        as_json,
        lambda open_desk, _row: events.Assigned(id="", to=known_user(open_desk.people(), user)),
    )


@app.command(epilog=example('lead snooze 12 "2 weeks"', 'lead snooze 12 "2026-12-01 10:00"'))
def snooze(
    lead: Lead,
    until: Annotated[str, typer.Argument(help="A moment: '2 weeks', '2026-12-01 10:00'.")],
    by: By = "",
    as_json: Json = False,
) -> None:
    """Lets the lead sleep: its deadlines wait until then."""
    from commands.acting import decide

    decide(
        lead,
        by,
        as_json,
        lambda open_desk, row: events.Snoozed(
            id="",
            until=moment(until, open_desk.pipeline(row), open_desk.state(row)),
        ),
    )


@app.command(epilog=example("lead wake 12"))
def wake(lead: Lead, by: By = "", as_json: Json = False) -> None:
    """Wakes a lead that sleeps."""
    from commands.acting import decide

    decide(lead, by, as_json, events.Woken(id=""))


@app.command(epilog=example("lead reopen 12", "lead reopen 12 --by olga"))
def reopen(lead: Lead, by: By = "", as_json: Json = False) -> None:
    """Begins a closed lead again, in the stage that its pipeline says."""
    from commands.acting import decide

    decide(lead, by, as_json, events.Reopened(id=""))


@app.command(epilog=example("lead convert 12", "lead convert 12 --into contact,deal"))
def convert(
    lead: Lead,
    fields: Pairs = None,
    into: Into = "",
    kept: GoesTo = None,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Converts a lead: moves it to the stage that makes contact, company and deal of it."""
    from commands.acting import Desk, decide
    from leadflow.errors import NotFound
    from leadflow.store.leads import LeadRow

    given = pairs(fields)

    def made(open_desk: Desk, row: LeadRow) -> events.Moved:
        stages = [each.id for each in open_desk.pipeline(row).stages.values() if each.convert]
        if len(stages) != 1:
            message = f"the pipeline {row.pipeline} has {len(stages)} stages that convert a lead"
            hint = f"name one: leadflow lead move {row.number} STAGE" if stages else ""
            raise NotFound(message, hint)
        return events.Moved(
            id="",
            stage=stages[0],
            fields=given,
            convert=records(into),
            goes_to=goes_to(kept),
        )

    decide(lead, by, as_json, made)


@app.command(epilog=example("lead release 12"))
def release(lead: Lead, by: By = "", as_json: Json = False) -> None:
    """Releases a quarantined lead: what happened meanwhile is applied in order."""
    from commands.acting import decide

    decide(lead, by, as_json, events.Released(id=""))
