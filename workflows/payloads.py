"""What stands in Temporal's database: msgspec JSON, compressed, sealed with the lead's own key.

Ids, task queues, types, timers' ids and search attributes are never encrypted by Temporal: they hold opaque ids only.
Everything else goes through `SealingCodec`. What belongs to no lead (schedules, sweeps) stays readable.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from threading import Lock
from typing import Any, Protocol

import msgspec
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    ActivitySerializationContext,
    BinaryNullPayloadConverter,
    BinaryPlainPayloadConverter,
    CompositePayloadConverter,
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    EncodingPayloadConverter,
    JSONProtoPayloadConverter,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)
from typing_extensions import override

from workflows import dictionary
from workflows.names import is_lead

SEALED = b"binary/leadflow-sealed"
WITH_FIRST = b"zlib/1"
"""With `workflows.dictionary.FIRST`; plain ``zlib`` is what came before it."""
OFF_THE_LOOP = 32_768
"""Bytes; more is sealed and opened in a thread, because it would hold everybody else up for a millisecond or so."""


class Cipher(Protocol):
    """The part of `leadflow.store.keys.Vault` that is needed here."""

    def cached(self, lead: str) -> bool:
        """Whether the lead's key is in memory: then sealing does not touch the database."""
        ...

    def seal(self, lead: str, data: bytes) -> bytes:
        """Bytes only this lead's key opens."""
        ...

    def open(self, lead: str, sealed: bytes) -> bytes:
        """What was sealed."""
        ...


class MsgspecConverter(EncodingPayloadConverter):
    """Structs to JSON and, by the type hint, back."""

    @property
    @override
    def encoding(self) -> str:
        return "json/plain"

    @override
    def to_payload(self, value: Any) -> Payload | None:
        return Payload(metadata={"encoding": b"json/plain"}, data=msgspec.json.encode(value))

    @override
    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:
        return _decoder(type_hint or Any).decode(payload.data)


_learning = Lock()


@lru_cache(maxsize=256)
def _decoder(hint: Any) -> msgspec.json.Decoder[Any]:
    """Made once a type: for a union of all events it is dear. Not by two threads at a time (`leadflow.decoding`)."""
    with _learning:
        return msgspec.json.Decoder(hint)


class LeadPayloadConverter(CompositePayloadConverter):
    """Temporal's own messages as they are, everything else by msgspec."""

    def __init__(self) -> None:
        super().__init__(
            BinaryNullPayloadConverter(),
            BinaryPlainPayloadConverter(),
            JSONProtoPayloadConverter(),
            MsgspecConverter(),
        )


class SealingCodec(PayloadCodec, WithSerializationContext):
    """Seals with the key of the lead whose workflow the payload belongs to; opens by the lead named in the payload."""

    def __init__(self, cipher: Cipher, lead: str = "") -> None:
        self._cipher = cipher
        self._lead = lead

    @override
    def with_context(self, context: SerializationContext) -> SealingCodec:
        workflow_id = None
        if isinstance(context, WorkflowSerializationContext | ActivitySerializationContext):
            workflow_id = context.workflow_id
        return SealingCodec(
            self._cipher, workflow_id if workflow_id and is_lead(workflow_id) else ""
        )

    @override
    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        if not self._lead:
            return list(payloads)
        return await self._each(self._seal, payloads, {self._lead})

    @override
    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        leads = {_lead_of(payload) for payload in payloads if _sealed(payload)}
        return await self._each(self._open, payloads, leads)

    async def _each(
        self, work: Callable[[Payload], Payload], payloads: Sequence[Payload], leads: set[str]
    ) -> list[Payload]:
        """In a thread where a key has to be fetched, or the work is long."""
        long = sum(payload.ByteSize() for payload in payloads) > OFF_THE_LOOP
        if long or not all(map(self._cipher.cached, leads)):
            return await asyncio.to_thread(lambda: [work(payload) for payload in payloads])
        return [work(payload) for payload in payloads]

    def _seal(self, payload: Payload) -> Payload:
        data = payload.SerializeToString()
        packed = min(_compressed(data), data, key=len)
        metadata = {"encoding": SEALED, "lead": self._lead.encode()}
        if packed is not data:
            metadata["zip"] = WITH_FIRST
        return Payload(metadata=metadata, data=self._cipher.seal(self._lead, packed))

    def _open(self, payload: Payload) -> Payload:
        if not _sealed(payload):
            return payload
        data = self._cipher.open(_lead_of(payload), payload.data)
        return Payload.FromString(_decompressed(data, payload.metadata.get("zip", b"")))


def _compressed(data: bytes) -> bytes:
    by = zlib.compressobj(6, zdict=dictionary.FIRST)
    return by.compress(data) + by.flush()


def _decompressed(data: bytes, how: bytes) -> bytes:
    if how == WITH_FIRST:
        return zlib.decompressobj(zdict=dictionary.FIRST).decompress(data)
    return zlib.decompress(data) if how == b"zlib" else data


def _sealed(payload: Payload) -> bool:
    return payload.metadata.get("encoding") == SEALED


def _lead_of(payload: Payload) -> str:
    return payload.metadata["lead"].decode()


def data_converter(cipher: Cipher | None) -> DataConverter:
    """The converter that clients, workers and replayers share; without a cipher nothing is sealed (tests)."""
    return DataConverter(
        payload_converter_class=LeadPayloadConverter,
        payload_codec=SealingCodec(cipher) if cipher else None,
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )
