"""What `leadflow chaos` is made of: the weather is the seed's, and the verdict complains of every broken word."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import msgspec
import pytest

from leadflow.store.books import BookedEvent, Books
from proving.chaos.figures import Spread, spread
from proving.chaos.journal import Journal, Line, read
from proving.chaos.run import deaths_by_themselves
from proving.chaos.settle import Arrivals
from proving.chaos.verdict import check, told
from proving.chaos.weather import Strike, forecast
from proving.workers import Worker
from tests.support.running import until

BOOKS = Books(leads=[], sends=[], events=[], tasks=[], records=[], untold=0, states={})


def weather(seed: str, seconds: float = 600) -> list[list[Strike]]:
    return forecast(seed, seconds, workers=3, loads=2, database="sqlite")


def test_the_same_seed_does_the_same_harm() -> None:
    """What is done when is drawn from the seed alone; another seed draws otherwise."""
    assert weather("a") == weather("a")
    assert weather("a") != weather("b")


@pytest.mark.parametrize("seconds", [12, 60, 1800])
def test_everything_is_struck_however_short_the_run(seconds: float) -> None:
    """In a run of seconds each victim gets its share; nothing is planned after the end, one victim's strikes in order."""
    victims = weather("a", seconds)
    assert {strike.what for strikes in victims for strike in strikes} >= {
        "kill worker",
        "kill temporal",
        "lock database",
        "kill load",
        "misbehave",
    }
    for strikes in victims:
        times = [strike.at for strike in strikes]
        assert times == sorted(times)
        assert 0 < times[-1] < seconds


def test_a_database_of_others_is_not_struck() -> None:
    """A server that is not ours cannot be stopped."""
    victims = forecast("a", 600, workers=3, loads=2, database="their postgres")
    assert [] in victims
    assert not any("database" in strike.what for strikes in victims for strike in strikes)


def test_the_journal_outlives_a_death(tmp_path: Path) -> None:
    """A line cut short by `kill -9` says nothing; the others are read in the order of their times."""
    first, second = tmp_path / "1", tmp_path / "2"
    Journal(first).note("asked", number=7)
    Journal(second).write(Line(time=1.0, what="added", number=7, lead="L"))
    with first.open("ab") as file:
        file.write(b'{"time": 3')
    assert [line.what for line in read([first, second])] == ["added", "asked"]


def line(what: str, **said: object) -> Line:
    return msgspec.convert({"time": time.time(), "what": what, **said}, Line)


@pytest.mark.parametrize(
    ("lines", "events", "kind"),
    [
        ([], [], "lost: inquiry 0"),
        ([line("added", lead="L"), line("added", lead="M")], [], "doubled: inquiry 0"),
        ([line("added", lead="L"), line("wrong", lead="L", said="odd")], [], "unexplained: L: odd"),
        ([line("added", lead="L"), line("acted", lead="L", event="e")], [], "lost: L"),
        ([line("added", lead="L"), line("told", lead="L", event="e")], [], "lost: L"),
        ([line("added", lead="L"), line("refused", lead="L", event="e")], ["e"], "unexplained: L"),
        ([line("added", lead="L")], ["e", "e"], "doubled: L"),
    ],
)
def test_each_broken_word_is_complained_of(lines: list[Line], events: list[str], kind: str) -> None:
    """An inquiry, a decision, a fact: whoever was answered may rely on it, and nothing happens twice."""
    booked = [BookedEvent("L", number, event, "", ()) for number, event in enumerate(events, 1)]
    (complaint,) = check(lines, msgspec.structs.replace(BOOKS, events=booked), 1)
    assert str(complaint).startswith(kind)


def test_kept_words_are_not_complained_of() -> None:
    """Taken and happened, refused and not happened, not taken yet and then taken: all is well."""
    lines = [
        line("added", lead="L"),
        line("refused", lead="L", event="e"),
        line("acted", lead="L", event="e"),
        line("refused", lead="L", event="f"),
    ]
    books = msgspec.structs.replace(BOOKS, events=[BookedEvent("L", 1, "e", "", ())])
    assert list(check(lines, books, 1)) == []


def test_an_end_is_a_stop_unless_it_was_undone() -> None:
    """A committed end of a lead's life is a stop from its answer on; of a lead that was reopened it is none."""
    lines = [
        line("added", lead="L"),
        line("acted", lead="L", event="e", kind="Moved", closed=True),
        line("acted", lead="M", event="e", kind="Moved", closed=True),
        line("acted", lead="M", event="f", kind="Reopened"),
    ]
    found = told(lines)
    assert (list(found.leads), [stop.lead for stop in found.stops]) == (["L"], ["L"])


def test_arrivals_are_read_as_the_logs_grow(tmp_path: Path) -> None:
    """A message half written is not there yet."""
    log = tmp_path / "log"
    log.write_text('{"event": "message", "key": "a"}\n{"event": "message", "key": "b"')
    arrivals = Arrivals([log])
    assert (arrivals.has("a"), arrivals.has("b")) == (True, False)
    with log.open("a") as file:
        file.write("}\n")
    assert arrivals.has("b")


def test_a_spread() -> None:
    """The middle, what 95 of 100 do not pass, the greatest; of nothing nothing."""
    assert spread([float(n) for n in range(1, 101)]) == Spread(100, 50, 95, 100)
    assert spread([]) == Spread(0, 0, 0, 0)


@pytest.mark.parametrize(("died_by", "crashes"), [(signal.SIGSEGV, 1), (signal.SIGKILL, 0)])
async def test_a_death_that_nobody_brought_about_is_one_too_many(
    tmp_path: Path, died_by: signal.Signals, crashes: int
) -> None:
    """A worker that ends by itself is started again, as a killed one is; only of the first a run complains."""
    once = tmp_path / "once"
    die = (
        f"import os, pathlib, signal, time; once = pathlib.Path({str(once)!r})\n"
        f"if not once.exists(): once.touch(); os.kill(os.getpid(), {int(died_by)})\n"
        "time.sleep(60)"
    )
    worker = Worker(tmp_path, [sys.executable, "-c", die], os.environ)
    try:
        await until(lambda: worker.deaths, bool)
    finally:
        worker.kill_for_good()
    assert worker.deaths == 1
    assert len(list(deaths_by_themselves([worker]))) == crashes
