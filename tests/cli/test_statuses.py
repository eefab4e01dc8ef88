"""What scripts rely on: exit statuses, which stream says what, no traceback; in real processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import run


def test_help_is_free_of_noise(tmp_path: Path) -> None:
    """Help goes to stdout with status 0, and nothing is made on the disk."""
    done = run("--help", cwd=tmp_path)
    assert (done.status, done.err) == (0, "")
    assert "Lead pipelines as code" in done.out
    assert list(tmp_path.iterdir()) == []


def test_the_version_is_told(tmp_path: Path) -> None:
    """--version prints the installed version."""
    assert run("--version", cwd=tmp_path).out.startswith("leadflow 0.")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chek"], "Did you mean 'check'"),
        (["check", "--nope"], "No such option"),
        (["lead", "set", "1", "price"], "'price' is not FIELD=VALUE"),
        (["outbox", "hold", "--pipeline", "a", "--template", "b"], "not both"),
        (["up", "--port", "70000"], "--port"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_command_line_is_status_2(tmp_path: Path, arguments: list[str], said: str) -> None:
    """What cannot be meant is refused with status 2 and says why, and nothing is made on the disk."""
    done = run(*arguments, cwd=tmp_path)
    assert (done.status, done.out) == (2, "")
    assert said in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("verb", [["lead", "list"], ["lead", "wake", "1"], ["outbox"], ["server"]])
def test_without_an_installation_the_way_to_one_is_told(tmp_path: Path, verb: list[str]) -> None:
    """Where nothing was ever started, a verb that needs it says what to run, with status 5, and makes nothing."""
    done = run(*verb, cwd=tmp_path)
    assert (done.status, done.out) == (5, "")
    assert done.err.startswith("error: there is no installation yet")
    assert "hint: run `leadflow up` first" in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("debug", ["", "1"], ids=["usual", "debug"])
def test_an_error_of_our_own_is_one_line(tmp_path: Path, debug: str) -> None:
    """What nobody foresaw ends with status 70 and a line; with LEADFLOW_DEBUG the traceback is there."""
    broken = (
        "import sys, cli, leadflow.spec.jsonschema as module; module.schema_text = None; "
        "sys.argv[1:] = ['schema']; cli.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", broken],
        cwd=tmp_path,
        env={**os.environ, "LEADFLOW_DEBUG": debug},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == (1 if debug else 70)
    assert ("Traceback" in done.stderr) == bool(debug)
    assert done.stderr.startswith("error: leadflow failed: TypeError") or debug


def test_the_shell_completes_verbs(tmp_path: Path) -> None:
    """What typer's completion asks in a shell is answered with our verbs."""
    done = run(
        cwd=tmp_path,
        _LEADFLOW_COMPLETE="complete_bash",
        COMP_WORDS="leadflow lead sn",
        COMP_CWORD="2",
    )
    assert done.out.split() == ["snooze"]


def test_output_survives_a_terminal_without_cyrillic(tmp_path: Path) -> None:
    """In a locale that knows only ASCII nothing fails: letters it has not are escaped."""
    (tmp_path / "имя.yaml").write_text("pipeline: x", "utf-8")
    done = run("check", ".", cwd=tmp_path, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.status == 1
    assert "Traceback" not in done.err
