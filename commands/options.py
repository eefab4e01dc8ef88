"""What verbs have in common: their groups, their options, their examples."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from leadflow.settings import Settings, from_environment


class Format(StrEnum):
    """How a result is printed."""

    text = "text"
    json = "json"


Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
By = Annotated[
    str,
    typer.Option(
        "--by",
        metavar="USER",
        show_default=False,
        help="The user for whom you act; the timeline names both of you.",
    ),
]
Paths = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="PATH",
        show_default=False,
        help="Files or folders; without one LEADFLOW_SPECS, else ./specs.",
    ),
]


def group(text: str | None = None, *, alone: bool = False) -> typer.Typer:
    """A group of verbs. ``alone``: it does something without a verb, too."""
    return typer.Typer(
        help=text,
        no_args_is_help=not alone,
        invoke_without_command=alone,
        rich_markup_mode=None,  # plain text: the same in a terminal, a pipe and the documentation
        pretty_exceptions_enable=False,
    )


def example(*lines: str) -> str:
    """Examples below a verb's help, a command a line."""
    return "\n".join(["\b", "Examples:", *(f"  leadflow {line}" for line in lines)])


def settings() -> Settings:
    """As the environment says."""
    return from_environment(os.environ)


def spec_paths(paths: list[Path] | None) -> list[Path]:
    """The paths given, else where pipelines are by default."""
    return paths or [settings().specs]
