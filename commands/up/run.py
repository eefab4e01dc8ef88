"""One run of an installation, from its data directory's lock to the last part's end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

from commands import exits
from commands.console import note, say
from commands.unconfirmed import warn
from commands.up.addresses import embedded
from commands.up.child import Failed, ended
from commands.up.first import add_demo_leads, prepare
from commands.up.home import Ports, Run, held, read_run, write_run
from commands.up.leftovers import stop_leftovers
from commands.up.parts import servers, workers
from commands.up.ports import LOOPBACK, choose
from commands.up.supervisor import Supervisor
from leadflow.settings import Settings
from leadflow.store.db import open_store
from leadflow.store.leads import find_leads
from leadflow.store.published import versions
from leadflow.store.seat import Copy, look


def run(settings: Settings, asked: Ports, ready: Callable[[], None] | None) -> int:
    """Runs everything until SIGINT or SIGTERM.

    Args:
        settings: as the environment says.
        asked: ports asked for by options.
        ready: called once everything works; None: somebody sits at the console and sees it.

    Returns:
        Exit status.

    Raises:
        Misconfigured: another leadflow runs in this data directory, a port asked for is taken, a key file is lost …
    """
    # Children must not be left behind by a signal that comes before the loop takes care of them.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    home = settings.home
    try:
        with held(home):
            if left := stop_leftovers(home):
                say(f"Stopped what a killed run had left: {', '.join(left)}.")
            ports = choose(asked, read_run(home).ports)
            write_run(home, Run(ports=ports))
            first = prepare(settings)
            status = asyncio.run(_run(settings, ports, first, ready))
    except KeyboardInterrupt:  # before the parts were there
        return exits.OK
    return status


async def _run(
    settings: Settings, ports: Ports, first: bool, ready: Callable[[], None] | None
) -> int:
    supervisor = Supervisor(settings.home, say)
    supervisor.heed_signals()
    try:
        await supervisor.start(servers(settings, ports))
        if not supervisor.stopping:
            await supervisor.start(workers(settings, ports))
        if first and not supervisor.stopping and not any(_servers(settings).values()):
            await add_demo_leads(embedded(settings, ports))
        if not supervisor.stopping:
            _welcome(settings, ports)
            if ready is None:
                say("Ctrl-C stops everything.")
            else:
                ready()
            await supervisor.watch()
            say("Stopping …")
    except Failed as error:
        return _failed(error)
    finally:
        await supervisor.stop()
    return exits.OK


def _failed(error: Failed) -> int:
    note(f"error: {error.part.title} {_how(error.status)}. It said last:")
    for line in error.log.splitlines()[-15:]:
        note(f"  {line}")
    note("hint: `leadflow doctor` looks for what is wrong")
    late = error.status in {None, exits.UNREACHABLE}
    return exits.UNREACHABLE if late else exits.MISCONFIGURED


def _how(status: int | None) -> str:
    return "did not get ready in time" if status is None else f"ended at once ({ended(status)})"


def _welcome(settings: Settings, ports: Ports) -> None:
    say(f"leadflow is up. Its data: {_near(settings.home)}")
    say(f"  leads      http://{LOOPBACK}:{ports.web}")
    if kinds := caught(settings):
        page = f"http://{LOOPBACK}:{ports.caught}"
        say(f"  {', '.join(kinds):<9}  {page}  (caught here: no {' and no '.join(kinds)} leaves)")
    if settings.embedded_temporal:
        say(f"  Temporal   http://{LOOPBACK}:{ports.temporal_ui}")
    if settings.metrics:
        say(f"  metrics    http://{settings.metrics}/metrics")
    ideas, copy = _ideas(settings)
    say("Try next, in another terminal:")
    for line in ideas:
        say(f"  leadflow {line}")
    warn(copy)


def caught(settings: Settings) -> list[str]:
    """What the catcher gets, because no server of the settings takes it."""
    return [kind for kind, url in _servers(settings).items() if not url]


def _servers(settings: Settings) -> dict[str, str]:
    return {"mail": settings.smtp_url, "SMS": settings.sms_url, "messages": settings.message_url}


def _ideas(settings: Settings) -> tuple[list[str], Copy | None]:
    """What to type next, and why nothing is sent."""
    store = open_store(settings.database_url)
    try:
        copy = look(store)
        if find_leads(store, most=1):
            return ["lead list", "lead why 1", "task list"], copy
        newest = [each.id for each in versions(store) if each.newest]
    finally:
        store.close()
    return [f"lead add {newest[0]} FIELD=VALUE"] if newest else ["publish PATH", "doctor"], copy


def _near(path: Path) -> str:
    """A path as people would type it from here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
