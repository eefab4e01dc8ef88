"""Verbs that try pipelines in virtual time, publish them, move leads to them: ``test simulate publish migrate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands import exits, migrate
from commands.console import say, say_json
from commands.options import By, Format, Json, Paths, example, group, settings, spec_paths

if TYPE_CHECKING:
    from commands.publishing import Published

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


@app.command(
    epilog=example(
        "simulate specs/permits.yaml --leads 1000 --days 60",
        "simulate specs --leads 200 --days 30 --seed 7 --json",
    )
)
def simulate(
    path: Annotated[
        Path | None,
        typer.Argument(metavar="SPEC", show_default=False, help="A pipeline, or a folder."),
    ] = None,
    leads: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many leads come.")] = 500,
    days: Annotated[int, typer.Option(min=1, max=3_650, help="Over how many days.")] = 60,
    seed: Annotated[int, typer.Option(help="The same seed gives the same result.")] = 1,
    as_json: Json = False,
) -> None:
    """Sends random leads through a pipeline in virtual time.

    Says where they ended, how long each stage took, what was sent to them and what did not go.
    """
    from leadflow.simulate.forecast import simulate_path
    from leadflow.simulate.summary import as_text

    summaries = simulate_path(path or settings().specs, leads=leads, days=days, seed=seed)
    if as_json:
        say_json([_plain(each._asdict()) for each in summaries])
        return
    for summary in summaries:
        say(as_text(summary).rstrip() + "\n")


def _plain(summary: dict[str, Any]) -> dict[str, Any]:
    """Durations as seconds."""
    stages = [stage._asdict() for stage in summary["stages"]]
    for stage in stages:
        for name in ("median", "p90"):
            stage[name] = stage[name] and stage[name].total_seconds()
    return {**summary, "stages": stages}


@app.command(epilog=example("publish specs", "publish specs/permits.yaml --by olga"))
def publish(paths: Paths = None, by: By = "", as_json: Json = False) -> None:
    """Checks pipelines, runs their scenarios, numbers and stores them, with leadflow.yaml: in one go.

    New leads take the new version; running leads stay on theirs until `leadflow migrate`. With a problem or a failing scenario nothing
    is published (exit status 1). What was published before and has not changed keeps its number.
    """
    from commands.publishing import publish_from

    published = publish_from(settings(), spec_paths(paths), by)
    if as_json:
        say_json([_of(each) for each in published])
        return
    for each in published:
        version = each.version
        say(f"{version.id}: version {version.number} ({version.hash[:12]}), new leads take it")
        if each.behind:
            _say_behind(each)


def _of(published: Published) -> dict[str, Any]:
    version = published.version
    return {
        "pipeline": version.id,
        "version": version.number,
        "hash": version.hash,
        "behind": sum(published.behind.values()),
        "nowhere": published.nowhere,
    }


def _say_behind(published: Published) -> None:
    """The leads that run on, and what may be done about them."""
    pipeline, nowhere = published.version.id, published.nowhere
    stages = ", ".join(f"{count} in {stage or 'none yet'}" for stage, count in nowhere.items())
    gone = f", some of them in stages that it has not: {stages}" if nowhere else ""
    say(f"  {sum(published.behind.values())} running leads stay on earlier versions{gone}")
    say(f"  what would become of them: leadflow migrate {pipeline} --dry-run")


app.add_typer(migrate.app)
