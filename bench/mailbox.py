"""Who has got his letter: a mail server's books, read as they grow."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

LOOK_SECONDS = 0.02
PATIENCE = 300.0


class Mailbox:
    """The letters that one side's mail server has taken; costs neither the Temporal server nor a worker anything."""

    def __init__(self, books: Path) -> None:
        self._books = books
        self._read = 0
        self.letters: Counter[str] = Counter()
        """Recipient → how many."""
        self._there: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    async def arrived(self, recipient: str) -> None:
        """Waits until somebody has a letter.

        Raises:
            TimeoutError: none comes.
        """
        async with asyncio.timeout(PATIENCE):
            await self._there[recipient].wait()

    async def follow(self) -> None:
        """Reads on, until it is cancelled."""
        while True:
            self._read_on()
            await asyncio.sleep(LOOK_SECONDS)

    def _read_on(self) -> None:
        with self._books.open("rb") as books:
            books.seek(self._read)
            lines = [line for line in books if line.endswith(b"\n")]
        self._read += sum(map(len, lines))
        for entry in map(json.loads, lines):
            if entry["event"] == "message":
                self.letters[entry["to"]] += 1
                self._there[entry["to"]].set()


@contextlib.asynccontextmanager
async def followed(books: Path) -> AsyncIterator[Mailbox]:
    """A mailbox as long as the block lasts."""
    mailbox = Mailbox(books)
    task = asyncio.create_task(mailbox.follow())
    try:
        yield mailbox
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
