"""Rules of this repository that no linter knows."""

import ast
import functools
import io
import re
import subprocess
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
MAX_LINES = 300
# Brackets, so that this file does not name them itself.
FOREIGN = re.compile(
    rb"pypi[.]org|pythonhoste[d]|proxy[.]golang|registry[.]npmjs|repo1?[.]maven|deb[.]debian"
    rb"|/wor[k]/|/roo[t]/|/tmp/bas[h]_jobs"
)
EXCEPTION = re.compile(r"#\s*(noqa|type:\s*ignore)")
EXPLAINED = re.compile(
    r"#\s*(noqa: [A-Z]+\d+(, ?[A-Z]+\d+)*|type: ignore\[[\w-]+(, ?[\w-]+)*\])\W+\w+"
)


@functools.cache
def files() -> tuple[Path, ...]:
    """What is in the repository or about to be: tracked, or neither tracked nor ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return tuple(path for name in names.split("\0") if name and (path := ROOT / name).is_file())


def python_files() -> list[Path]:
    return [path for path in files() if path.suffix == ".py"]


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def comments(path: Path) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def requirements() -> dict[str, Requirement]:
    """Every direct dependency, those for development too, by its name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lines = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    return {canonicalize_name((parsed := Requirement(line)).name): parsed for line in lines}


def table_rows(page: str) -> dict[str, list[str]]:
    """The rows of a page's tables: first cell -> the other cells."""
    rows = [line.strip("|").split("|") for line in page.splitlines() if line.startswith("|")]
    return {first.strip(" `"): [cell.strip() for cell in rest] for first, *rest in rows}


def test_no_python_file_is_long() -> None:
    """A file holds one idea: at most 300 lines."""
    lengths = {p.relative_to(ROOT): len(p.read_text("utf-8").splitlines()) for p in python_files()}
    assert {str(path): n for path, n in lengths.items() if n > MAX_LINES} == {}


def test_every_test_says_what_it_expects() -> None:
    """Each test function has a docstring."""
    silent = [
        place(path, node.lineno)
        for path in python_files()
        if path.name.startswith("test_")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_every_exception_has_a_code_and_a_reason() -> None:
    """A comment that silences a tool names the rule, then says why; none hides code from coverage."""
    bare = [
        f"{place(path, line)} {comment}"
        for path in python_files()
        for line, comment in comments(path)
        if (EXCEPTION.search(comment) and not EXPLAINED.search(comment))
        or "pragma: no cover" in comment
    ]
    assert bare == []


def test_no_file_names_an_index_or_a_machine() -> None:
    """What is installed comes from wherever the user's pip is told to look; nothing knows one machine."""
    named = [
        f"{place(path, number)} {found.group().decode()}"
        for path in files()
        if path.relative_to(ROOT).parts[0] != ".ci"
        for number, line in enumerate(path.read_bytes().splitlines(), start=1)
        if (found := FOREIGN.search(line))
    ]
    assert named == []


def test_every_dependency_has_a_reason() -> None:
    """docs/dependencies.md lists the direct dependencies, no more and no fewer, every cell filled."""
    rows = table_rows((ROOT / "docs" / "dependencies.md").read_text("utf-8"))
    listed = {canonicalize_name(name): cells for name, cells in rows.items() if name.islower()}
    assert listed.keys() == requirements().keys()
    assert [name for name, cells in listed.items() if not all(cells)] == []


def test_the_lock_is_what_pyproject_asks_for() -> None:
    """requirements.lock pins a fitting version of each direct dependency, by hash; else `make lock`."""
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    pins = dict(re.findall(r"^([\w.-]+)==(\S+) .*\\\n    --hash=sha256:", lock, re.MULTILINE))
    missing = [
        str(requirement)
        for name, requirement in requirements().items()
        if not requirement.specifier.contains(pins.get(name, "0"))
    ]
    assert missing == []


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "LICENSE", "docs/development.md"])
def test_a_stranger_finds_the_usual_pages(name: str) -> None:
    """Every page that a newcomer looks for first is there, and is not empty."""
    assert (ROOT / name).read_text("utf-8").strip()
