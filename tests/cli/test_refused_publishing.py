"""P1 of the fault matrix: nothing that is wrong is ever published, and what was published before stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadflow.store.db import open_store
from leadflow.store.published import versions
from tests.cli.program import ROOT, Here
from tests.cli.samples import project

CORPUS = ROOT / "tests" / "specs" / "invalid"
MISTAKES = [
    *(CORPUS / f"{name}.yaml" for name in ("choosing", "conditions", "endless", "flow", "gates")),
    *(CORPUS / f"{name}.yaml" for name in ("names", "people", "tasks", "times", "tracks")),
    CORPUS / "messages" / "messages.yaml",
    *sorted((CORPUS / "yaml").glob("*.yaml"))[::9],
]
"""Of what `tests/unit/spec/test_checks_corpus.py` and `tests/unit/spec/test_loader.py` go through."""


@pytest.fixture(scope="module")
def bomb() -> str:
    """Aliases that would fill any memory."""
    lines = ["pipeline: bomb", "a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20)]
    return "\n".join(lines)


def published(folder: Path) -> list[tuple[str, int, str]]:
    """All that the database has."""
    store = open_store(f"sqlite:///{folder / '.leadflow' / 'leadflow.db'}")
    try:
        return [(one.id, one.number, one.hash) for one in versions(store)]
    finally:
        store.close()


def test_nothing_of_the_corpus_of_mistakes_is_published(here: Here, bomb: str) -> None:
    """Each file is refused with its place, status 1; so are a bomb, five megabytes and a failing scenario.

    What was published is as it was, so nothing that runs on it can notice
    (`tests/cli/test_migrating.py::test_a_refused_publish_touches_no_lead` looks at leads).
    """
    project(here.folder)
    assert here("publish").status == 0
    before = published(here.folder)
    assert [name for name, *_ in before] == ["calls"]
    files = {path: path.read_text("utf-8", "replace") for path in MISTAKES}
    others = {Path("bomb.yaml"): bomb, Path("huge.yaml"): f"pipeline: huge\n# {'x' * 5_000_000}"}
    let_through = []
    for path, text in {**files, **others}.items():
        wrong = here.write("wrong/" + path.name, text)
        done = here("publish", str(wrong))
        if done.status != 1 or f"{path.name}:" not in done.err:
            let_through.append((path.name, done.status, done.err[:200]))
        wrong.unlink()
    assert let_through == []
    scenario = here.folder / "specs" / "calls.test.yaml"
    scenario.write_text(
        scenario.read_text("utf-8").replace("stage: offered", "stage: won"), "utf-8"
    )
    assert here("publish").status == 1
    assert published(here.folder) == before
