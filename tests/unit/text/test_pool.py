"""Rendering in processes of their own: the same texts, bounded, and nothing left behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from leadflow.text import (
    EmptyValue,
    Limits,
    RendererDown,
    RenderPool,
    TemplateFailed,
    freeze,
    render,
    render_email,
)
from leadflow.text.child import answer
from leadflow.text.errors import TextError
from leadflow.text.pool import _Child
from leadflow.text.protocol import Request
from tests.unit.text.sample import LEAD

LETTER = "Subject: {{ lead.name }}\n\n**{{ lead.price }}**, {{ lead.visit }}"


@pytest.fixture(name="pool", scope="module")
def _pool() -> Iterator[RenderPool]:
    with RenderPool() as pool:
        yield pool


def children(pool: RenderPool) -> list[psutil.Process]:
    return [psutil.Process(child.pid) for child in pool._idle]


def test_it_renders_as_in_this_process(pool: RenderPool) -> None:
    """Texts and letters come out the same as when rendered here."""
    source = "<p>{{ lead.note }} {{ lead.price }} {{ lead.visit }}</p>"
    ours = {"language": "en", "timezone": "Europe/Moscow"}
    assert pool.render(source, LEAD, html=True, **ours) == render(source, LEAD, html=True, **ours)  # type: ignore[arg-type] # str values only
    assert pool.render_email(LETTER, LEAD, **ours) == render_email(LETTER, LEAD, **ours)  # type: ignore[arg-type] # str values only
    assert pool.render_email("a", LEAD, subject="{{ today }}").subject == "23 ноября 2026"


def test_errors_come_back_typed(pool: RenderPool) -> None:
    """An empty value and a failing template raise the same errors, with their lines."""
    with pytest.raises(EmptyValue) as empty:
        pool.render("\n{{ lead.email }}", LEAD, audience="client")
    assert (empty.value.name, empty.value.line) == ("lead.email", 2)
    with pytest.raises(TemplateFailed, match="'laed' is undefined") as failed:
        pool.render("\n\n{{ laed }}", LEAD)
    assert (failed.value.line, failed.value.hint[:19]) == (3, "a name begins with ")
    with pytest.raises(TemplateFailed, match="no subject"):
        pool.render_email("a", LEAD)


def test_a_process_serves_many_renderings(pool: RenderPool) -> None:
    """Renderings one after the other share a process, whose memory stays what it was."""
    pool.render("{{ lead.price }}", LEAD)
    (before,) = children(pool)
    for _ in range(200):
        pool.render_email(LETTER, LEAD)
    settled = before.memory_info().rss
    for _ in range(500):
        pool.render_email(LETTER, LEAD)
    (after,) = children(pool)
    assert after == before
    assert after.memory_info().rss < settled + (2 << 20)


def test_several_threads_share_the_pool() -> None:
    """Callers from many threads each get their own text, from no more processes than allowed."""
    with RenderPool(size=2) as pool, ThreadPoolExecutor(8) as threads:
        texts = list(
            threads.map(lambda n: pool.render(f"{n} {{{{ lead.price }}}}", LEAD), range(40))
        )
        assert texts == [f"{n} 12 500 ₽" for n in range(40)]
        assert 1 <= len(children(pool)) <= 2


def test_a_process_has_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process gets the import path and nothing else of the worker's environment."""
    monkeypatch.setenv("LEADFLOW_SMTP_URL", "smtp://user:password@mail.example")
    with RenderPool(size=1) as pool:
        pool.render("a", {})
        assert set(children(pool)[0].environ()) <= {"PYTHONPATH", "LC_CTYPE"}


def test_an_interrupt_from_the_terminal_is_for_the_parent(pool: RenderPool) -> None:
    """A process is in no process group of ours, so that a Ctrl-C reaches the parent alone."""
    pool.render("a", {})
    assert all(os.getpgid(child.pid) != os.getpgid(0) for child in children(pool))


def test_a_killed_process_is_replaced() -> None:
    """After a process was killed from outside while idle the next text comes from a new one."""
    with RenderPool(size=1) as pool:
        pool.render("a", {})
        (child,) = children(pool)
        child.kill()
        child.wait()
        assert pool.render("b", {}) == "b"
        assert children(pool) != [child]


def test_a_process_that_does_not_answer_is_given_up() -> None:
    """A process that gets no processor is killed when the time is up; that is not the template's fault."""
    with RenderPool(size=1, limits=Limits(wall=1.5)) as pool:
        pool.render("a", {})
        (child,) = children(pool)
        child.send_signal(signal.SIGSTOP)
        with pytest.raises(RendererDown, match="status -9"):
            pool.render("b", {})
        assert pool.render("c", {}) == "c"


@pytest.mark.parametrize(
    ("ended_by", "error", "said"),
    [
        (signal.SIGSEGV, TemplateFailed, "brought the renderer down"),
        (signal.SIGPROF, TemplateFailed, "more than 1 second of processor time"),
        (signal.SIGKILL, RendererDown, "ended with status -9"),
    ],
)
def test_how_a_process_ended_says_whose_fault_it_was(
    ended_by: signal.Signals, error: type[TextError], said: str
) -> None:
    """What a template brings about fails it for good; what came from outside is worth another attempt."""
    child = _Child(Limits())
    try:
        os.kill(child.pid, ended_by)
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        with pytest.raises(error, match=said):
            child.ask(b"{}")
    finally:
        child.end()


def test_an_answer_that_is_too_long_is_the_texts_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer beyond what a bounded text can come to is not read to its end."""
    monkeypatch.setattr("leadflow.text.pool._LONGEST_ANSWER", 100)
    with RenderPool(size=1) as pool, pytest.raises(TemplateFailed, match="too long"):
        pool.render("a" * 200, {})


@pytest.mark.parametrize(
    ("interpreter", "said"),
    [("/bin/false", "ended with status 1"), ("/no/such/python", "cannot be started")],
)
def test_a_process_that_cannot_start(
    interpreter: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the interpreter fails at once or is missing there is no renderer, and no process is left."""
    monkeypatch.setattr(sys, "executable", interpreter)
    before = psutil.Process().children()
    with RenderPool(size=1) as pool:
        with pytest.raises(RendererDown, match=said):
            pool.render("a", {})
        assert psutil.Process().children() == before


def test_a_process_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing does not wait for ever for a process that hears nothing."""
    monkeypatch.setattr("leadflow.text.pool._SECONDS_TO_END", 0.05)
    pool = RenderPool(size=1)
    pool.render("a", {})
    (child,) = children(pool)
    child.suspend()
    pool.close()
    assert not child.is_running()


def test_a_closed_pool_has_no_processes() -> None:
    """Closing ends every process; afterwards there is no renderer to ask."""
    pool = RenderPool(size=1)
    pool.render("a", {})
    (child,) = children(pool)
    pool.close()
    assert not child.is_running()
    with pytest.raises(RendererDown, match="closed"):
        pool.render("a", {})


def test_processes_die_with_their_parent() -> None:
    """A parent that is killed leaves no renderer behind."""
    program = (
        "import os, sys, time\n"
        "from leadflow.text import RenderPool\n"
        "pool = RenderPool(size=1)\n"
        "pool.render('a', {})\n"
        "print(pool._idle[0].pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    path = os.pathsep.join(path for path in sys.path if path)
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": path}
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    psutil.wait_procs([child], timeout=10)
    assert not child.is_running()


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (Request("{{ lead.price }}", freeze(LEAD), "ru", "UTC", "us"), "12 500 ₽"),
        (Request("Subject: s\nb", {}, "ru", "UTC", "client", email=True), "b\n"),
        (Request("{{ lead.email }}", freeze(LEAD), "ru", "UTC", "client"), "lead.email"),
        (Request("{{ lead", {}, "ru", "UTC", "us"), "a {{ or {% is not closed"),
    ],
    ids=["text", "letter", "empty", "failed"],
)
def test_what_a_process_answers(request_: Request, said: str) -> None:
    """An answer has the text or says why there is none."""
    given = answer(request_)
    assert said in (given.text, given.empty, given.failed)
