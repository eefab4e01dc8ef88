"""The failing half of the corpus: what people read when a scenario is wrong. The passing half runs by itself."""

from pathlib import Path

import pytest

from leadflow.simulate.report import as_text
from leadflow.simulate.runner import run_paths

FAILING = Path(__file__).parent / "failing"
PASSING = Path(__file__).parent / "passing"
FILES = sorted(file.name for file in FAILING.glob("*.test.yaml"))


@pytest.mark.parametrize("name", FILES)
def test_a_failing_file_is_told_word_for_word(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Problems, expected against found, and the timeline are exactly those of the file beside it."""
    monkeypatch.chdir(FAILING)
    expected = (FAILING / name.replace(".test.yaml", ".expected")).read_text("utf-8")
    assert as_text(run_paths([name])) + "\n" == expected


def test_the_passing_half_passes_and_reaches_every_stage_exit_and_outcome() -> None:
    """All scenarios pass; what they do not reach is only what is named here."""
    report = run_paths([PASSING])
    assert report.ok
    missed = [
        point.text
        for covered in report.coverage
        for kind in ("stages", "exits", "outcomes")
        for point in covered.missed(kind)
    ]
    assert missed == ["ring: done", "answer: done"]
