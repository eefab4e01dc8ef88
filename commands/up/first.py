"""The first start of a data directory: its database, the pipelines found beside it, a few leads to look at."""

from __future__ import annotations

import asyncio
import os

from commands.console import note, say
from commands.publishing import release
from commands.reading import usable
from commands.up.addresses import environment
from leadflow.errors import Refused
from leadflow.programs import module
from leadflow.settings import Settings
from leadflow.store.db import Store, open_store
from leadflow.store.keys import open_vault
from leadflow.store.leads import count_leads
from leadflow.store.migrate import migrate
from leadflow.store.published import versions


def prepare(settings: Settings) -> bool:
    """Brings the database up to date; an empty one gets the pipelines of LEADFLOW_SPECS.

    Returns:
        Whether it was empty and has pipelines now.

    Raises:
        Misconfigured: a database of a newer version, a lost key file …
        Unreachable: the database cannot be reached or written.
    """
    store = open_store(settings.database_url)
    try:
        migrate(store)
        open_vault(store, settings.key_file)
        if versions(store) or count_leads(store):
            return False
        return _publish(store, settings)
    finally:
        store.close()


def _publish(store: Store, settings: Settings) -> bool:
    if not settings.specs.exists():
        say(
            f"No pipelines yet: {settings.specs} does not exist. Publish some: leadflow publish PATH"
        )
        return False
    try:
        found = release(store, usable([settings.specs]), [settings.specs], "leadflow up")
    except Refused as error:
        note(error.message)
        note(f"hint: nothing was published; mend it, then: leadflow publish {settings.specs}")
        return False
    for version in found:
        say(f"Published {version.id}, version {version.number}")
    return True


async def add_demo_leads(settings: Settings) -> None:
    """A few leads in motion, in a process of its own: it needs Temporal's client only this once."""
    process = await asyncio.create_subprocess_exec(
        *module("cli", "demo"),
        env={**os.environ, **environment(settings)},
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
