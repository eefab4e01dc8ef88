"""A pipeline and its scenarios as texts, played."""

from pathlib import Path
from textwrap import dedent

from leadflow.simulate.runner import Report, run_paths

HEAD = """\
pipeline: p
people: {sales: [anna, boris], anna: {supervisor: olga}, boris: {supervisor: olga}, admin: max}
scenarios:
"""


def written(folder: Path, pipeline: str, scenarios: str, **templates: str) -> Path:
    """Writes both into a folder; ``templates``: file name with ``_`` for dots → body."""
    (folder / "p.yaml").write_text(f"pipeline: p\n{dedent(pipeline)}", "utf-8")
    text = dedent(scenarios)
    (folder / "p.test.yaml").write_text(text if "scenarios:" in text else HEAD + text, "utf-8")
    (folder / "templates").mkdir(exist_ok=True)
    for name, body in templates.items():
        (folder / "templates" / name.replace("_", ".")).write_text(body, "utf-8")
    return folder / "p.test.yaml"


def played(folder: Path, pipeline: str, scenarios: str, **templates: str) -> Report:
    """Plays them."""
    return run_paths([written(folder, pipeline, scenarios, **templates)])


def wrong(report: Report) -> list[str]:
    """What failed, a line each: differences, else messages; problems as they are."""
    found = [str(problem).partition("\n")[0] for problem in report.problems]
    for failure in report.failures:
        told = [
            f"{one.key}: expected {one.expected}, found {one.found}" for one in failure.differences
        ]
        found += told or [failure.message]
    return found
