"""The program as a user starts it, and the same verbs in this process where that is enough (it is quicker)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import cli

ROOT = Path(__file__).parents[2]
LEADFLOW = Path(sys.executable).with_name("leadflow")


class Done(NamedTuple):
    """How a verb ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run(*arguments: str, cwd: Path, seconds: float = 60, **env: str) -> Done:
    """The installed program in a process of its own, in a folder, with no settings but these."""
    clean = {name: value for name, value in os.environ.items() if not is_setting(name)}
    done = subprocess.run(
        [LEADFLOW, *arguments],
        cwd=cwd,
        env={**clean, **env},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def is_setting(name: str) -> bool:
    """Whether an environment variable is one of leadflow's."""
    return name.startswith(("LEADFLOW_", "TEMPORAL_")) and name != "LEADFLOW_TEST_RUN"


class Here:
    """Verbs in this process, with a folder as the current one."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        for name in list(os.environ):
            if is_setting(name):
                monkeypatch.delenv(name)
        monkeypatch.chdir(folder)

    def __call__(self, *arguments: str) -> Done:
        self._monkeypatch.setattr(sys, "argv", ["leadflow", *arguments])
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = self._capsys.readouterr()
        return Done(int(ended.value.code or 0), out, err)

    def write(self, name: str, text: str) -> Path:
        """A file of the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path
