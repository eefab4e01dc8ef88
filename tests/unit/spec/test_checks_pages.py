"""The pages of docs/problems: what they show as wrong is told as such, and what they show as right is right."""

import re
from pathlib import Path

import pytest

from leadflow.simulate.files import check_all
from leadflow.spec.codes import CODES
from leadflow.spec.problems import Problem

PAGES = Path(__file__).parents[3] / "docs" / "problems"
FILE = re.compile(r"```\w+ (\S+)\n(.*?)```\n", re.DOTALL)
NOT_SHOWN = {"LF001", "LF002", "LF003", "LF006"}
"""Files that no page can hold: absent, huge, in another encoding."""
ABOUT = """pipeline: permits
stages:
  new: {exits: [{signal: [qualified, paid], goto: won}]}
  won: {final: success, convert: [{create: [contact, deal]}]}
"""
"""What the scenarios (LF7xx) are about, where a page does not show it."""
CHECKED = [code for code in sorted(CODES) if code not in NOT_SHOWN]


def shown(code: str, section: str) -> list[tuple[str, str]]:
    """The files of one section of a page: name and content."""
    text = (PAGES / f"{code}.md").read_text("utf-8")
    wrong, right = text.split("\n## Wrong\n")[1].split("\n## Right\n")
    return FILE.findall(wrong if section == "Wrong" else right)


def problems(folder: Path, files: list[tuple[str, str]], *, excerpts: bool) -> tuple[Problem, ...]:
    """What `leadflow check` tells of a folder with these files, with the environment shown; of excerpts what YAML says."""
    environ: dict[str, str] | None = None
    names = {name for name, _ in files} - {"terminal"}
    for name, content in files:
        if name == "terminal":
            environ = dict(re.findall(r"(\w+)=(\S+)", content))
            continue
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, "utf-8")
    if any(name.endswith(".test.yaml") for name in names) and "permits.yaml" not in names:
        (folder / "permits.yaml").write_text(ABOUT, "utf-8")
    asked = folder / "leadflow.yaml" if names == {"leadflow.yaml"} else folder
    found = check_all([asked], environ, year=2026).problems
    return tuple(problem for problem in found if not excerpts or problem.code < "LF100")


def complaints(found: tuple[Problem, ...]) -> str:
    """For a failing test: what was told."""
    return "\n".join(map(str, found))


@pytest.mark.parametrize("code", CHECKED)
def test_wrong_example_has_the_problem_of_its_page_and_no_other(code: str, tmp_path: Path) -> None:
    """One mistake, one code: what follows from it is not told beside it."""
    found = problems(tmp_path, shown(code, "Wrong"), excerpts=code < "LF100")
    assert {problem.code for problem in found} == {code}, complaints(found)


@pytest.mark.parametrize("code", CHECKED)
def test_right_example_has_no_problem(code: str, tmp_path: Path) -> None:
    """Not even a warning."""
    found = problems(tmp_path, shown(code, "Right"), excerpts=code < "LF100")
    assert found == (), complaints(found)
