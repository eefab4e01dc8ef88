"""`leadflow migrate`: running leads onto the newest version of their pipeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from commands import exits
from commands.console import note, say, say_json
from commands.options import By, Json, example, group

if TYPE_CHECKING:  # Temporal's client takes half a second to load
    from commands.acting import Desk
    from leadflow.engine.events import Actor
    from leadflow.store.published import Version
    from workflows.migration import Outcome

app = group()

EVERY = 100
"""Leads between two lines of progress."""


@app.command(epilog=example("migrate permits --dry-run", "migrate permits --by olga"))
def migrate(
    pipeline: Annotated[str, typer.Argument(help="Id of a published pipeline.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would become of each lead.")
    ] = False,
    pace: Annotated[float, typer.Option("--pace", min=0.1, help="So many leads a second.")] = 20.0,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Moves the running leads of a pipeline to its newest version, each where it stands.

    Kept are stage, visit, values, tasks; sequences go on at their step, deadlines count from the same beginning by the
    new version; nothing is done a second time. A lead whose stage, track or step is gone stays on its version and is
    listed with the reason; closed leads are left alone. It may be stopped and run again at any time. Exit status 1 if a
    lead stays behind.
    """
    from commands.acting import desk
    from commands.installed import must_run
    from commands.operators import operator
    from leadflow.store.behind import running
    from leadflow.store.published import newest

    with desk() as open_desk:
        version = newest(open_desk.store, pipeline)
        actor = operator(open_desk.people(), by)
        same = sum(running(open_desk.store, version)[True].values())
        if not dry_run:
            must_run(open_desk.settings)
        found = _rehearse(open_desk, version) if dry_run else _move(open_desk, version, actor, pace)
        left = [one for one in found if one.result != "moved"]
        if as_json:
            say_json(_plain(version, dry_run, same, found))
        else:
            _say(version, dry_run, same, found)
    if left:
        raise typer.Exit(exits.REFUSED)


def _rehearse(open_desk: Desk, version: Version) -> list[Outcome]:
    from commands.acting import now
    from workflows.migration import rehearse

    return rehearse(open_desk.store, open_desk.vault, version, now())


def _move(open_desk: Desk, version: Version, actor: Actor, pace: float) -> list[Outcome]:
    from commands.audit import record
    from workflows.migration import Migration

    count = 0

    def told(_: Outcome) -> None:
        nonlocal count
        count += 1
        if count % EVERY == 0:
            note(f"{count} leads …")

    found = open_desk.gateway(
        lambda gateway: Migration(gateway, open_desk.store, version, actor).run(pace, told)
    )
    moved = str(sum(one.result == "moved" for one in found))
    record(
        open_desk.settings.home,
        "leads migrated",
        actor,
        pipeline=version.id,
        version=str(version.number),
        moved=moved,
    )
    return found


def _plain(version: Version, dry_run: bool, same: int, found: Sequence[Outcome]) -> object:
    def of(result: str) -> list[Outcome]:
        return [one for one in found if one.result == result]

    return {
        "pipeline": version.id,
        "version": version.number,
        "hash": version.hash,
        "dry_run": dry_run,
        "same": same,
        "moved": of("moved"),
        "stuck": [*of("stuck"), *of("busy"), *of("failed")],
    }


def _say(version: Version, dry_run: bool, same: int, found: Sequence[Outcome]) -> None:
    moved = [one for one in found if one.result == "moved"]
    left = [one for one in found if one.result != "moved"]
    say(f"{version.id}: version {version.number} ({version.hash[:12]})")
    say(f"  {same} leads run on it already")
    say(f"  {len(moved)} {'would move' if dry_run else 'moved'}{_details(moved)}")
    say(f"  {len(left)} {'would stay' if dry_run else 'stay'} on earlier versions")
    for one in left:
        stage = f" in {one.stage}" if one.stage else ""
        say(f"    lead {one.number}{stage}: {'; '.join(one.reasons)}")
    if any(one.result == "busy" for one in left) and not dry_run:
        say("Some could not move just now: run it again.")


def _details(moved: Sequence[Outcome]) -> str:
    """What the new version does to them at once, as far as it is known."""
    stages = Counter(one.goes_to for one in moved if one.goes_to)
    told = [f"{count} of them on to {stage} at once" for stage, count in stages.items()]
    if messages := sum(one.messages for one in moved):
        told.append(f"{messages} messages go at once")
    if other := [one for one in moved if one.next_before != one.next_after]:
        told.append(f"the next deadline of {len(other)} moves")
    return f": {', '.join(told)}" if told else ""
