"""The web part as a process: the pages, the providers' hooks, and the codec endpoint for Temporal's own UI."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Iterator
from datetime import UTC, datetime

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from typing_extensions import override

from commands.installed import located, open_vault_of, opened_store
from commands.up.home import Ports, read_run
from commands.up.ports import LOOPBACK
from leadflow.errors import Misconfigured
from leadflow.settings import Settings
from leadflow.web.home import Link, Neighbours, create_app
from leadflow.web.hooks import create_hooks
from workflows.codec_endpoint import CodecEndpoint
from workflows.payloads import SealingCodec

GRACE_SECONDS = 2


def serve(port: int) -> None:
    """Serves on loopback until SIGINT or SIGTERM.

    Raises:
        Misconfigured: the port is taken, or the installation cannot run like this.
    """
    settings = located()
    ports = read_run(settings.home).ports
    with opened_store(settings) as store, _listening(port) as listening:
        app = create_app(store, _neighbours(settings, ports), hosts=[LOOPBACK, "localhost"])
        origins = [f"http://{host}:{ports.temporal_ui}" for host in (LOOPBACK, "localhost")]
        vault = open_vault_of(settings, store)
        app.mount("/codec", CodecEndpoint(SealingCodec(vault), origins))
        # Providers come by the name that the world knows; the pages answer to this machine's only.
        hooks = create_hooks(store, vault, os.environ, lambda: datetime.now(UTC))
        config = uvicorn.Config(
            Starlette(routes=[Mount("/hooks", hooks), Mount("/", app)]),
            log_config=None,
            log_level="warning",
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        asyncio.run(_Server(config).serve(sockets=[listening]))


class _Server(uvicorn.Server):
    """SIGINT and SIGTERM end it in order, with status 0 (uvicorn's own would raise them once more)."""

    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._end)
        yield

    def _end(self) -> None:
        self.should_exit = True


def _listening(port: int) -> socket.socket:
    try:
        return socket.create_server((LOOPBACK, port))
    except OSError as error:
        message = f"the web part cannot listen on port {port}: {error.strerror}"
        hint = "stop the program that has it, or choose another: --port PORT"
        raise Misconfigured(message, hint) from error


def _neighbours(settings: Settings, ports: Ports) -> Neighbours:
    links = []
    if ports.caught and settings.smtp_url.endswith(f":{ports.mail}"):
        links.append(Link("Mail and SMS", f"http://{LOOPBACK}:{ports.caught}", "what was caught"))
    if not settings.temporal_address.endswith(f":{ports.temporal}"):
        return Neighbours(tuple(links))
    temporal = f"http://{LOOPBACK}:{ports.temporal_ui}"
    links.append(Link("Temporal", temporal, "the leads' workflows and their histories"))
    history = f"{temporal}/namespaces/{settings.temporal_namespace}/workflows/"
    return Neighbours(tuple(links), history)
