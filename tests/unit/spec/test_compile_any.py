"""The compiler never raises, whatever a well-shaped file says; and what it makes is always whole."""

import copy
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings, strategies as st

from leadflow.engine.pipeline import Pipeline
from leadflow.spec.compile.pipeline import compile_pipeline
from leadflow.spec.loader import Document, load_text
from leadflow.spec.project import PipelineFile, load_project
from leadflow.spec.scalars import Data
from leadflow.spec.schema.pipeline import Pipeline as PipelinePart
from leadflow.spec.schema.read import read_part
from tests.support.spec_text import VALID

PROJECT = load_project([VALID])
EVERYTHING = next(
    file for file in PROJECT.pipelines if file.model.pipeline == "everything"
).document
WORDS = ["nope", "x", "1 day", "2 days before nope", "lead.nope is set", "lead.budget", "true", "7", "owner", "deal",
         "{{ lead.nope }}", "{{ lead.budget * 2 }}", "{{", "offer", "money", "done", "talk", "Слово"]  # fmt: skip


def scalars(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(data, str):
        return [path]
    items = data.items() if isinstance(data, dict) else enumerate(data)
    return [found for key, value in items for found in scalars(value, (*path, key))]


def replaced(document: Document, changes: dict[tuple[Any, ...], str]) -> dict[str, Data]:
    data: Any = copy.deepcopy(document.data)
    for path, word in changes.items():
        node = data
        for step in path[:-1]:
            node = node[step]
        node[path[-1]] = word
    return data  # type: ignore[no-any-return]  # built as Any to be changed in place


@given(
    st.dictionaries(
        st.sampled_from(scalars(EVERYTHING.data)), st.sampled_from(WORDS), min_size=1, max_size=4
    )
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_the_words_are_there_is_a_pipeline_and_problems(
    changes: dict[tuple[Any, ...], str],
) -> None:
    """Any values replaced: where the shape holds, an IR comes out that survives JSON, and every problem has a place."""
    model, problems = read_part(PipelinePart, replaced(EVERYTHING, changes), EVERYTHING)
    if model is None:
        assert problems
        return
    file = PipelineFile("f.yaml", VALID, EVERYTHING, asked=True, model=model)
    made = compile_pipeline(file, PROJECT, year=2026)
    assert msgspec.json.decode(msgspec.json.encode(made.pipeline), type=Pipeline) == made.pipeline
    assert len(made.pipeline.hash) == 64
    assert all(problem.line >= 1 and problem.message for problem in made.problems)
    assert all(Path(str(use.spot).split(":")[0]).suffix == ".yaml" for use in made.view.names)


def test_the_same_file_gives_the_same_hash_in_every_process() -> None:
    """Nothing depends on hash seeds, clocks or folders; a new hash here is a new version of every pipeline there is."""
    text = "pipeline: p\nfields: {a: text}\nstages:\n  s: {exits: [{signal: go, requires: [a], goto: e}]}\n  e: {final: success}\n"
    document = load_text(text.encode(), "f.yaml")
    model, _ = read_part(PipelinePart, document.data, document)
    assert model is not None
    made = compile_pipeline(
        PipelineFile("f.yaml", Path(), document, asked=True, model=model), PROJECT, year=2026
    )
    assert made.pipeline.hash == "5133235b93960595bfdb6b23ab348e58ea6d5c283a8fc6cf32c83dca6ed1d18b"
