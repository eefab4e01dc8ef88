"""An installation restored or put back: what the tests of copies share."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from leadflow.engine.events import Actor, Created, TaskDone
from leadflow.engine.state import SendRun
from leadflow.store.backup import restore
from leadflow.store.db import open_store
from leadflow.store.outbox import outbox
from leadflow.store.seat import HELD
from leadflow.text import render
from tests.support.running import ANNA, BORIS, Home, installed, until
from tests.support.temporal import own_namespace
from workflows.recovery import Recovery

FIELDS = {"phone": "+79161234567", "name": "Иван", "price": "1"}
QUICK = 100.0
"""Leads a second."""
ACTORS: dict[str, Actor] = {"anna": ANNA, "boris": BORIS}


@contextlib.asynccontextmanager
async def restored(
    original: Home, file: Path, folder: Path, database: str, *, namespace: str = "", smtp: str
) -> AsyncIterator[Home]:
    """A backup in another place, with the original's key; in front of an empty Temporal, or of that namespace."""
    (folder / "keys").mkdir(parents=True, exist_ok=True)
    shutil.copy(original.settings.key_file, folder / "keys" / "master.key")
    store = open_store(database)
    restore(store, file, await original.clock.now())
    store.close()
    temporal = original.settings.temporal_address
    async with contextlib.AsyncExitStack() as stack:
        of = namespace or await stack.enter_async_context(own_namespace(temporal))
        yield await stack.enter_async_context(
            installed(folder, temporal, of, database_url=database, smtp_url=smtp)
        )


def recovery(one: Home) -> Recovery:
    """Its hands."""
    return Recovery(one.client, one.store, one.vault, render)


async def begun(one: Home, number: int) -> str:
    """A lead whose manager is to call."""
    created = Created(id="c", fields={**FIELDS, "email": f"c{number}@example.org"})
    lead = (await one.gateway.add("tiny", created, source="t", external_id=str(number))).lead
    await one.until(lead, lambda row: bool(row.version and row.owner))
    await until(lambda: recovery(one).status(lead), bool)  # the relay stores it before it begins
    await one.calm(lead)
    return lead


async def offered(one: Home, number: int) -> str:
    """A lead whose client gets an offer by mail."""
    lead = await begun(one, number)
    await call(one, lead)
    return lead


async def call(one: Home, lead: str) -> None:
    """The manager has called: the offer is planned."""
    by = ACTORS[one.row(lead).owner]
    done = TaskDone(id=f"t/{lead}", actor=by, task="contact", outcome="reached")
    assert not (await one.gateway.act(lead, done)).refusals
    await one.until(lead, lambda row: row.stage == "offered")


def states(one: Home) -> dict[str, str]:
    """How each message stands, by its key."""
    return {row.key: row.state for row in outbox(one.store, most=1_000)}


async def all_held(one: Home) -> None:
    """Every message that waits has been tried and held back."""

    def waiting() -> list[str]:
        rows = outbox(one.store, states=["planned", "claimed", "handing_over"], most=1_000)
        return [row.key for row in rows if row.reason != HELD]

    await until(waiting, lambda left: not left)


async def sent(one: Home) -> None:
    """Every message has arrived, and its lead has heard of it."""
    await until(lambda: {*states(one).values()}, lambda now: now == {"accepted"})
    for row in outbox(one.store):
        await _heard(one, row.lead)


async def _heard(one: Home, lead: str) -> None:
    async def waited_for() -> dict[str, SendRun]:
        return (await one.card(lead)).sends

    await until(waited_for, lambda sends: not sends)
