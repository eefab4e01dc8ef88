"""Verbs about files: ``check schema graph``. They need no server and no database."""

from __future__ import annotations

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
    """Checks pipelines and leadflow.yaml, and reports all problems at once.

    Each problem is a line FILE:LINE:COLUMN: CODE message, with a hint below; docs/problems has a page for
    each code. Exit status 1 if any of them is an error.
    """
    from commands.reading import read
    from leadflow.spec.problems import has_errors, render_json, render_text

    found = read(spec_paths(paths))
    if as_json or form is Format.json:
        say_json(render_json(found.problems))
    else:
        if found.problems:
            say(render_text(found.problems))
        note(found.summary)
    if has_errors(found.problems):
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


@app.command(epilog=example("graph specs/permits.yaml", "graph specs --format svg -o permits.svg"))
def graph(
    paths: Paths = None,
    form: Annotated[Drawing, typer.Option("--format", help="mermaid or svg.")] = Drawing.mermaid,
    pipeline: Annotated[str, typer.Option(help="Which one, where a folder holds several.")] = "",
    output: Output = None,
) -> None:
    """Draws a pipeline: its stages and the ways between them."""
    from commands.reading import read
    from leadflow.spec.graph import graph as mermaid
    from leadflow.spec.graph_svg import graph_svg
    from leadflow.spec.suggest import hint_for_unknown

    compiled = read(spec_paths(paths)).usable()
    names = [each.pipeline.id for each in compiled]
    wanted = pipeline or (names[0] if len(names) == 1 else "")
    if wanted not in names:
        message = f"there is no pipeline '{wanted}' here" if wanted else "which pipeline?"
        hint = hint_for_unknown("pipeline", wanted, names) if wanted else f"--pipeline {names[0]}"
        raise NotFound(message, hint)
    found = compiled[names.index(wanted)].pipeline
    _write(graph_svg(found) if form is Drawing.svg else mermaid(found), output)


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
