"""The worker: runs leads' workflows and everything they do. `python worker.py`, or `leadflow worker`.

A composition root: here the parts meet and nowhere else. Any number of workers may run side by side; each can be killed
at any moment. SIGTERM and SIGINT let what is being handed over finish, and end it with status 0.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

import structlog
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

from activities.attachments import Attachments
from activities.beside import beside
from activities.callbacks import read_callbacks
from activities.clock import Clock, SystemClock
from activities.commit import CommitActivity
from activities.compose import Composer
from activities.connections import Connections
from activities.gate import Gate
from activities.receipts import kept_by, listen
from activities.send import SendActivity
from leadflow.errors import LeadflowError, Misconfigured, Unreachable
from leadflow.installation import ConnectionType, Installation
from leadflow.logs.pipe import begin, form_of
from leadflow.settings import Settings, from_environment
from leadflow.store.commit import commit
from leadflow.store.db import Store, open_store
from leadflow.store.keys import Vault, open_vault
from leadflow.store.ledger import Ledger
from leadflow.store.metrics import measure
from leadflow.store.migrate import migrate
from leadflow.store.published import installation
from leadflow.store.seat import look
from leadflow.store.seen import keep_in_mind, meet
from leadflow.text import RenderPool
from leadflow.web.metrics import Watched, served
from workflows.connect import answers, connect, prepare
from workflows.delivery import Delivery
from workflows.door import Door
from workflows.histories import Histories
from workflows.rates import keep_rates
from workflows.relay import relay
from workflows.versions import build_id, promote
from workflows.workers import workers

T = TypeVar("T")

THREADS = 64
PATIENCE = 60
"""Seconds that a worker waits for a server that is just starting."""

NO_PROMOTE = "--no-promote"
"""As an argument: this build is not made the current one."""

log = structlog.get_logger("worker")


async def run_worker(
    settings: Settings,
    *,
    stop: asyncio.Event,
    environ: Mapping[str, str] = os.environ,
    clock: Callable[[Client], Clock] = lambda _: SystemClock(),
    build: str = "",
    current: bool = True,
) -> None:
    """Works until ``stop`` is set.

    Args:
        settings: where everything is; ``temporal_address`` must be given.
        stop: set from outside.
        environ: where connections of the installation find their secrets.
        clock: what activities take for the time.
        build: of this worker (`workflows.versions`); empty: unversioned, for tests and for Temporal servers before 1.29.
        current: whether the build is made the current one for all workers; else leads stay where they are.

    Raises:
        Misconfigured: settings, key file or database cannot be used.
        Unreachable: database or Temporal do not answer.
    """
    if not settings.temporal_address:
        message = "the worker does not know where Temporal is"
        raise Misconfigured(message, "set TEMPORAL_ADDRESS, or run `leadflow up`")
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
    store = open_store(settings.database_url)
    with contextlib.closing(store), RenderPool() as pool:
        await asyncio.to_thread(migrate, store)
        vault = open_vault(store, settings.key_file)
        client, namespace = await _connected(settings, vault)
        now = clock(client)
        await _look_back(settings, store, namespace, await now.now())
        histories = Histories(client, store, vault, pool.render)
        commits = CommitActivity(
            lambda batch, at: commit(store, vault, batch, pool.render, at),
            histories.catch_up_to,
            now,
        )

        def published() -> Installation:
            return installation(store)

        urls: dict[ConnectionType, str] = {
            "email": settings.smtp_url,
            "sms": settings.sms_url,
            "message": settings.message_url,
        }
        connections = Connections(published, environ, urls, kept_by(store, vault, now))
        sends = _sends(store, vault, pool, published, connections, now)
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(connections.close)
            if settings.metrics:
                watched = _watched(settings, store, client, now, build)
                stack.enter_context(served(settings.metrics, watched))
            for each in workers(client, build, commits, sends):
                await stack.enter_async_context(each)
            if build and current:
                await stack.enter_async_context(beside(promote(client, build)))
            mark = functools.partial(keep_in_mind, store, settings.home)
            delivery = Delivery(client, store, vault, Door(store, vault, pool.render, now))
            await stack.enter_async_context(beside(relay(delivery, now, mark)))
            await stack.enter_async_context(beside(keep_rates(client, published)))
            await stack.enter_async_context(beside(read_callbacks(store, vault, published, now)))
            await stack.enter_async_context(beside(listen(store, connections)))
            log.info("the worker is ready", temporal=settings.temporal_address)
            await stop.wait()
            log.info("the worker stops")


async def _look_back(settings: Settings, store: Store, namespace: str, now: datetime) -> None:
    """Before anything is sent: is this the database we know, and the Temporal that its leads live in?"""
    await asyncio.to_thread(keep_in_mind, store, settings.home, now)
    await asyncio.to_thread(meet, store, namespace, now)
    if (copy := await asyncio.to_thread(look, store)) is not None:
        log.warning("nothing is sent until `leadflow confirm`", why=copy.words)


def _watched(settings: Settings, store: Store, client: Client, clock: Clock, build: str) -> Watched:
    """What is asked in a thread of its own, of this loop what only it can say."""
    loop = asyncio.get_running_loop()

    def ask(question: Coroutine[None, None, T]) -> T:
        return asyncio.run_coroutine_threadsafe(question, loop).result()

    return Watched(
        lambda: measure(store, ask(clock.now())), lambda: ask(answers(client)), settings.home, build
    )


def _sends(
    store: Store,
    vault: Vault,
    pool: RenderPool,
    published: Callable[[], Installation],
    connections: Connections,
    clock: Clock,
) -> SendActivity:
    ledger = Ledger(store, vault)
    attachments = Attachments(store, vault, pool)
    composer = Composer(store, ledger, pool, attachments, published, connections)
    me = f"{socket.gethostname()}:{os.getpid()}"
    return SendActivity(ledger, composer, Gate(store, vault, connections), clock, me)


async def _connected(settings: Settings, vault: Vault) -> tuple[Client, str]:
    """With the namespace's id; waits a while for a server that is starting beside us, or starts again."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            client = await connect(settings.temporal_address, settings.temporal_namespace, vault)
            return client, await prepare(client)
        except Unreachable:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.5)


async def _until_signalled(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    current = NO_PROMOTE not in sys.argv[1:]
    await run_worker(settings, stop=stop, build=build_id(), current=current)


def main() -> int:
    """Runs until it is told to stop; the exit status."""
    settings = from_environment(os.environ)
    try:
        begin(form_of(settings.log, sys.stderr), sys.stderr)
        _hear_temporal()
        asyncio.run(_until_signalled(settings))
    except Unreachable as error:
        return _said(error, 4)
    except LeadflowError as error:
        return _said(error, 5)
    return 0


def _hear_temporal() -> None:
    """Temporal's core logs through our pipe; of attempts that failed, those are heard of that nobody meant to fail."""
    forwarding = LogForwardingConfig(logging.getLogger("temporalio.core"))
    heard = TelemetryFilter(core_level="WARN", other_level="ERROR")
    telemetry = TelemetryConfig(logging=LoggingConfig(heard, forwarding=forwarding))
    Runtime.set_default(Runtime(telemetry=telemetry))
    logging.getLogger("temporalio.activity").addFilter(_unmeant)


def _unmeant(record: logging.LogRecord) -> bool:
    """A send that is tried again later is daily business: the ledger has its reason."""
    error = record.exc_info[1] if record.exc_info else None
    return not (isinstance(error, ApplicationError) and error.type == "Later")


def _said(error: LeadflowError, status: int) -> int:
    sys.stderr.write(f"error: {error.message}\nhint: {error.hint}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
