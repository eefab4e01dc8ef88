"""The command line: which verbs there are, and what becomes of errors. `main` is the program ``leadflow``."""

from __future__ import annotations

import io
import os
import sys
import traceback
from typing import Annotated

import typer

from commands import audience, bench, chaos, exits, lead, outbox, running, specs, task, trying
from commands.care import verbs as care
from commands.console import note, report, say
from commands.options import group
from leadflow.errors import LeadflowError

DEBUG = "LEADFLOW_DEBUG"

app = group(
    "Lead pipelines as code: each lead is a durable workflow made from a YAML spec.\n\n"
    "Begin with `leadflow up`. Where everything is: LEADFLOW_HOME (default ./.leadflow), "
    "LEADFLOW_SPECS (default ./specs). Each verb has its own help: leadflow lead add --help"
)
for verbs in (specs, trying, running, bench, chaos, care):
    app.add_typer(verbs.app)
app.add_typer(lead.app, name="lead")
app.add_typer(task.app, name="task")
app.add_typer(outbox.app, name="outbox")
app.add_typer(audience.app, name="audience")


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        say(f"leadflow {version('leadflow')}")
        raise typer.Exit


@app.callback()
def leadflow(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """What holds for every verb."""


@app.command(hidden=True)
def reference() -> None:
    """Prints docs/cli.md."""
    from commands.reference import page

    say(page(app).rstrip("\n"))


def main() -> None:
    """Runs the program; every error becomes words and an exit status (`commands.exits`)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app(prog_name="leadflow")
    except LeadflowError as error:
        if os.environ.get(DEBUG):
            traceback.print_exc()
        report(error)
        sys.exit(exits.status(error))
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        note(f"error: leadflow failed: {type(error).__name__}: {error}")
        note(f"hint: set {DEBUG}=1 to see where, and report it")
        sys.exit(exits.INTERNAL)


if __name__ == "__main__":
    main()
