"""`leadflow chaos`: seconds of it, on both databases; what it and the bench leave behind; what it refuses."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.cli.program import LEADFLOW, Here, run

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
SHORT = ("--minutes", "0.35", "--leads", "24", "--workers", "2", "--seed", "b", "--impatient")
ENDS = ("accepted", "refused", "suppressed", "expired", "ambiguous", "dropped")


def folder_of(said: str) -> Path:
    """The run's folder, as it tells it when it begins."""
    found = re.search(r"its folder: (\S+)", said)
    assert found is not None, said
    return Path(found[1])


def left_by(folder: Path) -> list[str]:
    """Processes of a run."""
    processes = psutil.process_iter(["cmdline", "cwd"])
    lines = [(" ".join(one.info["cmdline"] or ()), str(one.info["cwd"])) for one in processes]
    return [command for command, cwd in lines if str(folder) in command + cwd]


@pytest.mark.parametrize(
    ("options", "struck"),
    [
        ([], "lock database"),
        pytest.param(["--postgres"], "kill database", marks=pytest.mark.postgres),
    ],
)
def test_the_books_agree(tmp_path: Path, options: list[str], struck: str) -> None:
    """Everything is killed for some seconds: no lead and no message is lost or doubled, status 0, nothing is left."""
    done = run("chaos", *SHORT, *options, "--json", cwd=tmp_path, seconds=200)
    assert (done.status, done.err.count("kept for study")) == (0, 0), done
    line: dict[str, Any] = json.loads(done.out.splitlines()[-1])
    assert (line["ok"], line["complaints"], line["lost"], line["doubled"]) == (True, [], 0, 0)
    assert [line["leads"][name] for name in ("acknowledged", "begun", "closed")] == [24, 24, 24]
    assert line["replayed"] >= 24
    messages = line["messages"]
    assert messages["planned"] == sum(messages.get(end, 0) for end in ENDS) > 0
    assert {"kill worker", "kill temporal", "kill load", struck} <= set(line["struck"])
    folder = folder_of(done.err)
    assert (folder.exists(), left_by(folder)) == (False, [])


def test_ctrl_c_ends_all_of_it(tmp_path: Path) -> None:
    """Interrupted in the middle, it takes every process with it, and its folder."""
    command = [str(LEADFLOW), "chaos", *SHORT, "--minutes", "5"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = ""
        while "its folder" not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        folder = folder_of(said)
        assert left_by(folder)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert (process.returncode, left_by(folder), folder.exists()) == (130, [], False)


def test_a_bench_that_is_ended_ends_all_of_it(tmp_path: Path) -> None:
    """Asked to stop in the middle, as services are, it takes servers, workers and their folder with it."""
    command = [str(LEADFLOW), "bench", "--rounds", "1", "--leads", "1"]
    env = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = ""
        while "round 1" not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        assert len(left_by(tmp_path)) > 1
        process.terminate()
        process.communicate(timeout=60)
    assert (process.returncode, left_by(tmp_path), list(tmp_path.iterdir())) == (130, [], [])


def test_a_database_in_use_is_left_alone(running: Here) -> None:
    """Made-up leads do not get into an installation that has some: status 5, and what to do."""
    url = f"sqlite:///{running.folder / '.leadflow' / 'leadflow.db'}"
    done = running("chaos", "--database", url)
    assert done.status == 5
    assert "in use" in done.err
    assert "make an empty one" in done.err


def test_one_database_at_a_time(here: Here) -> None:
    """A database named and one to be started exclude each other."""
    done = here("chaos", "--postgres", "--database", "postgresql://nowhere.invalid/x")
    assert (done.status, "exclude each other" in done.err) == (5, True)
