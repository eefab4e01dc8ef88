"""What was published: versions of pipelines with their texts, the installation. What is published never changes."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from leadflow.engine.packed import pack, unpack
from leadflow.engine.pipeline import Pipeline
from leadflow.errors import NotFound
from leadflow.installation import Installation
from leadflow.store.db import Store
from leadflow.store.locks import take
from leadflow.store.once import insert_once
from leadflow.store.staff import staff
from leadflow.store.tables import blobs, installations, pipelines

_TEXTS = msgspec.json.Decoder(dict[str, str])


class Release(msgspec.Struct, frozen=True):
    """A compiled pipeline on its way into the store."""

    pipeline: Pipeline
    blobs: Mapping[str, str] = {}
    """SHA-256 (hex) → body of every template."""
    sources: Mapping[str, str] = {}
    """Path → text of the files it was made from."""


class Version(msgspec.Struct, frozen=True):
    """A published version of a pipeline."""

    id: str
    number: int
    hash: str
    packed: bytes
    """The compiled pipeline: what a lead's workflow is given (`leadflow.engine.packed`)."""
    published: datetime
    by: str
    newest: bool
    """New leads take it."""
    turn: int = 0
    """Which publication of the pipeline it was; one published again has a new turn."""

    @property
    def pipeline(self) -> Pipeline:
        """The compiled pipeline."""
        return unpack(self.packed)


def publish(
    store: Store,
    releases: Sequence[Release],
    *,
    by: str,
    now: datetime,
    installation: object = None,
) -> list[Version]:
    """Numbers and stores versions, with their texts and the installation: all in one transaction.

    A hash published before keeps its number and becomes the newest again: that is how one goes back. New leads take the
    newest version; running leads stay on theirs.

    Args:
        store: the database.
        releases: checked and compiled pipelines.
        by: the user who publishes.
        now: the instant.
        installation: plain data, or a msgspec struct (`leadflow.spec.installation.Installation`); None: as it was.
    """

    def work(connection: Connection) -> list[Version]:
        take(connection, "publish")
        if installation is not None:
            _publish_installation(connection, installation, by, now)
        for release in releases:
            _publish(connection, release, by, now)
        return [newest_of(connection, release.pipeline.id) for release in releases]

    return store.write(work)


def _publish(connection: Connection, release: Release, by: str, now: datetime) -> None:
    for digest, body in release.blobs.items():
        insert_once(connection, blobs, sha256=digest, body=body)
    pipeline = release.pipeline
    of_id = pipelines.c.id == pipeline.id
    last = connection.execute(
        sa.select(sa.func.max(pipelines.c.number), sa.func.max(pipelines.c.turn)).where(of_id)
    ).one()
    # Positions and comments are no part of the hash: a version published again brings its own.
    values = {
        "turn": (last[1] or 0) + 1,
        "packed": pack(pipeline),
        "sources": zlib.compress(msgspec.json.encode(dict(release.sources)), 9),
    }
    again = pipelines.update().where(of_id, pipelines.c.hash == pipeline.hash).values(values)
    if connection.execute(again).rowcount == 0:
        connection.execute(
            pipelines.insert().values(
                id=pipeline.id,
                hash=pipeline.hash,
                number=(last[0] or 0) + 1,
                published=now,
                by=by,
                **values,
            )
        )


def _publish_installation(
    connection: Connection, installation: object, by: str, now: datetime
) -> None:
    data = msgspec.to_builtins(installation)
    last = connection.execute(
        sa.select(installations).order_by(installations.c.number.desc()).limit(1)
    ).one_or_none()
    if last is None or last.data != data:
        number = last.number + 1 if last else 1
        row = {"number": number, "data": data, "published": now, "by": by}
        connection.execute(installations.insert().values(row))


def newest(store: Store, pipeline: str) -> Version:
    """The version that new leads take.

    Raises:
        NotFound: no such pipeline was published; the hint offers near misses.
    """
    return store.read(lambda c: newest_of(c, pipeline))


def newest_of(connection: Connection, pipeline: str) -> Version:
    """`newest`, within a transaction."""
    found = _select(connection, pipelines.c.id == pipeline, most=1)
    if not found:
        known = sorted(connection.execute(sa.select(pipelines.c.id).distinct()).scalars())
        message = f"there is no pipeline '{pipeline}'"
        raise NotFound(message, _near(pipeline, known))
    return found[0]


def version(store: Store, pipeline: str, name: str) -> Version:
    """A version by its number, its hash or the first digits of that.

    Raises:
        NotFound: it was never published here.
    """
    return store.read(lambda c: version_of(c, pipeline, name))


def version_of(connection: Connection, pipeline: str, name: str) -> Version:
    """`version`, within a transaction."""
    named = pipelines.c.hash.startswith(name, autoescape=True)
    if name.isdecimal():
        named |= pipelines.c.number == int(name)
    found = _select(connection, (pipelines.c.id == pipeline) & named, most=1)
    if not found:
        message = f"version {name} of pipeline '{pipeline}' was never published here"
        raise NotFound(message, "publish its files again: leadflow publish PATH")
    return found[0]


def versions(store: Store, pipeline: str = "") -> list[Version]:
    """Every version of a pipeline, or of all: by pipeline, the newest first."""
    condition = pipelines.c.id == pipeline if pipeline else sa.true()
    return store.read(lambda c: _select(c, condition))


@lru_cache(maxsize=256)
def pipeline_of(store: Store, pipeline: str, hash_: str) -> Pipeline:
    """The compiled pipeline that a lead runs on; kept, because a version never changes.

    Raises:
        NotFound: it was never published here.
    """
    return version(store, pipeline, hash_).pipeline


@lru_cache(maxsize=512)
def body(store: Store, sha256: str) -> str:
    """The body of a template.

    Raises:
        NotFound: it was never published here.
    """
    query = sa.select(blobs.c.body).where(blobs.c.sha256 == sha256)
    found = store.read(lambda c: c.execute(query).scalar_one_or_none())
    if found is None:
        message = f"the text {sha256[:12]} was never published here"
        raise NotFound(message, "publish the pipeline again: leadflow publish PATH")
    return str(found)


def sources(store: Store, pipeline: str, number: int) -> dict[str, str]:
    """The files a version was made from: path → text.

    Raises:
        NotFound: there is no such version.
    """
    query = sa.select(pipelines.c.sources).where(
        pipelines.c.id == pipeline, pipelines.c.number == number
    )
    found = store.read(lambda c: c.execute(query).scalar_one_or_none())
    if found is None:
        message = f"version {number} of pipeline '{pipeline}' was never published here"
        raise NotFound(message)
    return _TEXTS.decode(zlib.decompress(found))


def installation(store: Store) -> Installation:
    """The installation published last; nobody works there before the first."""
    return store.read(staff).installation


def _select(
    connection: Connection, condition: sa.ColumnElement[bool], most: int | None = None
) -> list[Version]:
    others = pipelines.alias()
    last = sa.select(sa.func.max(others.c.turn)).where(others.c.id == pipelines.c.id)
    query = (
        sa.select(pipelines, (pipelines.c.turn == last.scalar_subquery()).label("newest"))
        .where(condition)
        .order_by(pipelines.c.id, pipelines.c.turn.desc())
        .limit(most)
    )
    return [_version(row) for row in connection.execute(query)]


def _version(row: Row[Any]) -> Version:
    return Version(
        row.id,
        row.number,
        row.hash,
        row.packed,
        row.published,
        row.by,
        bool(row.newest),
        row.turn,
    )


def _near(name: str, known: Sequence[str]) -> str:
    if not known:
        return "publish one first: leadflow publish PATH"
    if near := get_close_matches(name, known, 1):
        return f"did you mean '{near[0]}'?"
    return f"published are: {', '.join(known)}"
