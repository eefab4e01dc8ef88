"""The pipe of the logs: one line an event, whoever logs it, and crashes as well."""

from __future__ import annotations

import io
import json
import logging
import signal
import subprocess
import sys
from typing import Any, cast

import pytest
from typing_extensions import override

from leadflow.errors import Misconfigured
from leadflow.logs.pipe import Form, form_of, formatter
from tests.cli.program import ROOT

MAIL = "canary@secret.example"


def caught(error: Exception) -> tuple[type[Exception], Exception, Any]:
    try:
        raise error  # noqa: TRY301 -- so that it has a trace
    except Exception as raised:  # noqa: BLE001 -- it is handed on as it was raised
        return type(raised), raised, raised.__traceback__


def line(form: Form, message: str, exc_info: Any = None) -> str:
    record = logging.LogRecord(
        "some.library", logging.WARNING, __file__, 1, message, (MAIL,), exc_info
    )
    return formatter(form).format(record)


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_librarys_line_goes_through_the_same_pipe(form: Form) -> None:
    """A record of the standard library, with its arguments and an exception that quotes: one line, masked."""
    error = ValueError(f"no <{MAIL}>\nin two lines")
    error.__cause__ = KeyError("Иван")
    text = line(form, "refused\n%s", caught(error))
    assert "\n" not in text
    assert MAIL not in text
    assert "Иван" not in text
    assert "some.library" in text
    assert "ValueError: no <[e-mail]> in two lines <- KeyError: '[text]'" in text
    assert "logs/test_pipe.py:" in text


def test_json_says_when_what_and_how_bad() -> None:
    """Every line has its instant, level, logger and event."""
    found = json.loads(line("json", "refused %s"))
    assert found.pop("timestamp").endswith("Z")
    assert found == {"event": "refused [e-mail]", "level": "warning", "logger": "some.library"}


def test_the_form_fits_the_stream() -> None:
    """Unset, a terminal gets text and everything else JSON; a setting wins; a wrong one is named."""

    class Terminal(io.StringIO):
        @override
        def isatty(self) -> bool:
            return True

    assert (form_of("", Terminal()), form_of("", io.StringIO())) == ("text", "json")
    assert (form_of("json", Terminal()), form_of("text", io.StringIO())) == ("json", "text")
    with pytest.raises(Misconfigured, match="LEADFLOW_LOG is 'xml'") as raised:
        form_of("xml", io.StringIO())
    assert "json or text" in raised.value.hint


PROGRAM = f"""
import logging, sys, threading, warnings
import structlog
from leadflow.logs.pipe import begin
begin("json", sys.stderr)
structlog.get_logger("workflows.relay").info("relayed", leads=3)
structlog.get_logger("workflows.relay").debug("too much")
logging.getLogger("httpx").info("GET https://gate.example/?token=abc")
logging.getLogger("httpx").warning("slow: %s", "{MAIL}")
warnings.warn("of {MAIL}")
def fail():
    raise RuntimeError("thread of {MAIL}")
thread = threading.Thread(target=fail)
thread.start()
thread.join()
try:
    int("{MAIL}")
except ValueError:
    structlog.get_logger("worker").exception("not a number")
raise RuntimeError("end of {MAIL}")
"""


def test_a_whole_process_logs_into_one_pipe() -> None:
    """Ours from info on, others from warning on, warnings, threads that die and the crash itself: all JSON, all masked."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False
    )
    lines = [cast("dict[str, Any]", json.loads(one)) for one in done.stderr.splitlines()]
    assert done.returncode == 1
    assert MAIL not in done.stderr
    events = [(one["event"], one["level"]) for one in lines if one["logger"] != "py.warnings"]
    assert events == [
        ("relayed", "info"),
        ("slow: [e-mail]", "warning"),
        ("crashed", "critical"),
        ("not a number", "error"),
        ("crashed", "critical"),
    ]
    assert lines[0]["leads"] == 3
    assert lines[-1]["error"] == "RuntimeError: end of [e-mail]"
    assert any("of [e-mail]" in one["event"] and one["logger"] == "py.warnings" for one in lines)


def test_a_death_in_native_code_says_where() -> None:
    """Nothing can be masked or made JSON any more; it names code only, no value."""
    program = (
        "import os, signal, sys\nfrom leadflow.logs.pipe import begin\nbegin('json', sys.stderr)\n"
        "def deep(who):\n    os.kill(os.getpid(), signal.SIGSEGV)\n"
        f"deep({MAIL!r})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGSEGV
    assert "Segmentation fault" in done.stderr
    assert "in deep" in done.stderr
    assert MAIL not in done.stderr
