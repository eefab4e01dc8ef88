"""Verbs that try pipelines in virtual time, and publish them: ``test simulate publish``."""

from __future__ import annotations

from typing import Annotated

import typer

from commands import exits
from commands.console import say, say_json
from commands.options import By, Format, Json, Paths, example, group, settings, spec_paths

app = group()


@app.command(
    "test", epilog=example("test", "test specs/permits.yaml --coverage", "test specs --format json")
)
def run_scenarios(
    paths: Paths = None,
    form: Annotated[Format, typer.Option("--format", help="text or json.")] = Format.text,
    coverage: Annotated[
        bool,
        typer.Option(
            "--coverage", help="Say which stages, exits, outcomes and deadlines nothing reached."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Runs scenario files (NAME.test.yaml) in virtual time.

    A failure is told with its timeline, the lines of the pipeline, expected against found. Exit status 1 if
    any scenario fails.
    """
    from leadflow.simulate.report import as_json as plain, as_text
    from leadflow.simulate.runner import run_paths

    report = run_paths(spec_paths(paths))
    if as_json or form is Format.json:
        say_json(plain(report, covered=coverage))
    else:
        say(as_text(report, covered=coverage))
    if not report.ok:
        raise typer.Exit(exits.REFUSED)


@app.command(epilog=example("publish specs", "publish specs/permits.yaml --by olga"))
def publish(paths: Paths = None, by: By = "", as_json: Json = False) -> None:
    """Checks pipelines, runs their scenarios, numbers and stores them, with leadflow.yaml: in one go.

    New leads take the new version; running leads stay on theirs. With a problem or a failing scenario nothing
    is published (exit status 1). What was published before and has not changed keeps its number.
    """
    from commands.publishing import publish_from

    published = publish_from(settings(), spec_paths(paths), by)
    if as_json:
        say_json(
            [{"pipeline": each.id, "version": each.number, "hash": each.hash} for each in published]
        )
        return
    for each in published:
        say(f"{each.id}: version {each.number} ({each.hash[:12]}), new leads take it")
