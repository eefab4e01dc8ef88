"""Payloads: what goes in comes out, sealed for leads and plain for everything else."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from temporalio.api.common.v1 import Payload
from temporalio.converter import ActivitySerializationContext, WorkflowSerializationContext

from leadflow.engine.events import AnyEvent, Created, Signal
from leadflow.errors import Misconfigured
from leadflow.store.db import open_store
from leadflow.store.intake import add_lead
from leadflow.store.keys import Vault, open_vault
from leadflow.store.migrate import migrate
from leadflow.store.published import Release, publish
from tests.support.tiny import tiny
from workflows.payloads import OFF_THE_LOOP, SEALED, LeadPayloadConverter, SealingCodec

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    """Keys of an installation with two leads."""
    store = open_store(f"sqlite:///{tmp_path / 'leadflow.db'}")
    with contextlib.closing(store):
        migrate(store)
        publish(store, [Release(tiny().pipeline)], by="olga", now=NOW)
        vault = open_vault(store, tmp_path / "master.key")
        yield vault


@pytest.fixture
def leads(vault: Vault) -> list[str]:
    store = vault._store
    return [add_lead(store, vault, "tiny", Created(id=n), now=NOW).lead for n in ("a", "b")]


def codec_of(vault: Vault, workflow: str) -> SealingCodec:
    context = WorkflowSerializationContext(namespace="default", workflow_id=workflow)
    return SealingCodec(vault).with_context(context)


def test_events_come_back_as_what_they_were() -> None:
    """A union of all events is decoded by its tag; without a hint it is plain data."""
    converter = LeadPayloadConverter()
    event = Signal(id="s", name="paid", data={"amount": "12.50"})
    (payload,) = converter.to_payloads([event])
    hints: list[Any] = [AnyEvent]
    assert converter.from_payloads([payload], hints) == [event]
    assert converter.from_payloads([payload])[0]["name"] == "paid"
    assert msgspec.json.decode(payload.data)["type"] == "Signal"


@pytest.mark.parametrize("size", [10, 5_000, OFF_THE_LOOP * 3])
async def test_sealed_and_opened(vault: Vault, leads: list[str], size: int) -> None:
    """Small, compressed and long ones; the sealed one shows nothing and is bound to its lead."""
    payload = Payload(metadata={"encoding": b"json/plain"}, data=b"canary " * size)
    codec = codec_of(vault, leads[0])
    (sealed,) = await codec.encode([payload])
    assert sealed.metadata["encoding"] == SEALED
    assert b"canary" not in sealed.SerializeToString()
    assert len(sealed.data) < len(payload.data) + 200
    assert await SealingCodec(vault).decode([sealed]) == [payload]
    sealed.metadata["lead"] = leads[1].encode()
    with pytest.raises(Misconfigured):
        await codec.decode([sealed])


async def test_activities_of_a_lead_are_sealed_too(vault: Vault, leads: list[str]) -> None:
    """Their inputs and results belong to the lead whose workflow called them."""
    context = ActivitySerializationContext(
        namespace="default",
        activity_id="1",
        activity_type="commit",
        activity_task_queue="q",
        workflow_id=leads[0],
        workflow_type="Lead",
        is_local=False,
    )
    codec = SealingCodec(vault).with_context(context)
    (sealed,) = await codec.encode([Payload(data=b"x")])
    assert sealed.metadata["lead"] == leads[0].encode()


async def test_what_belongs_to_no_lead_stays_plain(vault: Vault) -> None:
    """A sweep, a schedule: no key, readable."""
    payload = Payload(metadata={"encoding": b"json/plain"}, data=b"{}")
    assert await codec_of(vault, "sweep").encode([payload]) == [payload]
