"""X15: a data directory copied as a whole, Temporal's file with it, sends nothing until an admin confirms."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from leadflow.spec.compile.pipeline import Compiled
from leadflow.store.outbox import outbox
from leadflow.store.seat import confirm, look
from proving.sinks.process import Sink
from proving.temporal import temporal_server as own_server
from tests.e2e.copies import all_held, begun, call, offered, sent, states
from tests.support.running import Home, installed, until, working
from tests.support.tiny import tiny

pytestmark = pytest.mark.usefixtures("impatient")


async def test_a_cloned_home_sends_nothing(tmp_path: Path) -> None:
    """The original goes on as if nothing had been; the clone lives, and nothing leaves it until it is confirmed.

    Even Temporal is a copy, so that nothing but the place of the database tells the two apart.
    """
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    with Sink("smtp", tmp_path) as smtp:
        async with alive(here, "smtp://127.0.0.1:9", tiny()) as one:
            planned, later = await offered(one, 1), await begun(one, 2)
        shutil.copytree(here, there)

        async with alive(here, smtp.url) as one:
            assert look(one.store) is None
            await sent(one)
        async with alive(there, smtp.url) as clone:
            copy = look(clone.store)
            assert copy is not None
            assert copy.cause == "moved"
            await call(clone, later)  # it lives on: only what leaves the house is held
            await all_held(clone)
            assert (len(states(clone)), smtp.count()) == (2, 1)
            assert confirm(clone.store, await clone.clock.now(), ask=True) == 2
            fresh = await offered(clone, 3)
            await asyncio.to_thread(smtp.wait, 2)
            await until(
                lambda: {row.lead: row.state for row in outbox(clone.store)},
                lambda now: now == {planned: "ambiguous", later: "ambiguous", fresh: "accepted"},
            )
        assert [message["to"] for message in smtp.messages()] == [
            "c1@example.org",
            "c3@example.org",
        ]


@contextlib.asynccontextmanager
async def alive(folder: Path, smtp: str, *pipelines: Compiled) -> AsyncIterator[Home]:
    """The installation of a folder, with a Temporal server on a file in it, and at work."""
    with own_server(folder) as temporal:
        address = temporal.address
        async with (
            installed(folder, address, "default", *pipelines, smtp_url=smtp) as one,
            working(one.settings),
        ):
            yield one
