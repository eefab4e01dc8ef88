"""The corpus of wrong pipelines: every mistake in its place, in plain words, and nothing else beside it."""

import re
from functools import cache
from pathlib import Path

import pytest

from leadflow.spec.check import check_paths
from leadflow.spec.codes import CODES
from leadflow.spec.problems import Problem

CORPUS = Path(__file__).parents[2] / "specs" / "invalid"
FOLDERS = [CORPUS, CORPUS / "messages"]
FILES = sorted(
    file for folder in FOLDERS for file in folder.glob("*.yaml") if file.name != "leadflow.yaml"
)


@cache
def found(file: Path) -> tuple[Problem, ...]:
    """All that is told of a file."""
    return check_paths([file], year=2026).problems


def told(file: Path) -> list[str]:
    """The problems of a file and its templates, one a line: its own without its name."""
    lines = (str(one).split("\n")[0].removeprefix(f"{file.parent}/") for one in found(file))
    return [line.removeprefix(f"{file.name}:") for line in lines]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_mistake_is_told_in_its_place(file: Path) -> None:
    """Line, column, code and words are those of the .expected file beside it."""
    expected = file.with_suffix(".expected").read_text("utf-8")
    assert told(file) == expected.splitlines()


def test_every_problem_says_what_to_do() -> None:
    """Whoever is told what is wrong gets a hint; only types that do not fit have no one remedy."""
    silent = {problem.code for file in FILES for problem in found(file) if not problem.hint}
    assert silent <= {"LF117"}


def test_every_code_of_the_checks_is_in_the_corpus() -> None:
    """LF2xx to LF5xx all stand in the corpus, but those that settings and the compiler tell elsewhere."""
    corpus = "".join(file.read_text("utf-8") for file in CORPUS.rglob("*.expected"))
    elsewhere = {
        *("LF216", "LF217", "LF220", "LF221", "LF222", "LF223", "LF224"),  # compiler, project
        *("LF507", "LF509"),  # compiler; told only where nothing else is wrong
    }
    asked = {code for code in CODES if "LF200" < code < "LF600"} - elsewhere
    assert asked <= set(re.findall(r"LF\d{3}", corpus))
