"""A whole installation for one test: database, keys, namespace, published pipelines, workers in or out of this process."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, overload

import msgspec
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import ResetReapplyExcludeType
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionResponse,
    ResetWorkflowExecutionRequest,
)
from temporalio.client import Client

import worker
from activities.clock import Clock, SystemClock
from leadflow.engine.events import Actor
from leadflow.engine.state import State
from leadflow.installation import Connection, Installation, User
from leadflow.settings import Settings, from_environment
from leadflow.spec.compile.pipeline import Compiled
from leadflow.store.db import Store, open_store
from leadflow.store.keys import Vault, open_vault
from leadflow.store.leads import LeadRow, find_lead
from leadflow.store.migrate import migrate
from leadflow.store.published import Release, publish
from leadflow.text import render
from tests.support.temporal import own_namespace
from workflows.connect import connect
from workflows.gateway import TemporalGateway

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
SECONDS = 20.0
POLL_SECONDS = 0.02

ANNA = Actor(user="anna", teams=("sales",), via="test")
BORIS = Actor(user="boris", teams=("sales",), via="test")
OLGA = Actor(user="olga", supervises=("anna", "boris"), via="test")
COMPANY = Installation(
    users={
        "anna": User("anna", "Анна Лактионова", "anna@example.com", supervisor="olga"),
        "boris": User("boris", "Борис Петров", "boris@example.com", supervisor="olga"),
        "olga": User("olga", "Ольга Ким", "olga@example.com", admin=True),
    },
    teams={"sales": ("anna", "boris")},
    connections={
        "mail": Connection("mail", "email", "smtp://nowhere.invalid", "office@example.com")
    },
)


class Home:
    """One installation and its doors."""

    def __init__(self, settings: Settings, store: Store, vault: Vault, client: Client) -> None:
        self.settings = settings
        self.store = store
        self.vault = vault
        self.client = client
        self.clock = SystemClock()
        self.gateway = TemporalGateway(client, store, vault, self.clock, render)

    def row(self, lead: str) -> LeadRow:
        """The lead as the board has it."""
        return find_lead(self.store, lead)

    async def card(self, lead: str) -> State:
        """The lead as its workflow has it."""
        return await self.gateway.card(lead)

    async def until(self, lead: str, ready: Callable[[LeadRow], bool]) -> LeadRow:
        """Waits until the board shows something."""
        return await until(lambda: self.row(lead), ready)

    async def calm(self, lead: str) -> int:
        """Waits until the lead's workflow has nothing to do but to send; how many events its history has."""
        handle = self.client.get_workflow_handle(lead)

        async def look() -> DescribeWorkflowExecutionResponse:
            return (await handle.describe()).raw_description

        def rests(raw: DescribeWorkflowExecutionResponse) -> bool:
            busy = any(each.activity_type.name != "send" for each in raw.pending_activities)
            return not busy and not raw.HasField("pending_workflow_task")

        return (await until(look, rests)).workflow_execution_info.history_length

    @property
    def environment(self) -> dict[str, str]:
        """What a worker of its own process needs."""
        settings = self.settings
        return {
            **os.environ,
            "LEADFLOW_HOME": str(settings.home),
            "LEADFLOW_DATABASE_URL": settings.database_url,
            "TEMPORAL_ADDRESS": settings.temporal_address,
            "TEMPORAL_NAMESPACE": settings.temporal_namespace,
            "LEADFLOW_SMTP_URL": settings.smtp_url,
            "LEADFLOW_SMS_URL": settings.sms_url,
            "LEADFLOW_MESSAGE_URL": settings.message_url,
            "LEADFLOW_KEY_FILE": str(settings.key_file),
        }


@overload
async def until(
    look: Callable[[], Awaitable[T]], ready: Callable[[T], object], seconds: float = ...
) -> T: ...
@overload
async def until(look: Callable[[], T], ready: Callable[[T], object], seconds: float = ...) -> T: ...
async def until(look: Any, ready: Any, seconds: float = SECONDS) -> Any:
    """Looks again and again until what it sees is ready."""
    end = asyncio.get_running_loop().time() + seconds
    while True:
        seen = look()
        found = await seen if inspect.isawaitable(seen) else seen
        if ready(found):
            return found
        assert asyncio.get_running_loop().time() < end, f"it stayed {found}"
        await asyncio.sleep(POLL_SECONDS)


@contextlib.asynccontextmanager
async def home(
    folder: Path,
    temporal: str,
    *pipelines: Compiled,
    database: str = "",
    company: Installation = COMPANY,
    **urls: str,
) -> AsyncIterator[Home]:
    """An installation with these pipelines published, and no worker yet; ``urls``: ``smtp_url``, ``sms_url``, ``message_url``."""
    if database:
        urls["database_url"] = database
    async with (
        own_namespace(temporal) as namespace,
        installed(folder, temporal, namespace, *pipelines, company=company, **urls) as one,
    ):
        yield one


@contextlib.asynccontextmanager
async def installed(
    folder: Path,
    temporal: str,
    namespace: str,
    *pipelines: Compiled,
    company: Installation = COMPANY,
    **settings: str,
) -> AsyncIterator[Home]:
    """`home`, in a namespace that is there already; ``settings``: any of `leadflow.settings.Settings`."""
    all_settings = msgspec.structs.replace(
        from_environment({"LEADFLOW_HOME": str(folder)}),
        temporal_address=temporal,
        temporal_namespace=namespace,
        **settings,
    )
    store = open_store(all_settings.database_url)
    with contextlib.closing(store):
        migrate(store)
        vault = open_vault(store, all_settings.key_file)
        releases = [Release(each.pipeline, each.blobs) for each in pipelines]
        publish(store, releases, by="olga", now=datetime.now(UTC), installation=company)
        client = await connect(temporal, namespace, vault)
        yield Home(all_settings, store, vault, client)


@contextlib.asynccontextmanager
async def working(
    settings: Settings,
    clock: Callable[[Client], Clock] = lambda _: SystemClock(),
    build: str = "",
    *,
    current: bool = True,
) -> AsyncIterator[None]:
    """A worker in this process, as long as the block lasts; unversioned, which starts two seconds sooner."""
    stop = asyncio.Event()
    task = asyncio.create_task(
        worker.run_worker(settings, stop=stop, clock=clock, build=build, current=current)
    )
    try:
        yield
    finally:
        stop.set()
        await task


async def reset(
    one: Home, lead: str, forgetting: Sequence[ResetReapplyExcludeType.ValueType] = ()
) -> None:
    """As an operator resets a run: to its first task; ``forgetting``: what was told since and is not told again."""
    handle = one.client.get_workflow_handle(lead)
    described = await handle.describe()
    first_task = next(
        event.event_id
        for event in (await handle.fetch_history()).events
        if event.HasField("workflow_task_completed_event_attributes")
    )
    await one.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=one.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=lead, run_id=described.run_id),
            reason="a test",
            workflow_task_finish_event_id=first_task,
            request_id="reset-1",
            reset_reapply_exclude_types=forgetting,
        )
    )
