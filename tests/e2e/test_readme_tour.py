"""The README's five minutes, block by block, on a fresh installation."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.tour import Command, blocks

ROOT = Path(__file__).parents[2]
PATIENCE = 90
"""Seconds for a block marked `eventually`: the tour's own wait is twenty."""

pytestmark = [pytest.mark.e2e, pytest.mark.temporal]


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Iterator[Path]:
    shutil.copytree(ROOT / "specs", tmp_path / "specs")
    shutil.copy(ROOT / "leadflow.yaml", tmp_path)
    yield tmp_path
    run(tmp_path, "leadflow down")


def run(place: Path, line: str) -> str:
    """Runs a line as a reader would, in the tour's folder; both outputs as one."""
    bin_folder = Path(sys.executable).parent
    env = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("LEADFLOW_", "TEMPORAL_"))
    }
    env["PATH"] = f"{bin_folder}{os.pathsep}{env['PATH']}"
    done = subprocess.run(
        ["bash", "-c", line], cwd=place, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, timeout=180, check=False,
    )  # fmt: skip
    return done.stdout


def eventually(place: Path, command: Command) -> str:
    """What the command prints once it is as expected, or when patience ends."""
    give_up = time.monotonic() + PATIENCE
    while True:
        printed = run(place, command.line)
        if command.matches(printed) or time.monotonic() > give_up:
            return printed


@pytest.mark.timeout(400)
def test_the_tour_of_the_readme_prints_what_it_promises(place: Path) -> None:
    """Each file is written, each command run in order; what it prints is what the page shows."""
    tour = blocks(ROOT / "README.md", "Five minutes")
    assert sum(len(block.commands) for block in tour) > 10
    for block in tour:
        if block.file:
            file = place / block.file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
        for number, command in enumerate(block.commands):
            if block.eventually and number == 0:
                printed = eventually(place, command)
            else:
                printed = run(place, command.line)
            assert command.matches(printed), (
                f"$ {command.line}\nshould print\n"
                + "\n".join(command.expected)
                + f"\nbut printed\n{printed}"
            )
