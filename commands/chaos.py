"""The verb ``chaos``: an endurance run of a whole installation, with everything killed all the time."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from commands import exits
from commands.console import note, say
from commands.options import example, group
from leadflow.errors import LeadflowError, Misconfigured

app = group()

Line = Annotated[bool, typer.Option("--json", help="Print the account as JSON, on one line.")]


@app.command(epilog=example("chaos --minutes 5 --seed 7", "chaos --minutes 30 --postgres --json"))
def chaos(
    minutes: Annotated[float, typer.Option(min=0.1, help="Of load and harm; then it drains.")] = 30,
    seed: Annotated[
        str, typer.Option(show_default=False, help="The same seed does the same harm; else drawn.")
    ] = "",
    leads: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many come in.")] = 2_000,
    workers: Annotated[int, typer.Option(min=1, max=32, help="Worker processes.")] = 3,
    database: Annotated[
        str,
        typer.Option(
            metavar="URL", show_default=False, help="An empty database; else SQLite of its own."
        ),
    ] = "",
    postgres: Annotated[
        bool, typer.Option("--postgres", help="Start a PostgreSQL of its own, to be killed too.")
    ] = False,
    impatient: Annotated[
        bool,
        typer.Option(
            "--impatient", help="Take workers for dead after 3 s, not 20: for runs of seconds."
        ),
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the folder even if all is well.")
    ] = False,
    as_json: Line = False,
) -> None:
    """Proves that nothing gets lost and nothing doubled, by killing everything all the time.

    It builds an installation of its own in a scratch folder, lets thousands of leads live minutes instead of
    weeks in it, kills workers, Temporal and the database, lets mail and SMS servers misbehave, all drawn from
    the seed; then it lets everything come to its end and compares the books of the leads, the ledger and the
    other sides. Exit status 0 if they agree; else 1, every complaint is printed and the folder kept. Your own
    installation is not touched. Ctrl-C ends all of it.
    """
    from proving.chaos.ground import Plan
    from proving.chaos.run import run

    if database and postgres:
        message = "--database and --postgres exclude each other"
        raise Misconfigured(message, "name a database, or have one started")
    plan = Plan(
        seconds=60 * minutes,
        seed=seed or secrets.token_hex(4),
        leads=leads,
        workers=workers,
        database=database,
        postgres=postgres,
        impatient=impatient,
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix="leadflow-chaos-"))
    note(f"seed {plan.seed}: {plan.leads} leads in {minutes:g} minutes, {plan.workers} workers")
    try:
        outcome = asyncio.run(run(folder, plan, note))
    except (KeyboardInterrupt, LeadflowError):  # nothing to study
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    kept = keep or outcome.complaints
    if kept:
        note(f"kept for study: {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    if as_json:
        from proving.chaos.account import as_line

        say(as_line(plan, outcome, str(folder) if kept else ""))
    else:
        from proving.chaos.account import as_text

        say(as_text(outcome))
    if outcome.complaints:
        raise typer.Exit(exits.REFUSED)
