"""`leadflow up` as a whole: the first start, kill -9 of everything, the next start, an orderly end."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import psutil
import pytest

from commands.up.home import read_run
from tests.e2e.installation import Installation, kill_all, wait

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_lead_survives_the_death_of_everything(tmp_path: Path) -> None:
    """A lead's sequence goes on after kill -9 of every process; no message is doubled, none is lost."""
    here = Installation(tmp_path)
    here.prepare()
    with here.up() as first:
        number = lead_with_offer(here)
        ports = here.ports
        family = kill_all(first.pid)
        assert len(family) > len(read_run(here.home).processes) == 4
        assert [each for each in family if each.pid != first.pid and each.is_running()] == []
    assert not listens(ports.web)
    assert here("lead", "wake", number).status == 4
    assert here.ok("lead", "show", number).startswith(f"lead {number}: ")
    detached = here("up", "--detach")
    assert (detached.status, detached.err) == (0, "")
    assert "It runs in the background" in detached.out
    assert "Published" not in detached.out
    assert here.ports == ports
    wait(lambda: len(here.caught("ivan@example.com")) > 1)
    mails = here.caught("ivan@example.com")
    assert [each["subject"] for each in mails] == ["Напоминание", "Предложение"]
    assert len({each["key"] for each in mails}) == 2
    processes = [each.pid for each in read_run(here.home).processes.values()]
    assert here("down").out == "Stopped.\n"
    assert [pid for pid in processes if psutil.pid_exists(pid)] == []
    assert here("down").out == "Nothing runs here.\n"


def test_ctrl_c_ends_everything_in_order(tmp_path: Path) -> None:
    """A start without pipelines says what to do next; Ctrl-C: status 0, no process left, none remembered."""
    here = Installation(tmp_path)
    here.prepare()
    (tmp_path / "specs" / "calls.yaml").write_text("pipeline: calls\n", "utf-8")
    with here.up() as process:
        wait(lambda: "Ctrl-C stops everything." in here.log.read_text("utf-8"))
        console = here.log.read_text("utf-8")
        assert "specs/calls.yaml:1:1: LF" in console
        assert "nothing was published; mend it, then: leadflow publish specs" in console
        assert "\n  leadflow publish PATH\n" in console
        children = [psutil.Process(each.pid) for each in read_run(here.home).processes.values()]
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        _, alive = psutil.wait_procs(children, 1)
        assert (len(children), alive) == (4, [])
    assert read_run(here.home).processes == {}


def lead_with_offer(here: Installation) -> str:
    """The number of a lead that was refused, filled, called, and got its offer."""
    console = here.log.read_text("utf-8")
    assert "Published calls, version 1" in console
    assert f"http://127.0.0.1:{here.ports.web}" in console
    number = str(here("lead", "add", "calls", "phone=+79161234567", "--json").json["number"])
    assert int(number) > 5  # after the demo leads
    refused = here("task", "done", number, "contact", "--outcome", "reached")
    assert refused.status == 1
    assert refused.err == (
        f"refused: lead {number} stays in new (Новая)\n"
        f"  not ticked heard (Клиент выслушан): leadflow lead tick {number} heard\n"
        f"  missing price (Стоимость): leadflow lead set {number} price=…\n"
        f"  missing email (E-mail): leadflow lead set {number} email=…\n"
    )
    here.ok("lead", "tick", number, "heard")
    here.ok("lead", "set", number, "price=12500", "email=ivan@example.com")
    told = here.ok("task", "done", number, "contact", "--outcome", "reached", "--by", "boris")
    assert told.startswith(f"lead {number}: offered (КП отправлено), owner ")
    (mail,) = wait(lambda: here.caught("ivan@example.com"))
    assert mail["subject"] == "Предложение"
    assert "Стоимость: 12 500 ₽." in " ".join(mail["text"].split())
    return number
