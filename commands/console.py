"""What the program says: results on stdout, everything else on stderr; tables in columns, JSON on demand."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import typer

from leadflow.errors import LeadflowError

_WIDE = 200
"""Columns of a table that goes into a file or a pipe: there nothing is folded."""


def say(text: str = "") -> None:
    """A line of the result."""
    typer.echo(text)


def note(text: str) -> None:
    """A line beside the result."""
    typer.echo(text, err=True)


def say_json(value: Any) -> None:
    """The result as JSON; instants in ISO 8601, Cyrillic as it is."""
    say(msgspec.json.format(msgspec.json.encode(value, enc_hook=_plain), indent=2).decode())


def _plain(value: object) -> object:
    """Texts that know their place in a file are texts."""
    if isinstance(value, str):
        return str(value)
    message = f"{type(value).__name__} is no JSON"
    raise TypeError(message)


def say_table(headings: Sequence[str], rows: Iterable[Sequence[object]], empty: str) -> None:
    """Columns as wide as they need; ``empty``: what is said instead where there is no row."""
    lines = [[str(cell) for cell in row] for row in rows]
    if not lines:
        say(empty)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*headings, box=None, pad_edge=False, header_style="bold")
    for line in lines:
        table.add_row(*line)
    terminal = sys.stdout.isatty()
    console = Console(width=None if terminal else _WIDE, highlight=False, markup=False)
    with console.capture() as captured:
        console.print(table)
    for written in captured.get().splitlines():
        say(written.rstrip())


def report(error: LeadflowError) -> None:
    """An error and what to do about it."""
    note(f"error: {error.message}")
    if error.hint:
        note(f"hint: {error.hint}")
