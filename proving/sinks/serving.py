"""What a sink is as a process: its command line, its port, its end."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

Connected = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def arguments(description: str | None) -> argparse.ArgumentParser:
    """What every sink is started with."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--script", type=Path)
    return parser


def tls_context(certificate: Path) -> ssl.SSLContext:
    """The server's side, with a certificate: PEM with key."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


async def listen(connected: Connected, port: int, **how: Any) -> None:
    """Until it is killed; prints ``PORT n`` when it does."""
    server = await asyncio.start_server(connected, "127.0.0.1", port, **how)
    print("PORT", server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - how the test hears of it
    await server.serve_forever()


def run(work: Coroutine[None, None, None]) -> None:
    """Until it is killed."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(work)
