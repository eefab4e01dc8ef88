"""Where providers tell what became of messages: ``POST /hooks/{connection}/{secret}`` (fault S3, promise P8).

The body is stored as it came (sealed), then acknowledged; a worker reads it (`activities.callbacks`). What is not well-formed, too
large or of another type is refused and leaves no trace; a wrong secret and an unknown connection look the same.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from leadflow.channels.callbacks import Kind, decoded
from leadflow.errors import LeadflowError, Misconfigured
from leadflow.installation import resolved
from leadflow.store.callbacks import keep
from leadflow.store.db import Store
from leadflow.store.keys import Vault
from leadflow.store.published import installation

MOST_BYTES = 64 * 1024
SHORTEST_SECRET = 20
"""Characters; a shorter one opens nothing."""

_KINDS: dict[str, Kind] = {
    "application/json": "json",
    "application/x-www-form-urlencoded": "form",
}
_NOTHING = "no callback is taken here"


def create_hooks(
    store: Store, vault: Vault, environ: Mapping[str, str], clock: Callable[[], datetime]
) -> Starlette:
    """The application below ``/hooks``.

    Args:
        store: where callbacks are kept, and the installation that names their connections.
        vault: seals them.
        environ: where ``${NAME}`` gets its value.
        clock: the present instant, aware.
    """

    async def take(request: Request) -> Response:
        source = request.path_params["connection"]
        given = request.path_params["secret"]
        secret = await asyncio.to_thread(_secret, store, environ, source)
        fits = hmac.compare_digest(given.encode(), secret.encode())
        if not (fits and len(secret) >= SHORTEST_SECRET):
            raise HTTPException(404, _NOTHING)
        kind = _kind(request)
        body = await _body(request)
        try:
            decoded(kind, body)
        except ValueError:
            raise HTTPException(400, f"the body is not well-formed {kind}") from None
        await asyncio.to_thread(keep, store, vault, source, kind, body, clock())
        return PlainTextResponse("ok")

    return Starlette(
        routes=[Route("/{connection}/{secret}", take, methods=["POST"])],
        exception_handlers={LeadflowError: _trouble},
    )


def _secret(store: Store, environ: Mapping[str, str], source: str) -> str:
    """What the connection's provider has to know; empty: it tells nothing."""
    found = installation(store).connections.get(source)
    if found is None or found.callbacks is None:
        return ""
    try:
        return resolved(found.callbacks.secret, environ)
    except Misconfigured:
        return ""


def _kind(request: Request) -> Kind:
    """Exactly one of the two types, whatever its charset is said to be."""
    found = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if found not in _KINDS:
        raise HTTPException(415, f"send {' or '.join(_KINDS)}")
    return _KINDS[found]


async def _body(request: Request) -> bytes:
    """All of it, unless it is too much."""
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > MOST_BYTES:
                raise HTTPException(413, f"the body is larger than {MOST_BYTES // 1024} KB")
    except ClientDisconnect:
        raise HTTPException(400, "the body is not whole") from None
    return bytes(body)


def _trouble(_: Request, error: Exception) -> Response:
    """Nothing was stored: the provider shall come again."""
    words = error.message if isinstance(error, LeadflowError) else ""
    return PlainTextResponse(words, 503, {"Retry-After": "30"})
