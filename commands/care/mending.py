"""`leadflow recover` and `leadflow reconcile`: what Temporal and the database have to say to each other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from temporalio.service import RPCError

from commands.acting import Desk, desk, now
from commands.audit import record
from commands.installed import must_run
from commands.operators import operator
from leadflow.errors import Unreachable
from leadflow.installation import Installation
from leadflow.text import RenderPool
from workflows.connect import connect, has_worker
from workflows.reconcile import Difference, Reconciliation
from workflows.recovery import Recovered, Recovery

T = TypeVar("T")


def recover(dry: bool, pace: float) -> Recovered:
    """Begins leads again; see `workflows.recovery`."""
    with desk() as open_desk:
        found = _run(open_desk, lambda one: one.recover(now(), dry=dry, pace=pace), worker=False)
        if found.begun and not dry:
            _record(open_desk, "leads begun again", found.begun)
    return found


def reconcile(
    *, repair: bool, end_orphans: bool, restart_stuck: bool, pace: float
) -> list[Difference]:
    """Compares and mends; see `workflows.reconcile`."""

    async def work(recovery: Recovery) -> list[Difference]:
        one = Reconciliation(recovery, now())
        return await one.reconcile(
            repair=repair, end_orphans=end_orphans, restart_stuck=restart_stuck, pace=pace
        )

    with desk() as open_desk:
        found = _run(open_desk, work, worker=True)
        if mended := [one for one in found if one.done]:
            _record(open_desk, "differences mended", len(mended))
    return found


def _run(open_desk: Desk, work: Callable[[Recovery], Awaitable[T]], *, worker: bool) -> T:
    must_run(open_desk.settings)
    with RenderPool(size=1) as pool:
        return asyncio.run(_with(open_desk, pool, work, worker))


async def _with(
    open_desk: Desk, pool: RenderPool, work: Callable[[Recovery], Awaitable[T]], worker: bool
) -> T:
    found = open_desk.settings
    client = await connect(found.temporal_address, found.temporal_namespace, open_desk.vault)
    try:
        if worker and not await has_worker(client):
            message = "no worker asks for work: no workflow can say where it stands"
            raise Unreachable(message, "start one: leadflow up, or leadflow worker")
        return await work(Recovery(client, open_desk.store, open_desk.vault, pool.render))
    except RPCError as error:
        message = f"Temporal at {found.temporal_address} does not answer: {error.message}"
        raise Unreachable(message, "see `leadflow doctor`; what is done so far is done") from error


def _record(open_desk: Desk, what: str, count: int) -> None:
    record(open_desk.settings.home, what, operator(Installation(), ""), count=str(count))
