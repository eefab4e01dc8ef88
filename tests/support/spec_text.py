"""Small pipelines as text, for tests of the compiler."""

from pathlib import Path

import pytest

from leadflow.engine.pipeline import Do, Pipeline
from leadflow.installation import Installation
from leadflow.spec.compile.pipeline import Compiled, SpecError, compile_text
from leadflow.spec.installation import load_installation

VALID = Path(__file__).parents[1] / "specs" / "valid"
FIELDS = (
    "fields: {name: person, phone: phone, email: email, price: money, qty: number, day: date, moment: datetime, "
    "kind: {type: choice, options: {a: Один, b: Два}}, flag: flag, who: user, paper: file}\n"
)
"""Line 2 of every pipeline made here."""
END = "  end: {final: success}\n"


def compiled(stage: str = "", top: str = "", year: int = 2026, /, **templates: str) -> Compiled:
    """A pipeline whose first stage has these keys (YAML flow, without braces)."""
    lines = f"pipeline: p\n{FIELDS}{top}stages:\n  new: {{{stage}}}\n{END}"
    return compile_text(lines, year, **templates)


def pipeline(stage: str = "", top: str = "", /, **templates: str) -> Pipeline:
    """Its IR."""
    return compiled(stage, top, 2026, **templates).pipeline


def do(action: str, **templates: str) -> Do:
    """What an action (its keys, without braces) is compiled to."""
    return pipeline(f"on_enter: [{{{action}}}]", **templates).stages["new"].on_enter[0].do


def refused(stage: str = "", top: str = "", /, **templates: str) -> list[str]:
    """``line:column CODE message`` of every problem of one that does not compile."""
    with pytest.raises(SpecError) as caught:
        compiled(stage, top, 2026, **templates)
    return [f"{p.line}:{p.column} {p.code} {p.message}" for p in caught.value.problems]


def installation(
    folder: Path, text: str, environ: dict[str, str] | None = None
) -> tuple[Installation, list[str]]:
    """The installation that a ``leadflow.yaml`` says, and ``line:column CODE message`` of its problems."""
    file = folder / "leadflow.yaml"
    file.write_text(text, "utf-8")
    made, problems = load_installation(file, environ)
    return made, [f"{p.line}:{p.column} {p.code} {p.message}" for p in problems]
