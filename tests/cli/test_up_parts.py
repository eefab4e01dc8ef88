"""The parts of `leadflow up`, one by one: ports, the lock, leftovers, supervision."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from commands.up.child import Failed, Part
from commands.up.home import Ports, Process, Run, held, is_held, process, read_run, write_run
from commands.up.leftovers import leftovers, stop_leftovers
from commands.up.ports import USUAL, choose
from commands.up.supervisor import Supervisor
from leadflow.errors import Misconfigured
from tests.cli.program import ROOT
from tests.e2e.installation import wait

SECONDS = 20.0
SLEEPS = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(600)"]


@contextlib.contextmanager
def taken(port: int = 0) -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", port)) as server:
        yield server.getsockname()[1]


def two_free_ports() -> int:
    """The first of them; below those that the system gives to whoever asks for any, as other tests do meanwhile."""
    for port in range(20_000 + os.getpid() % 10_000, 32_000, 2):
        with contextlib.suppress(OSError), taken(port), taken(port + 1):
            return port
    pytest.fail("no two ports side by side are free")


@contextlib.contextmanager
def sleeper(*command: str) -> Iterator[subprocess.Popen[str]]:
    """A process that says a word and sleeps; killed at the end."""
    with subprocess.Popen(command or SLEEPS, stdout=subprocess.PIPE, text=True, cwd=ROOT) as one:
        try:
            assert one.stdout
            one.stdout.readline()
            yield one
        finally:
            one.kill()


def part(name: str, code: str) -> Part:
    async def ready(said: str) -> bool:
        return "here" in said

    return Part(name, f"The {name}", [sys.executable, "-c", code], ready)


def test_ports_stay_the_same() -> None:
    """Ports of the last run are taken again; each part has its own."""
    free = two_free_ports()
    last = Ports(web=free, temporal=free + 1)
    chosen = choose(Ports(), last)
    assert (chosen.web, chosen.temporal) == (last.web, last.temporal)
    assert len({getattr(chosen, name) for name in Ports.__struct_fields__}) == 5


def test_a_remembered_port_that_is_taken_gives_way() -> None:
    """What somebody else has meanwhile is replaced by the next free port; the usual ones likewise."""
    with taken() as one:
        chosen = choose(Ports(), Ports(web=one))
    assert one < chosen.web < one + 200
    assert chosen.mail >= USUAL.mail


def test_a_port_asked_for_is_taken_or_an_error() -> None:
    """An option means this port and no other: who has it is named, and the option."""
    with taken() as one:
        with pytest.raises(Misconfigured, match=rf"port {one} is taken by .*process {os.getpid()}"):
            choose(Ports(temporal=one), Ports())
        assert choose(Ports(web=one + 1), Ports()).web == one + 1


def test_a_home_is_held_by_one(tmp_path: Path) -> None:
    """A second holder is refused with the first one's process; after kill -9 of the first it is free."""
    code = (
        "import sys, time, pathlib; from commands.up.home import held\n"
        "with held(pathlib.Path(sys.argv[1])): print('here', flush=True); time.sleep(600)"
    )
    with sleeper(sys.executable, "-c", code, str(tmp_path)) as other:
        assert is_held(tmp_path)
        with pytest.raises(Misconfigured, match=rf"\(process {other.pid}\)"), held(tmp_path):
            pass
        other.send_signal(signal.SIGKILL)
        other.wait()
        assert not is_held(tmp_path)
        with held(tmp_path):
            assert is_held(tmp_path)


def test_a_home_that_cannot_be_made(tmp_path: Path) -> None:
    """A file where the data directory should be: a clear error."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match="cannot be used"), held(tmp_path / "file"):
        pass


def test_a_broken_run_file_is_as_none(tmp_path: Path) -> None:
    """Half a file, or none: nothing is remembered, and nothing fails."""
    (tmp_path / "run.json").write_text('{"ports": {"web"')
    assert read_run(tmp_path) == read_run(tmp_path / "nowhere") == Run()


def test_leftovers_are_found_and_ended(tmp_path: Path) -> None:
    """What a killed run left is ended; a stranger with the same process id is not touched."""
    with sleeper() as left, sleeper() as stranger:
        mine = process(left.pid)
        other = Process(stranger.pid, process(stranger.pid).started - 100)
        gone = Process(2**22 + 1, 0.0)
        write_run(tmp_path, Run(processes={"temporal": mine, "worker": other, "web": gone}))
        assert set(leftovers(tmp_path)) == {"temporal"}
        assert stop_leftovers(tmp_path) == ["temporal"]
        assert left.poll() is not None
        assert stranger.poll() is None
    assert stop_leftovers(tmp_path) == []


async def test_a_part_that_dies_comes_back(tmp_path: Path) -> None:
    """A killed part is started again, told on the console and in a log; an orderly stop ends all and forgets them."""
    (tmp_path / "logs").mkdir()
    console: list[str] = []
    one = Supervisor(tmp_path, console.append)
    await one.start([part("sleeper", SLEEPS[2])])
    watching = asyncio.create_task(one.watch())
    first = read_run(tmp_path).processes["sleeper"]
    os.kill(first.pid, signal.SIGKILL)
    await asyncio.to_thread(wait, lambda: read_run(tmp_path).processes["sleeper"] != first, SECONDS)
    second = read_run(tmp_path).processes["sleeper"]
    assert second.alive()
    assert [line.partition(";")[0] for line in console] == [
        "The sleeper has stopped (killed by signal 9)"
    ]
    told = [json.loads(line) for line in (tmp_path / "logs/parts.log").read_text().splitlines()]
    assert [(one["event"], one["level"], one.get("status")) for one in told] == [
        ("started", "info", None),
        ("stopped", "error", -9),
        ("started", "info", None),
    ]
    assert [one["pid"] for one in told if "pid" in one] == [first.pid, second.pid]
    watching.cancel()
    await one.stop()
    assert second.alive() is None
    assert read_run(tmp_path).processes == {}


async def test_a_part_that_cannot_start_is_told_with_its_last_words(tmp_path: Path) -> None:
    """Ending before it was ready is a failure that carries what it said; what an earlier start said is not it."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "broken.log").write_text("here\n")
    one = Supervisor(tmp_path, print)
    with pytest.raises(Failed) as failed:
        await one.start([part("broken", "import sys; print('no disk'); sys.exit(5)")])
    assert (failed.value.log, failed.value.status) == ("no disk", 5)
    await one.stop()


def test_parts_die_with_a_killed_supervisor(tmp_path: Path) -> None:
    """After kill -9 of `up` alone no part goes on without it."""
    (tmp_path / "logs").mkdir()
    code = (
        "import asyncio, sys, pathlib\n"
        "from commands.up.supervisor import Supervisor\n"
        "from tests.cli.test_up_parts import SLEEPS, part\n"
        "async def run():\n"
        "    one = Supervisor(pathlib.Path(sys.argv[1]), print)\n"
        "    await one.start([part('sleeper', SLEEPS[2])])\n"
        "    print('ready', flush=True)\n"
        "    await one.watch()\n"
        "asyncio.run(run())\n"
    )
    with sleeper(sys.executable, "-c", code, str(tmp_path)) as supervisor:
        child = psutil.Process(read_run(tmp_path).processes["sleeper"].pid)
        supervisor.send_signal(signal.SIGKILL)
        _, alive = psutil.wait_procs([child], SECONDS)
        assert alive == []
