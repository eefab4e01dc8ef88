"""Verbs about files: ``check schema graph``. They need no server and no database."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from commands import exits
from commands.console import note, say, say_json
from commands.options import Format, Json, Paths, example, group, spec_paths
from leadflow.errors import NotFound

app = group()


class Drawing(StrEnum):
    """How a graph is drawn."""

    mermaid = "mermaid"
    svg = "svg"


class Kind(StrEnum):
    """Which files a schema is for."""

    specs = "specs"
    settings = "settings"


Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write into this file, not to stdout.")
]


@app.command(epilog=example("check", "check specs/permits.yaml", "check specs --format json"))
def check(
    paths: Paths = None,
    form: Annotated[Format, typer.Option("--format", help="text or json.")] = Format.text,
    as_json: Json = False,
) -> None:
    """Checks pipelines, their scenarios and leadflow.yaml, and reports all problems at once.

    Scenarios are read, not run: that is done by `leadflow test`. Each problem is a line FILE:LINE:COLUMN: CODE message, with a hint below; docs/problems has a page for
    each code. Exit status 1 if any of them is an error.
    """
    from commands.reading import summary
    from leadflow.simulate.files import check_all

    found = check_all(spec_paths(paths), os.environ)
    if as_json or form is Format.json:
        say_json(found.json())
    else:
        if found.problems:
            say(found.text())
        note(summary(found))
    if found.errors:
        raise typer.Exit(exits.REFUSED)


@app.command(epilog=example("schema > specs/pipeline.schema.json", "schema settings"))
def schema(
    kind: Annotated[
        Kind, typer.Argument(help="specs: pipelines; settings: leadflow.yaml.")
    ] = Kind.specs,
    output: Output = None,
) -> None:
    """Writes the JSON Schema that gives completion and help in editors."""
    from leadflow.spec.jsonschema import schema_text

    _write(schema_text("settings" if kind is Kind.settings else "specs"), output)


@app.command(
    epilog=example(
        "graph specs/permits.yaml", "graph specs/permits.yaml --format svg -o permits.svg"
    )
)
def graph(
    paths: Paths = None,
    form: Annotated[Drawing, typer.Option("--format", help="mermaid or svg.")] = Drawing.mermaid,
    pipeline: Annotated[str, typer.Option(help="Which one, where a folder holds several.")] = "",
    output: Output = None,
) -> None:
    """Draws a pipeline: its stages and the ways between them."""
    from commands.reading import named, usable
    from leadflow.spec.graph.svg import graph_svg
    from leadflow.spec.graph.ways import graph as mermaid
    from leadflow.spec.suggest import hint_for_unknown

    compiled = usable(spec_paths(paths)).compiled
    found = named(compiled, pipeline)
    if found is None:
        message = f"there is no pipeline '{pipeline}' here" if pipeline else "which pipeline?"
        names = [each.pipeline.id for each in compiled]
        hint = (
            hint_for_unknown("pipeline", pipeline, names) if pipeline else "--pipeline " + names[0]
        )
        raise NotFound(message, hint)
    drawn = graph_svg if form is Drawing.svg else mermaid
    _write(drawn(found.pipeline), output)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        say(text.rstrip("\n"))
        return
    try:
        output.write_text(text, "utf-8")
    except OSError as error:
        message = f"{output} cannot be written: {error.strerror}"
        raise NotFound(message, "name another file") from error
    note(f"written: {output}")
