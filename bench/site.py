"""Where it is measured: one Temporal server, a mail server each, a worker each, all in one folder."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from temporalio.client import Client

from activities.clock import SystemClock
from bench.baseline import worker as baseline_worker
from bench.baseline.store import BaselineStore
from bench.baseline.workflow import STAGE
from bench.mailbox import followed
from bench.sides import Baseline, Product
from leadflow.programs import module
from leadflow.settings import Settings, from_environment
from leadflow.spec.check import check_paths
from leadflow.store.db import Store, open_store
from leadflow.store.keys import open_vault
from leadflow.store.migrate import migrate
from leadflow.store.published import Release, publish
from leadflow.text import RenderPool
from proving.processes import POLL_SECONDS, START_SECONDS
from proving.sinks.process import Sink
from proving.temporal import temporal_server
from proving.workers import Worker
from workflows.connect import connect, define_search_attributes
from workflows.gateway import TemporalGateway
from workflows.names import SEARCH_ATTRIBUTES

SPEC = Path(__file__).parent / "spec"
READY = "this build is the current one"
"""The product's worker has work from here on."""
NAMESPACE = "default"


class Site(msgspec.Struct, frozen=True):
    """Everything runs."""

    server: int
    """Temporal's process id."""
    product: Product
    baseline: Baseline
    gateway: TemporalGateway
    store: Store


@contextlib.asynccontextmanager
async def site(folder: Path, database: str = "") -> AsyncIterator[Site]:
    """Both sides at work, on one Temporal server.

    Args:
        folder: for everything that is written.
        database: URL of an empty PostgreSQL database for both; by default an SQLite file each.
    """
    with (
        temporal_server(folder) as temporal,
        Sink("smtp", _made(folder / "product")) as mail,
        Sink("smtp", _made(folder / "baseline")) as other_mail,
    ):
        settings = _settings(folder / "product", temporal.address, mail.url, database)
        url = database or f"sqlite:///{folder / 'baseline' / 'baseline.db'}"
        async with contextlib.AsyncExitStack() as stack:
            store = stack.enter_context(contextlib.closing(open_store(settings.database_url)))
            _publish(store)
            vault = open_vault(store, settings.key_file)
            client = await connect(temporal.address, NAMESPACE, vault)
            await define_search_attributes(client, (*SEARCH_ATTRIBUTES, STAGE))
            plain = await Client.connect(temporal.address)
            worker = stack.enter_context(
                _worker(folder / "product", module("worker"), _environment(settings), READY)
            )
            command = module("bench.baseline.worker", temporal.address, url)
            command.append(f"127.0.0.1:{other_mail.port}")
            other = stack.enter_context(
                _worker(folder / "baseline", command, os.environ, baseline_worker.READY)
            )
            rows = stack.enter_context(contextlib.closing(BaselineStore(url)))
            pool = stack.enter_context(RenderPool())
            gateway = TemporalGateway(client, store, vault, SystemClock(), pool.render)
            box = await stack.enter_async_context(followed(mail.log))
            other_box = await stack.enter_async_context(followed(other_mail.log))
            yield Site(
                server=temporal.pid,
                product=Product(client, worker.pid, box, gateway, store),
                baseline=Baseline(plain, other.pid, other_box, rows),
                gateway=gateway,
                store=store,
            )


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def _settings(home: Path, temporal: str, smtp: str, database: str) -> Settings:
    given = {"LEADFLOW_HOME": str(home), "LEADFLOW_SMTP_URL": smtp, "TEMPORAL_ADDRESS": temporal}
    return from_environment({**given, "LEADFLOW_DATABASE_URL": database})


def _environment(settings: Settings) -> dict[str, str]:
    """The product's worker gets these settings and no others that may be set here."""
    ours = ("LEADFLOW_", "TEMPORAL_")
    others = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {
        **others,
        "LEADFLOW_HOME": str(settings.home),
        "LEADFLOW_DATABASE_URL": settings.database_url,
        "LEADFLOW_KEY_FILE": str(settings.key_file),
        "LEADFLOW_SMTP_URL": settings.smtp_url,
        "TEMPORAL_ADDRESS": settings.temporal_address,
    }


def _publish(store: Store) -> None:
    migrate(store)
    found = check_paths([SPEC])
    assert not found.problems, found.text()
    releases = [Release(each.pipeline, each.blobs) for each in found.compiled]
    now = datetime.now(UTC)
    publish(store, releases, by="bench", now=now, installation=found.project.installation)


@contextlib.contextmanager
def _worker(
    folder: Path, command: list[str], environment: Mapping[str, str], ready: str
) -> Iterator[Worker]:
    worker = Worker(folder, command, environment)
    try:
        _wait(worker, ready)
        yield worker
    finally:
        status = worker.end()
    assert status == 0, _end_of_log(worker)
    assert not worker.deaths, f"a worker died: {_end_of_log(worker)}"


def _wait(worker: Worker, ready: str) -> None:
    end = time.monotonic() + START_SECONDS
    while ready not in worker.log.read_text("utf-8", "replace"):
        assert not worker.deaths, f"a worker died at once: {_end_of_log(worker)}"
        assert time.monotonic() < end, f"a worker is not ready: {_end_of_log(worker)}"
        time.sleep(POLL_SECONDS)


def _end_of_log(worker: Worker) -> str:
    return worker.log.read_text("utf-8", "replace")[-2000:]
