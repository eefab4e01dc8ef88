"""The worker of the hand-written process: ``python -m bench.baseline.worker TEMPORAL DATABASE SMTP``."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

from temporalio.client import Client
from temporalio.worker import Worker

from bench.baseline.activities import Activities
from bench.baseline.shapes import TASK_QUEUE
from bench.baseline.store import BaselineStore
from bench.baseline.workflow import BenchLead

THREADS = 20
CACHED_LEADS = 5_000
READY = "the baseline's worker is ready"


async def work(temporal: str, database: str, smtp: str) -> None:
    """Until SIGTERM. ``temporal``, ``smtp``: host:port."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    host, _, port = smtp.partition(":")
    client = await Client.connect(temporal)
    store = BaselineStore(database)
    store.prepare()
    actions = Activities(store, (host, int(port)))
    with contextlib.closing(store), ThreadPoolExecutor(THREADS) as threads:
        async with Worker(
            client,
            task_queue=TASK_QUEUE,
            workflows=[BenchLead],
            activities=[
                actions.assign,
                actions.create_task,
                actions.move,
                actions.send_mail,
                actions.tell_supervisor,
                actions.convert,
            ],
            activity_executor=threads,
            max_concurrent_activities=THREADS,
            max_cached_workflows=CACHED_LEADS,
        ):
            print(READY, flush=True)  # noqa: T201 -- how the bench hears of it
            await stop.wait()


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))
