"""The verb ``bench``: what a lead costs, measured."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from commands.console import note, say, say_table
from commands.options import Json, example, group

app = group()


@app.command(
    epilog=example(
        "bench", "bench --rounds 3 --leads 20 --json", "bench --rounds 1 --sleepers 5000"
    )
)
def bench(
    rounds: Annotated[int, typer.Option(min=1, help="How often each side has its turn.")] = 5,
    leads: Annotated[
        int, typer.Option(min=1, help="Leads a round; twice as many as fast as they can.")
    ] = 20,
    sleepers: Annotated[
        int,
        typer.Option(min=0, help="So many leads sleep and then wake all at once; 0: leave it out."),
    ] = 0,
    database: Annotated[
        str,
        typer.Option(
            metavar="URL", show_default=False, help="An empty PostgreSQL database; else SQLite."
        ),
    ] = "",
    as_json: Json = False,
) -> None:
    """Measures what a lead costs, against the same process written by hand as a Temporal workflow.

    Starts everything itself (Temporal server, mail servers, a worker for each side), in a folder that is gone
    afterwards; an installation that runs here is not touched. Both sides take turns on one server; medians of
    the rounds are compared, product ÷ baseline. With --json the last line is one object with the `ratios` and
    all raw figures. How to read it: docs/performance.md
    """
    import asyncio
    import signal

    from bench import report
    from bench.run import Plan, bench as run

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # its servers end with it
    done = asyncio.run(run(Plan(rounds, leads, sleepers=sleepers, database=database), note))
    if as_json:
        say(msgspec.json.encode(done).decode())
        return
    headings = ["a lead", "product", "baseline", "ratio"]
    say_table(headings, report.against(done), "")
    say()
    say_table(
        ["events, product / baseline", *report.STEPS, "all", "bytes"], report.events(done), ""
    )
    say()
    say_table(["and", ""], report.others(done), "")
