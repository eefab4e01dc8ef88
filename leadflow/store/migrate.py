"""Bringing a database to this program's version, and refusing one that a newer program has made."""

from __future__ import annotations

import logging
import secrets
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from leadflow.errors import Misconfigured
from leadflow.store.db import Store
from leadflow.store.locks import take
from leadflow.store.seat import settle, settled
from leadflow.store.tables import meta

HEAD = "0008"
"""The last migration; older ones sort before it."""
_INSTANCE_DIGITS = 16


def migrate(store: Store) -> None:
    """Makes all tables, or brings them up to date, in one transaction; safe when several processes start at once.

    Raises:
        Misconfigured: the database was made by a newer leadflow.
        Unreachable: it cannot be reached or written.
    """
    if store.read(_version) != HEAD:
        store.write(_upgrade)


def check_version(store: Store) -> None:
    """For programs that do not migrate.

    Raises:
        Misconfigured: the database is of another version, or empty; the hint says what to do.
    """
    version = store.read(_version)
    if version is None:
        message = "the database is empty: it was never prepared"
        raise Misconfigured(message, "run `leadflow up`, or name another in LEADFLOW_DATABASE_URL")
    _refuse_newer(version)
    if version != HEAD:
        message = f"the database is of an older version ({version}; this program: {HEAD})"
        raise Misconfigured(message, "start `leadflow up` or `leadflow worker`: they renew it")


def instance(store: Store) -> str:
    """An opaque name of this installation, made with its database."""
    query = sa.select(meta.c.value).where(meta.c.name == "instance")
    name: str = store.read(lambda c: c.execute(query).scalar_one())
    return name


def _version(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def _refuse_newer(version: str) -> None:
    if version > HEAD:
        message = (
            f"the database was made by a newer leadflow (version {version}; this program: {HEAD})"
        )
        hint = "install that version again, or restore a backup from before it"
        raise Misconfigured(message, hint)


def _upgrade(connection: Connection) -> None:
    take(connection, "migration")
    version = _version(connection)
    if version == HEAD:  # another process was faster
        return
    _refuse_newer(version or "")
    from alembic import command  # noqa: PLC0415 -- takes a tenth of a second, once in a life
    from alembic.config import Config  # noqa: PLC0415 -- as above

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    logging.getLogger("alembic").setLevel(logging.WARNING)
    command.upgrade(config, "head")
    if version is None:
        name = secrets.token_hex(_INSTANCE_DIGITS // 2)
        connection.execute(meta.insert().values(name="instance", value=name))
    if not settled(connection):
        settle(connection)
