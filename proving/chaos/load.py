"""One of the processes in which people work on leads: ``python -m proving.chaos.load``; it may be killed at any time.

Started again it reads its journal: inquiries that nobody has answered yet are made again under their ids, leads that were
being worked on are left to their timers. When it is time everybody goes home, but for who waits for an inquiry's answer;
then it ends with status 0.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import sys
import time
from collections.abc import Coroutine, Iterator
from pathlib import Path

from activities.clock import SystemClock
from leadflow.errors import Unreachable
from leadflow.settings import from_environment
from leadflow.store.db import Store, open_store
from leadflow.store.keys import open_vault
from leadflow.text import RenderPool
from proving.chaos.desk import Desk, GaveUp
from proving.chaos.journal import Journal, read
from proving.chaos.settle import Arrivals, settle
from proving.chaos.stories import Story
from workflows.connect import connect
from workflows.gateway import TemporalGateway


class Load:
    """The leads of this process."""

    def __init__(self, options: argparse.Namespace, desk: Desk) -> None:
        self.desk = desk
        self._options = options
        self._begun: set[asyncio.Task[None]] = set()
        self._stories: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Begins each inquiry at its time; leaves the leads alone once it is time to go home."""
        began, gap = self._options.began, self._options.arrive / self._options.leads
        for number in self._to_do():
            due = min(began + number * gap, self._options.until)
            await asyncio.sleep(max(0.0, due - time.time()))
            self._keep(self._stories, asyncio.create_task(self._live(number)))
        await asyncio.sleep(max(0.0, self._options.until - time.time()))
        await asyncio.sleep(0)  # the last ones have come in
        for story in self._stories:
            story.cancel()
        await asyncio.gather(*self._begun, return_exceptions=True)

    async def _live(self, number: int) -> None:
        story = Story(self.desk, number, self._options.seed)
        begun = asyncio.create_task(story.begin())
        self._keep(self._begun, begun)
        with contextlib.suppress(GaveUp):
            await asyncio.shield(begun)
            await story.go_on()

    def _keep(self, where: set[asyncio.Task[None]], task: asyncio.Task[None]) -> None:
        where.add(task)
        task.add_done_callback(where.discard)

    def _to_do(self) -> Iterator[int]:
        lines = read([self._options.journal]) if self._options.journal.exists() else []
        known = {line.number for line in lines if line.what == "added"}
        mine = range(self._options.number, self._options.leads, self._options.of)
        return (number for number in mine if number not in known)


async def work(options: argparse.Namespace) -> None:
    """Until it is time to go home.

    Raises:
        Unreachable: database or Temporal are away just now.
    """
    settings = from_environment(os.environ)
    with contextlib.closing(open_store(settings.database_url)) as store, RenderPool() as pool:
        vault = await asyncio.to_thread(open_vault, store, settings.key_file)
        client = await connect(settings.temporal_address, settings.temporal_namespace, vault)
        # As a web process, which lives long and stores what it is answered; as a command line, which does not.
        render = pool.render if options.number == 0 else None
        gateway = TemporalGateway(client, store, vault, SystemClock(), render)
        load = Load(options, Desk(gateway, store, Journal(options.journal)))
        settlers = [asyncio.create_task(each) for each in _settlers(options, load.desk, store)]
        await load.run()
        for settler in settlers:
            settler.cancel()


def _settlers(
    options: argparse.Namespace, desk: Desk, store: Store
) -> list[Coroutine[None, None, None]]:
    """One process is enough for them."""
    if options.number:
        return []
    return [settle(desk, store, Arrivals(options.arrivals), options.seed)]


def main() -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, required=True, help="which of the processes")
    parser.add_argument("--of", type=int, required=True, help="how many there are")
    parser.add_argument("--leads", type=int, required=True, help="of all of them")
    parser.add_argument("--began", type=float, required=True, help="seconds of the epoch")
    parser.add_argument("--arrive", type=float, required=True, help="seconds in which all come in")
    parser.add_argument("--until", type=float, required=True, help="seconds of the epoch")
    parser.add_argument("--seed", required=True)
    parser.add_argument("--journal", type=Path, required=True)
    parser.add_argument("--arrivals", type=Path, nargs="*", default=[], help="the sinks' logs")
    logging.basicConfig(level=logging.WARNING)
    try:
        asyncio.run(work(parser.parse_args()))
    except Unreachable:
        return 4  # whoever keeps us starts us again
    return 0


if __name__ == "__main__":
    sys.exit(main())
