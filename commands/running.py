"""Verbs that run something: ``up down server worker doctor``."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from commands import exits
from commands.console import say, say_json
from commands.options import Json, example, group, settings

app = group()

Port = Annotated[
    int,
    typer.Option("--port", min=0, max=65535, show_default=False, help="Port of the web part."),
]


@app.command(epilog=example("up", "up --port 9000 --temporal-port 7300", "up --detach"))
def up(
    port: Port = 0,
    temporal_port: Annotated[
        int, typer.Option(min=0, max=65535, show_default=False, help="Port of the Temporal server.")
    ] = 0,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Run in the background.")] = False,
    ready_fd: Annotated[int, typer.Option(hidden=True)] = -1,
) -> None:
    """Starts a whole installation and keeps it running: Temporal, worker, web, mail and SMS catcher.

    Everything it knows is in one data directory (LEADFLOW_HOME, default ./.leadflow); after a power cut or
    `kill -9` the next `up` goes on where things stood. An empty one gets the pipelines of LEADFLOW_SPECS and
    a few leads to look at. Parts that the environment gives an address for (TEMPORAL_ADDRESS,
    LEADFLOW_DATABASE_URL, LEADFLOW_SMTP_URL, LEADFLOW_SMS_URL,
    LEADFLOW_MESSAGE_URL) are not started but used. Ports stay the same
    from start to start. Ctrl-C stops everything.
    """
    from commands.up import detach as background
    from commands.up.home import Ports
    from commands.up.run import run

    asked = Ports(web=port, temporal=temporal_port)
    if detach:
        raise typer.Exit(background.detach(settings().home, asked))

    ready = (lambda: background.tell_ready(ready_fd)) if ready_fd >= 0 else None
    raise typer.Exit(run(settings(), asked, ready))


@app.command(epilog=example("down"))
def down() -> None:
    """Stops what runs in the data directory (LEADFLOW_HOME), and waits until all of it is gone."""
    from commands.up.detach import down as stop

    say("Stopped." if stop(settings().home) else "Nothing runs here.")


@app.command(epilog=example("server --port 9000"))
def server(port: Port = 8080) -> None:
    """Runs the web part alone, for installations of several machines (`up` runs it by itself)."""
    from commands.serve import serve
    from leadflow.logs.pipe import begin, form_of

    begin(form_of(settings().log, sys.stderr), sys.stderr)
    serve(port)


@app.command(epilog=example("worker", "worker --no-promote"))
def worker(
    promote: Annotated[
        bool,
        typer.Option(
            "--promote/--no-promote", help="Whether leads go on with this build from now on."
        ),
    ] = True,
) -> None:
    """Runs a worker alone; any number of them may run (`up` runs one by itself).

    Its build becomes the current one, which takes over all leads. With --no-promote leads stay with the build that
    is current; this worker sends messages and waits for its turn.
    """
    from commands.installed import located
    from commands.up.addresses import environment
    from leadflow.programs import module

    command = module("worker", *(() if promote else ("--no-promote",)))
    os.execve(command[0], command, {**os.environ, **environment(located())})  # noqa: S606 -- no shell: our own module


@app.command(epilog=example("doctor", "doctor --json"))
def doctor(as_json: Json = False) -> None:
    """Looks at every part that leads need, and says what cannot be reached and what to do.

    Credentials are masked. Exit status 1 if something is wrong.
    """
    from commands.doctor import examine

    found = examine()
    if as_json:
        say_json(found)
    else:
        for each in found:
            say(f"{each.verdict:<8} {each.part:<12} {each.text}")
            if each.hint and each.verdict != "ok":
                say(f"{'':<21} {each.hint}")
    if any(each.verdict == "wrong" for each in found):
        raise typer.Exit(exits.REFUSED)


@app.command(hidden=True)
def demo() -> None:
    """Adds a few leads in motion; `up` does it once, in an empty data directory."""
    from commands.demo import demo as add

    add()
