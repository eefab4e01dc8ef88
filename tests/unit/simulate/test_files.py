"""Scenarios that are read with a check, and not played: which ones, what is told of them, and where."""

from pathlib import Path

import pytest

from leadflow.simulate.files import check_all
from leadflow.simulate.runner import run_paths

PIPELINE = "pipeline: {name}\nstages:\n  new: {{exits: [{{signal: go, label: Go, goto: end}}]}}\n  end: {{final: success}}\n"
SCENARIO = """pipeline: {name}
scenarios:
  - name: it goes
    start: {{at: "2026-11-23 10:00"}}
    steps:
      - {{signal: go}}
      - expect: {{stage: {stage}}}
"""


def write(folder: Path, **files: str) -> None:
    """Files by name, ``_`` for a dot."""
    for name, text in files.items():
        folder.joinpath(name.replace("_", ".")).write_text(text, "utf-8")


def told(*paths: Path) -> list[str]:
    """``file:line:column CODE`` of all that a check tells."""
    found = check_all(list(paths), year=2026).problems
    return [f"{Path(one.path).name}:{one.line}:{one.column} {one.code}" for one in found]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pipelines, the scenarios of each beside it; those of b name a stage that is not there."""
    write(
        tmp_path,
        a_yaml=PIPELINE.format(name="a"),
        a_test_yaml=SCENARIO.format(name="a", stage="end"),
        b_yaml=PIPELINE.format(name="b"),
        b_test_yaml=SCENARIO.format(name="b", stage="ende"),
    )
    return tmp_path


def test_the_scenarios_beside_a_pipeline_are_read(folder: Path) -> None:
    """An unknown name is told in its place, of what was asked for and of nothing else."""
    assert told(folder) == ["b.test.yaml:7:25 LF202"]
    assert told(folder / "b.yaml") == ["b.test.yaml:7:25 LF202"]
    assert told(folder / "b.test.yaml") == ["b.test.yaml:7:25 LF202"]
    assert told(folder / "a.yaml") == []
    assert [made.pipeline.id for made in check_all([folder / "a.yaml"]).compiled] == ["a"]


def test_they_are_not_played(folder: Path) -> None:
    """A scenario that would fail is no problem of a check."""
    write(folder, b_test_yaml=SCENARIO.format(name="b", stage="new"))
    assert told(folder) == []
    assert run_paths([folder]).failed == 1


def test_a_file_of_another_name_belongs_to_the_pipeline_it_names(folder: Path) -> None:
    """Also one that cannot be read belongs to the pipeline of its name, and no other pipeline hears of it."""
    write(folder, more_test_yaml=SCENARIO.format(name="a", stage="nowhere"))
    assert told(folder / "a.yaml") == ["more.test.yaml:7:25 LF202"]
    write(folder, b_test_yaml="pipeline: b\nscenarios: [a\n")
    assert told(folder / "a.yaml") == ["more.test.yaml:7:25 LF202"]
    assert run_paths([folder / "a.yaml"]).failed == 1
    assert told(folder / "b.yaml") == ["b.test.yaml:2:12 LF016"]
    write(folder, b_test_yaml="pipeline: b\nscenario: []\n")
    assert told(folder / "b.yaml") == ["b.test.yaml:2:1 LF101"]


def test_of_a_pipeline_with_mistakes_the_names_are_not_looked_up(folder: Path) -> None:
    """What only follows from another mistake is not told; nor is a pipeline missing that is there and cannot be read."""
    write(folder, b_yaml=PIPELINE.format(name="b").replace("goto: end", "goto: ende"))
    assert told(folder) == ["b.yaml:3:47 LF202"]
    write(folder, b_yaml=PIPELINE.format(name="b").replace("final", "finale"))
    assert told(folder) == ["b.yaml:4:9 LF101"]


def test_a_pipeline_that_is_not_there(folder: Path) -> None:
    """Told at its name, with the near miss."""
    write(folder, a_test_yaml=SCENARIO.format(name="bb", stage="end"))
    assert told(folder / "a.yaml") == ["a.test.yaml:1:11 LF701"]
