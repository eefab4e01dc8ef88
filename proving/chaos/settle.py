"""Messages that nobody can be sure of: some managers ask the client and say what they heard, others let it lie."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from leadflow.engine.events import TaskDone
from leadflow.errors import Unreachable
from leadflow.store.db import Store
from leadflow.store.outbox import outbox
from leadflow.store.todo import TaskRow, find_tasks
from proving.chaos.desk import SUPERVISOR, Desk, GaveUp

EVERY_SECONDS = 3.0
ASKED_FOR = timedelta(seconds=6)
"""A task this old is answered: by then whatever the sinks have stalled has arrived."""


class Arrivals:
    """Which messages the sinks have, read on as their logs grow."""

    def __init__(self, logs: Sequence[Path]) -> None:
        self._read = dict.fromkeys(logs, 0)
        self._known: set[str] = set()

    def has(self, key: str) -> bool:
        """Whether a message of this key (its hash) has arrived."""
        for log in self._read:
            with log.open("rb") as file:
                file.seek(self._read[log])
                whole, newline, _ = file.read().rpartition(b"\n")
            self._read[log] += len(whole + newline)
            for line in whole.splitlines():
                entry = json.loads(line)
                if entry["event"] == "message":
                    self._known.add(entry["key"])
        return key in self._known


async def settle(desk: Desk, store: Store, arrivals: Arrivals, seed: str) -> None:
    """Runs until it is cancelled."""
    left: set[str] = set()
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            tasks = await asyncio.to_thread(find_tasks, store, most=1_000)
        except Unreachable:
            continue
        now = datetime.now(UTC)
        for task in tasks:
            if task.settles and task.key not in left and task.opened < now - ASKED_FOR:
                left.add(task.key)
                await _answer(desk, store, arrivals, task, Random(f"{seed}/{task.key}"))  # noqa: S311 -- no secret


async def _answer(
    desk: Desk, store: Store, arrivals: Arrivals, task: TaskRow, random: Random
) -> None:
    if random.random() < 0.4:  # noqa: PLR2004 -- a share
        return
    try:
        rows = await asyncio.to_thread(outbox, store, lead=task.lead)
        row = next(row for row in rows if row.effect == task.settles)
        came = arrivals.has(row.hash)
        outcome = "sent" if came else random.choice(("resend", "drop"))
        done = TaskDone(
            id=f"settle-{row.hash}-{row.resends}", actor=SUPERVISOR, task=task.task, outcome=outcome
        )
        await desk.act(task.lead, done)
    except (Unreachable, GaveUp):
        return
