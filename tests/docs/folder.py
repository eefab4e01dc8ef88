"""The folder that a reader of a page builds up, and what comes of it."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from itertools import chain
from pathlib import Path
from typing import Any
from unittest.mock import patch

import cli
from leadflow.simulate.report import as_text, failure_text
from leadflow.simulate.runner import run_paths
from leadflow.spec.check import check_paths
from leadflow.spec.installation import load_installation
from leadflow.spec.problems import render_text
from leadflow.spec.project import SETTINGS, Project
from tests.docs.joining import joined
from tests.docs.pages import Block, Heading, read_page
from tests.docs.parts import START, Part, as_yaml, is_part, made, plain
from tests.docs.typed import misread
from tests.docs.waiting import say_what_waits

TEST = ".test.yaml"
WHY = ["leadflow", "lead", "why"]


class Reader:
    """Somebody who does what a page says. ``troubles`` says what did not come out as the page has it.

    Args:
        page: the page.
        home: an empty folder: ``folder`` in it is the reader's own, the parts of pipelines stand beside.
    """

    def __init__(self, page: Path, home: Path) -> None:
        self.page = page
        self.home = home
        self.folder = home / "folder"
        self.folder.mkdir()
        self.troubles: list[str] = []
        self.main = ""
        """The file of the pipeline that the page is about: the first one."""
        self.whole: dict[str, Any] = {}
        """That pipeline, as shown last."""
        self.lead: dict[str, Any] = {}
        self.fresh = False
        """Whether a file is newer than the last look at the folder."""
        self.restore: list[tuple[Path, str | None]] = []
        """What wrong files have replaced."""
        self.parts: list[Part] = []
        self.shown: dict[str, str] = {}
        """Name of a part's pipeline → where the page shows it."""
        self.project = Project()
        """All that the folder holds in the end."""

    def read(self) -> None:
        """The whole page."""
        for each in read_page(self.page):
            if isinstance(each, Heading):
                self.look(each.text)
            else:
                self._block(each)
        self.look("the end")
        self._try_parts()

    def _block(self, block: Block) -> None:
        if block.kind == "file":
            self._write(block)
        elif block.kind == "console":
            self._terminal(block)
        elif block.kind == "lead":
            self.lead = plain(block.text)
        elif block.kind == "values":
            self.troubles += [f"{block.where}: {one}" for one in misread(block)]
        elif is_part(block):
            self.parts += made(block, self.whole, self.lead)

    def _write(self, block: Block) -> None:
        file = self.folder / block.file
        file.parent.mkdir(parents=True, exist_ok=True)
        if "wrong" in block.words:
            self.restore.append((file, file.read_text("utf-8") if file.exists() else None))
        else:
            self.fresh = True
        changed = "changed" in block.words
        text = joined(file.read_text("utf-8"), block.text) if changed else block.text
        if self.fresh and block.language == "yaml" and "stages" in (data := plain(text)):
            self.main = self.main or block.file
            self.whole = data if block.file == self.main else self.whole
        file.write_text(text, "utf-8")

    def look(self, heading: str) -> None:
        """Checks the folder and plays its scenarios, if a file of it is new."""
        if self.fresh:
            self.fresh = False
            self._sound(self.folder, f"{self.page.name}, before '{heading}'")

    def _sound(self, folder: Path, where: str) -> None:
        settings = (load_installation(file)[1] for file in folder.rglob(SETTINGS))
        found = [*check_paths([folder]).problems, *chain.from_iterable(settings)]
        problems = [one for one in found if one.severity == "error"]
        if problems:
            self.troubles.append(f"{where}:\n{render_text(problems)}")
        elif any(folder.glob(f"*{TEST}")):
            report = run_paths([folder])
            if not report.ok:
                self.troubles.append(f"{where}:\n{as_text(report)}")

    def _terminal(self, block: Block) -> None:
        """Runs what stands behind ``$`` and compares what follows."""
        for command, wanted in _commands(block.text):
            printed = self._run(command)
            if printed != wanted:
                said = (
                    f"{block.where}: $ {' '.join(command)} printed\n{printed}\ninstead of\n{wanted}"
                )
                self.troubles.append(said)
        while self.restore:
            file, before = self.restore.pop()
            if before is None:
                file.unlink()
            else:
                file.write_text(before, "utf-8")

    def _run(self, command: list[str]) -> str:
        """What the program prints in the folder, on both streams."""
        before, printed = Path.cwd(), io.StringIO()
        os.chdir(self.folder)
        try:
            with redirect_stdout(printed), redirect_stderr(printed):
                if command[:3] == WHY:
                    say_what_waits(self.main, START | self.lead)
                else:
                    _leadflow(command)
        finally:
            os.chdir(before)
        return printed.getvalue().rstrip("\n")

    def _try_parts(self) -> None:
        """All parts at once, those of one pipeline together, beside the reader's files."""
        for number, part in enumerate(_together(self.parts)):
            name = f"part_{number}"
            self.shown[name] = part.where
            part.pipeline["pipeline"] = name
            (self.folder / f"{name}.yaml").write_text(as_yaml(part.pipeline), "utf-8")
            if part.scenarios:
                shown = {"pipeline": name, "scenarios": part.scenarios}
                (self.folder / f"{name}{TEST}").write_text(as_yaml(shown), "utf-8")
        checked = check_paths([self.folder])
        self.project = checked.project
        report = run_paths([self.folder])
        for one in sorted({*checked.problems, *report.problems}):
            if one.severity == "error":
                self.troubles.append(f"{self._where(one.path)}: {one}")
        for failure in report.failures:
            self.troubles.append(f"{self._where(failure.path)}:\n{failure_text(failure)}")

    def _where(self, path: str) -> str:
        return self.shown.get(Path(path).name.partition(".")[0], self.page.name)


def _together(parts: Iterable[Part]) -> list[Part]:
    """Parts of one pipeline as one, with the scenarios of all."""
    found: dict[str, Part] = {}
    for part in parts:
        key = as_yaml(part.pipeline)
        first = found.get(key, Part(part.pipeline, [], ""))
        where = ", ".join(filter(None, (first.where, part.where)))
        found[key] = Part(first.pipeline, [*first.scenarios, *part.scenarios], where)
    return [*found.values()]


def _commands(text: str) -> Iterator[tuple[list[str], str]]:
    for said in f"\n{text}".split("\n$ ")[1:]:
        command, _, printed = said.partition("\n")
        yield command.split(), printed.rstrip("\n")


def _leadflow(command: list[str]) -> None:
    with patch.object(sys, "argv", command), suppress(SystemExit):
        cli.main()
