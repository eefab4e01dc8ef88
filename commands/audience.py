"""Verbs about advertising audiences: ``audience list export``."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.console import note, say_json, say_table
from commands.options import By, Json, example, group

if TYPE_CHECKING:
    from collections.abc import Iterable

    from commands.acting import Desk
    from leadflow.channels.audience import Written
    from leadflow.store.audiences import Member

app = group("Lists advertising audiences, and writes the files that advertisers take.")


class Format(StrEnum):
    """Kinds of files."""

    csv = "csv"


class Hashes(StrEnum):
    """How addresses are hashed."""

    sha256 = "sha256"
    md5 = "md5"
    none = "none"


class Phones(StrEnum):
    """How numbers are written before they are hashed."""

    digits = "digits"
    plus = "plus"


@app.command("list", epilog=example("audience list", "audience list --json"))
def list_audiences(as_json: Json = False) -> None:
    """Lists the audiences: how many are in them, and how the advertiser hears of it."""
    from commands.acting import desk
    from commands.shown import at

    with desk() as open_desk:
        zone = open_desk.people().timezone
        rows = _known(open_desk)
    if as_json:
        say_json(rows)
        return
    say_table(
        ["audience", "members", "last joined", "advertiser"],
        [
            (row["name"], row["members"], at(row["changed"], zone), row["told"] or "by file")
            for row in rows
        ],
        "No audiences: neither leadflow.yaml nor a pipeline names one.",
    )


def _known(open_desk: Desk) -> list[dict[str, Any]]:
    from leadflow.engine.pipeline import ChangeAudience
    from leadflow.engine.refs import Index
    from leadflow.store.audiences import find_audiences
    from leadflow.store.published import versions

    found = {one.name: one for one in find_audiences(open_desk.store)}
    connected = {
        each.id: "at once" if each.url else ""
        for each in open_desk.people().connections.values()
        if each.type == "audience"
    }
    named = {
        action.do.name
        for version in versions(open_desk.store)
        if version.newest
        for action in Index(version.pipeline).actions.values()
        if isinstance(action.do, ChangeAudience)
    }
    return [
        {
            "name": name,
            "members": found[name].members if name in found else 0,
            "changed": found[name].changed if name in found else None,
            "told": connected.get(name, ""),
        }
        for name in sorted({*found, *connected, *named})
    ]


@app.command(
    epilog=example(
        "audience export nurture > nurture.csv",
        "audience export nurture --phones plus --out google.csv --by olga",
        "audience export nurture --hash md5 --out yandex.csv --by olga",
    )
)
def export(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The audience.")],
    format_: Annotated[Format, typer.Option("--format", help="Kind of file.")] = Format.csv,
    hashes: Annotated[
        Hashes, typer.Option("--hash", help="How each address is hashed; Yandex takes md5.")
    ] = Hashes.sha256,
    phones: Annotated[
        Phones,
        typer.Option(help="How a number is written: digits alone, or with the plus (Google)."),
    ] = Phones.digits,
    out: Annotated[
        Path | None, typer.Option(show_default=False, help="The file; without it standard output.")
    ] = None,
    by: By = "",
) -> None:
    """Writes the members of an audience as a file: e-mails and phones, normalised and hashed, the same order each time.

    Who wants no more messages is left out, as is who was erased. Advertisers replace the audience by the file: who is
    no longer in it is out. Who took a file is kept in logs/operators.log of the data directory.
    """
    from commands.acting import desk
    from commands.audit import record
    from commands.operators import operator, unknown
    from leadflow.store.audiences import members

    with desk() as open_desk:
        actor = operator(open_desk.people(), by)
        known = [row["name"] for row in _known(open_desk)]
        if name not in known:
            raise unknown(name, known, "audience")
        how = {"what": name, "hash": hashes.value, "format": format_.value}
        record(open_desk.settings.home, "audience exported", actor, **how)
        people = members(open_desk.store, open_desk.vault, name)
        written = _write(out, people, hashes, phones)
    note(f"{name}: {written.people} people")
    if written.left_out:
        note(f"left out: {written.left_out} addresses that a spreadsheet would run as a formula")


def _write(out: Path | None, people: Iterable[Member], hashes: Hashes, phones: Phones) -> Written:
    from leadflow.channels.audience import write_csv
    from leadflow.errors import Misconfigured

    if out is None:
        return write_csv(sys.stdout, people, hashes.value, phones.value)
    try:
        with open(out, "w", encoding="utf-8", newline="", opener=_private) as file:
            return write_csv(file, people, hashes.value, phones.value)
    except OSError as error:
        message = f"{out} cannot be written: {error.strerror}"
        raise Misconfigured(message, "name another file in --out") from error


def _private(path: str, flags: int) -> int:
    """For its owner's eyes: a hash of an address is still a person's."""
    return os.open(path, flags, 0o600)
