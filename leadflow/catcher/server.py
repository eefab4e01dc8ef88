"""Running the catcher: both servers in one loop, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn
from typing_extensions import override

from leadflow.catcher.box import Box
from leadflow.catcher.smtp import MAX_LINE_BYTES, Session
from leadflow.catcher.web import create_app
from leadflow.errors import Misconfigured

LOOPBACK = "127.0.0.1"
FILE_NAME = "caught.jsonl"
GRACE_SECONDS = 2


async def serve(
    data_dir: Path,
    smtp_port: int,
    http_port: int,
    *,
    host: str = LOOPBACK,
    ready: Callable[[int, int], None] = lambda _smtp, _http: None,
) -> None:
    """Serves until it is cancelled.

    Args:
        data_dir: where ``caught.jsonl`` is kept.
        smtp_port: of the mail server; 0: any free one.
        http_port: of the page and the gateways; 0: any free one.
        host: the address to listen on.
        ready: called with both ports as soon as they take connections.

    Raises:
        Misconfigured: a port is taken.
    """
    with contextlib.ExitStack() as stack:
        mail_socket = stack.enter_context(_listening(host, smtp_port))
        page_socket = stack.enter_context(_listening(host, http_port))
        box = stack.enter_context(contextlib.closing(Box(data_dir / FILE_NAME)))
        sessions: set[asyncio.Task[None]] = set()

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            session = asyncio.create_task(Session(reader, writer, box).run())
            sessions.add(session)
            session.add_done_callback(sessions.discard)

        mail = await asyncio.start_server(connected, sock=mail_socket, limit=MAX_LINE_BYTES)
        page = _Page(_page_config(box, host))
        serving = asyncio.create_task(page.serve(sockets=[page_socket]))
        try:
            ready(mail_socket.getsockname()[1], page_socket.getsockname()[1])
            await asyncio.shield(serving)
        finally:
            mail.close()
            page.should_exit = True
            for session in sessions:
                session.cancel()
            await asyncio.gather(*sessions, serving, return_exceptions=True)


class _Page(uvicorn.Server):
    """Leaves signals to whoever runs the loop."""

    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _page_config(box: Box, host: str) -> uvicorn.Config:
    hosts = [LOOPBACK, "localhost"] if host == LOOPBACK else ["*"]
    return uvicorn.Config(
        create_app(box, hosts=hosts),
        log_level="warning",
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def _listening(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port))
    except OSError as error:
        message = f"the catcher cannot listen on {host}:{port}: {error.strerror}"
        hint = (
            "another program has the port, or another leadflow runs: stop it or choose other ports"
        )
        raise Misconfigured(message, hint) from None
