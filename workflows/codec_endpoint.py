"""The codec endpoint: lets Temporal's own UI show what is sealed, to whoever sits at this machine.

A small ASGI application of two paths, ``POST /encode`` and ``POST /decode``, in the form that Temporal's UI and CLI ask
for (``--codec-endpoint``). It opens everything, so `leadflow up` serves it on loopback only, and it answers pages of no
other origin than the UI's own. Nothing is sealed by it: what the UI sends to a lead arrives readable, as from any client
that has no key.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any

from google.protobuf import json_format
from temporalio.api.common.v1 import Payloads

from leadflow.errors import LeadflowError
from workflows.payloads import SealingCodec

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MOST_BYTES = 8 << 20


class CodecEndpoint:
    """ASGI application. ``origins``: of the pages that may ask, such as ``http://127.0.0.1:8233``."""

    def __init__(self, codec: SealingCodec, origins: Collection[str]) -> None:
        self._codec = codec
        self._origins = frozenset(origins)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        origin = headers.get("origin", "")
        if origin and origin not in self._origins:
            await _answer(send, 403, b"", "")
        elif scope["method"] == "OPTIONS":
            await _answer(send, 204, b"", origin)
        elif scope["method"] != "POST" or _verb(scope) not in {"encode", "decode"}:
            await _answer(send, 404, b"", origin)
        else:
            status, body = await self._translate(_verb(scope), await _body(receive))
            await _answer(send, status, body, origin)

    async def _translate(self, verb: str, body: bytes | None) -> tuple[int, bytes]:
        if body is None:
            return 413, b""
        try:
            payloads = json_format.Parse(body, Payloads()).payloads
        except (json_format.ParseError, UnicodeDecodeError):
            return 400, b""
        try:
            done = list(payloads) if verb == "encode" else await self._codec.decode(payloads)
        except LeadflowError as error:  # the lead was erased, or the key is another installation's
            return 422, error.message.encode()
        return 200, json_format.MessageToJson(Payloads(payloads=done)).encode()


def _verb(scope: Message) -> str:
    return str(scope["path"]).rstrip("/").rpartition("/")[2]


async def _body(receive: Receive) -> bytes | None:
    """The request's body; ``None`` when it is too long."""
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if len(body) > MOST_BYTES:
            return None
        if not message.get("more_body"):
            return body


async def _answer(send: Send, status: int, body: bytes, origin: str) -> None:
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    if origin:
        headers += [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-allow-methods", b"POST, OPTIONS"),
            (b"access-control-allow-headers", b"content-type, x-namespace, authorization"),
            (b"vary", b"origin"),
        ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
