"""The installation that a verb works on: its settings with every address, its store, its people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from commands.options import settings
from commands.up.addresses import embedded
from commands.up.home import Ports, is_held, read_run
from leadflow.errors import Misconfigured, Unreachable
from leadflow.installation import Installation
from leadflow.settings import Settings
from leadflow.store.db import Store, open_store
from leadflow.store.keys import Vault, open_vault
from leadflow.store.migrate import check_version
from leadflow.store.published import installation

_SQLITE = "sqlite:///"


def located() -> Settings:
    """The settings, with the addresses of the parts that `leadflow up` runs where the environment names no others.

    While it does not run its ports lead nowhere: meanwhile they may be another installation's.
    """
    found = settings()
    return embedded(found, read_run(found.home).ports if is_held(found.home) else Ports())


def is_running(found: Settings) -> bool:
    """Whether there is a Temporal server to ask: one of its own address, or the one that `leadflow up` runs."""
    return not settings().embedded_temporal or is_held(found.home)


def must_run(found: Settings) -> None:
    """Raises `Unreachable` when nobody runs what an act needs."""
    if not is_running(found):
        message = f"no leadflow runs in {found.home}"
        raise Unreachable(message, "start it: leadflow up (or set TEMPORAL_ADDRESS)")


@contextmanager
def opened_store(found: Settings) -> Iterator[Store]:
    """The database, of this program's version.

    Raises:
        Misconfigured: there is none, or it is of another version.
    """
    path = Path(found.database_url.removeprefix(_SQLITE))
    if found.database_url.startswith(_SQLITE) and not path.exists():
        message = f"there is no installation yet: {path} does not exist"
        raise Misconfigured(message, "run `leadflow up` first, or name another in LEADFLOW_HOME")
    store = open_store(found.database_url)
    try:
        check_version(store)
        yield store
    finally:
        store.close()


def open_vault_of(found: Settings, store: Store) -> Vault:
    """The vault of an installation."""
    return open_vault(store, found.key_file)


def people(store: Store) -> Installation:
    """Who works here, as published last."""
    return installation(store)
