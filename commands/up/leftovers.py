"""Processes that a killed run has left behind, and those of a run that is told to end."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

from commands.up.home import Process, read_run

PATIENCE_SECONDS = 20.0


def leftovers(home: Path) -> dict[str, psutil.Process]:
    """What still lives of the last run of this data directory, by part."""
    found = {name: each.alive() for name, each in read_run(home).processes.items()}
    return {name: each for name, each in found.items() if each is not None}


def stop_leftovers(home: Path) -> list[str]:
    """Ends them, because they hold files and ports; their names."""
    found = leftovers(home)
    end(found.values())
    return sorted(found)


def end(processes: Iterable[psutil.Process]) -> None:
    """Asks processes to end, with their children; kills those that do not."""
    family = list(processes)
    for each in list(family):
        with suppress(psutil.NoSuchProcess):
            family += each.children(recursive=True)
    for each in family:
        with suppress(psutil.NoSuchProcess):
            each.terminate()
    _, alive = psutil.wait_procs(family, PATIENCE_SECONDS)
    for each in alive:
        with suppress(psutil.NoSuchProcess):
            each.kill()
    psutil.wait_procs(alive, PATIENCE_SECONDS)


def wait_for(processes: Iterable[Process], seconds: float) -> bool:
    """Whether all of them have ended within that time."""
    living = [found for each in processes if (found := each.alive())]
    _, alive = psutil.wait_procs(living, seconds)
    return not alive
