"""Verbs that care for a whole installation: ``backup restore confirm recover reconcile``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commands import exits
from commands.console import note, say, say_json
from commands.options import By, Json, example, group

app = group()

File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]
Pace = Annotated[float, typer.Option("--pace", min=0.1, help="So many leads a second.")]


@app.command(
    epilog=example("backup leads-2026-11-22.backup", "backup /mnt/safe/today.backup --json")
)
def backup(file: File, as_json: Json = False) -> None:
    """Copies everything that leadflow has stored into one file, as it is at this moment, while everything runs.

    The file restores into either kind of database. It does not hold the master key (LEADFLOW_KEY_FILE): keep a copy
    of that apart, because without it nothing that is sealed can be read. Nor does it hold Temporal's data: after a
    restore `leadflow recover` begins the leads again.
    """
    from commands.care.backups import save

    save(file, as_json)


@app.command(epilog=example("restore leads-2026-11-22.backup"))
def restore(file: File, as_json: Json = False) -> None:
    """Fills an empty installation from a backup; from it nothing is sent until `leadflow confirm`.

    Refused where there is anything already, or where leadflow runs. The key file of the installation that was saved
    has to be at LEADFLOW_KEY_FILE before.
    """
    from commands.care.backups import bring_back

    bring_back(file, as_json)


@app.command(
    epilog=example("confirm --by olga", "confirm --send --by olga", "confirm --ask --by olga")
)
def confirm(
    by: By = "",
    send: Annotated[
        bool, typer.Option("--send", help="Nobody else has sent what waits: it goes out from here.")
    ] = False,
    ask: Annotated[
        bool,
        typer.Option(
            "--ask", help="Somebody else may have: each message becomes a question for its owner."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Lets an installation send that was restored, copied, moved or recovered.

    Such a one holds every message back, because its original may be sending the same. Without --send or --ask this
    verb says how many messages wait, of which kind and since when, and confirms only where none does. What goes out
    then keeps its rules: quiet hours, `max_late`, stop conditions. An administrator has to confirm (--by).
    """
    from commands.care.confirming import let_go

    let_go(by, send=send, ask=ask, as_json=as_json)


@app.command(epilog=example("recover --dry-run", "recover", "recover --pace 5"))
def recover(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done.")
    ] = False,
    pace: Pace = 20.0,
    as_json: Json = False,
) -> None:
    """Begins leads again whose Temporal data is gone, each from the state that the database has kept of it.

    Messages wait until `leadflow confirm`; what was accepted before is not sent again. It may be stopped and run
    again at any time: leads that run are left alone. Exit status 1 if a lead could not be begun.
    """
    from commands.care.mending import recover as begin_again

    found = begin_again(dry_run, pace)
    if as_json:
        say_json(found)
    else:
        begin = "to be begun again" if dry_run else "begun again"
        say(f"{found.running} leads run, {found.begun} {begin}, {found.caught_up} had ended")
        if found.messages:
            say(f"{found.messages} messages of theirs wait: leadflow confirm")
    for number, reason in found.failed.items():
        note(f"lead {number}: {reason}")
    if found.failed:
        raise typer.Exit(exits.REFUSED)


@app.command(epilog=example("reconcile", "reconcile --repair", "reconcile --json"))
def reconcile(
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended.")] = False,
    end_orphans: Annotated[
        bool,
        typer.Option(
            "--end-orphans",
            help="End workflows of leads that this database does not know. Never where another "
            "installation uses the same namespace: they may be its leads.",
        ),
    ] = False,
    restart_stuck: Annotated[
        bool,
        typer.Option(
            "--restart-stuck",
            help="End runs whose history does not replay, and begin them again from the database. "
            "Only once the build before this one cannot go on with them either.",
        ),
    ] = False,
    pace: Pace = 20.0,
    as_json: Json = False,
) -> None:
    """Compares every lead in the database with its workflow at Temporal, and says where they differ.

    Exit status 1 if differences remain.
    """
    from commands.care.mending import reconcile as compare

    found = compare(repair=repair, end_orphans=end_orphans, restart_stuck=restart_stuck, pace=pace)
    if as_json:
        say_json(found)
    else:
        for one in found:
            name = f"lead {one.number}" if one.number else one.lead
            say(f"{name}: {one.text}{f': {one.done}' if one.done else ''}")
        left = sum(not one.done for one in found)
        say(f"{len(found)} differences, {left} left" if found else "No differences.")
    if any(not one.done for one in found):
        raise typer.Exit(exits.REFUSED)
