"""The two that are compared, behind one port: begin a lead, decide, wait for its end, count what it has led to."""

from __future__ import annotations

import asyncio
from typing import Literal, Protocol

from temporalio.client import Client
from typing_extensions import override

from bench.baseline.shapes import TASK_QUEUE, Inquiry
from bench.baseline.store import BaselineStore
from bench.baseline.workflow import BenchLead
from bench.mailbox import Mailbox
from leadflow.engine.events import Actor, Created, Signal
from leadflow.engine.fields import Value
from leadflow.ports import Answer, Gateway
from leadflow.store.db import Store
from leadflow.store.leads import count_leads

Step = Literal["qualified", "consent", "convert"]
STEPS: tuple[Step, ...] = ("qualified", "consent", "convert")
"""The decisions of the reference process, in order."""

PIPELINE = "reference"
PRICE = "12500"
CLIENT = {"name": "Иван Петров", "phone": "+79161234567"}
FIELDS: dict[str, dict[str, Value]] = {"qualified": {"price": PRICE}}
"""What a decision brings along."""
OLGA = Actor(user="olga", admin=True, via="bench")


class Side(Protocol):
    """One of the two. ``client``: of the Temporal server, able to read this side's runs."""

    client: Client
    worker: int
    """Its worker's process id."""
    mailbox: Mailbox
    """What it sends."""

    async def begin(self, name: str) -> str:
        """A new lead, of a name of its own; its workflow id."""
        ...

    async def decide(self, lead: str, step: Step) -> None:
        """What a manager decides; returns when he is answered."""
        ...

    async def deals(self) -> int:
        """How many leads have become deals."""
        ...


class Product(Side):
    """Leadflow, through its gateway."""

    def __init__(
        self, client: Client, worker: int, mailbox: Mailbox, gateway: Gateway, store: Store
    ) -> None:
        self.client = client
        self.worker = worker
        self.mailbox = mailbox
        self._gateway = gateway
        self._store = store

    @override
    async def begin(self, name: str) -> str:
        created = Created(id="created", fields={**CLIENT, "email": address(name)})
        answer = await self._gateway.add(PIPELINE, created, source="bench", external_id=name)
        return answer.lead

    @override
    async def decide(self, lead: str, step: Step) -> None:
        event = Signal(id=f"{lead}-{step}", actor=OLGA, name=step, fields=FIELDS.get(step, {}))
        must(await self._gateway.act(lead, event))

    @override
    async def deals(self) -> int:
        counts = await asyncio.to_thread(count_leads, self._store)
        return counts.get((PIPELINE, "won"), 0)


class Baseline(Side):
    """The hand-written workflow, through Temporal's client."""

    def __init__(self, client: Client, worker: int, mailbox: Mailbox, store: BaselineStore) -> None:
        self.client = client
        self.worker = worker
        self.mailbox = mailbox
        self._store = store

    @override
    async def begin(self, name: str) -> str:
        lead = f"baseline-{name}"
        inquiry = Inquiry(lead=lead, email=address(name), **CLIENT)
        await self.client.start_workflow(BenchLead.run, inquiry, id=lead, task_queue=TASK_QUEUE)
        return lead

    @override
    async def decide(self, lead: str, step: Step) -> None:
        handle = self.client.get_workflow_handle_for(BenchLead.run, lead)
        match step:
            case "qualified":
                await handle.execute_update(BenchLead.qualify, PRICE)
            case "consent":
                await handle.execute_update(BenchLead.consent)
            case "convert":
                await handle.execute_update(BenchLead.convert)

    @override
    async def deals(self) -> int:
        return await asyncio.to_thread(self._store.deals)


def address(name: str) -> str:
    """Where a lead gets its letters."""
    return f"{name}@example.org"


def must(answer: Answer) -> None:
    """A decision of the bench is never refused, and always stored in time."""
    assert not answer.refusals, answer.refusals
    assert not answer.waiting, "the decision was not stored in time: this machine is too busy"
