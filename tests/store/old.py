"""Databases as earlier versions of leadflow have left them."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from leadflow.store import migrate as module
from leadflow.store.db import Store

INSTANCE = "0123456789abcdef"


def make_old(store: Store, revision: str) -> None:
    """The tables of a revision, and the installation's name."""

    def work(connection: sa.Connection) -> None:
        config = Config(attributes={"connection": connection})
        folder = Path(module.__file__).parent / "migrations"
        config.set_main_option("script_location", str(folder))
        command.upgrade(config, revision)
        row = sa.text("INSERT INTO meta (name, value) VALUES ('instance', :name)")
        connection.execute(row, {"name": INSTANCE})

    store.write(work)
