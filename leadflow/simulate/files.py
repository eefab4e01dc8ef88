"""Scenario files: which of them belong to what was asked for, and what is wrong with them before anything is played."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from leadflow.simulate.checking import check_scenarios
from leadflow.simulate.schema import ScenarioFile
from leadflow.spec.check import CheckResult, check_paths
from leadflow.spec.compile.pipeline import Compiled, compile_pipeline
from leadflow.spec.problems import Problem, has_errors
from leadflow.spec.project import Project, SpecFile, is_scenarios
from leadflow.spec.scalars import Data
from leadflow.spec.schema.read import read_part
from leadflow.spec.suggest import hint_for_unknown

NO_PIPELINE = "LF701"
ENDING = ".test.yaml"
_MAY_BE_EMPTY = frozenset({"set", "fields", "expect"})


def together(paths: Sequence[Path]) -> list[Path]:
    """Pipelines with the scenarios beside them, scenarios with the pipeline of the same name: so all problems are told."""
    return list(dict.fromkeys(each for path in paths for each in _together(path)))


def _together(path: Path) -> Iterator[Path]:
    yield path
    if path.is_dir():
        return
    if is_scenarios(path):
        named = _pipeline_of(path)
        if named.is_file():
            yield named
    else:
        yield from sorted(path.parent.glob(f"*{ENDING}"))


def _pipeline_of(file: Path) -> Path:
    return file.with_name(file.name.replace(".test.", "."))


def belongs(file: str, project: Project, paths: Sequence[Path]) -> bool:
    """Whether a scenario file was asked for: itself, its folder, or its pipeline (by name, else by the file's)."""
    path = Path(file)
    if any(path == each or (each.is_dir() and path.is_relative_to(each)) for each in paths):
        return True
    names = (each.document.data.get("pipeline") for each in project.scenarios if each.path == file)
    pipeline = project.pipeline(str(next(names, "")))
    return (Path(pipeline.path) if pipeline else _pipeline_of(path)) in paths


def read_scenarios(file: SpecFile) -> tuple[ScenarioFile | None, list[Problem]]:
    """A file's scenarios, if their shape is right."""
    return read_part(ScenarioFile, _with_empty(file.document.data), file.document)


def _with_empty(data: Data, *, inside: bool = False) -> Any:
    """A file's data where ``null`` among values and expectations means an empty value."""
    match data:
        case dict():
            return {k: _with_empty(v, inside=inside or k in _MAY_BE_EMPTY) for k, v in data.items()}
        case list():
            return [_with_empty(item, inside=inside) for item in data]
        case _:
            return "" if data is None and inside else data


def no_pipeline(model: ScenarioFile, project: Project) -> list[Problem]:
    """The pipeline that a file names is not there; one that has mistakes is, and they are told."""
    word, known = model.pipeline, project.named["pipeline"]
    if word in known:
        return []
    message = f"no pipeline '{word}' stands beside this file"
    return [
        word.spot.problem(NO_PIPELINE, message, hint_for_unknown("pipeline", word, sorted(known)))
    ]


def check_all(
    paths: Sequence[str | Path],
    environ: Mapping[str, str] | None = None,
    *,
    year: int | None = None,
) -> CheckResult:
    """`leadflow.spec.check.check_paths`, and the scenarios that belong to what is checked are read too, not played."""
    asked = [Path(path) for path in paths]
    found = check_paths(together(asked), environ, year=year)
    project = found.project
    problems = [
        each
        for each in found.problems
        if not is_scenarios(Path(each.path)) or belongs(each.path, project, asked)
    ]
    for file in project.scenarios:
        if belongs(file.path, project, asked):
            problems += _problems(file, found)
    return dataclasses.replace(found, problems=tuple(sorted(set(problems))))


def _problems(file: SpecFile, found: CheckResult) -> list[Problem]:
    model, problems = read_scenarios(file)
    if model is None:
        return problems
    made = _compiled(str(model.pipeline), found)
    if made is None:
        return problems + no_pipeline(model, found.project)
    wrong = (each for each in found.problems if each.path == made.path)
    if has_errors((*made.problems, *wrong)):
        return problems  # of a pipeline with mistakes nobody knows which names are meant
    return [*problems, *check_scenarios(model, made.pipeline, found.project.installation)]


def _compiled(name: str, found: CheckResult) -> Compiled | None:
    """A pipeline that was checked, or one that only stands beside what was."""
    made = next((each for each in found.compiled if each.pipeline.id == name), None)
    file = found.project.pipeline(name)
    if made is not None or file is None:
        return made
    return compile_pipeline(file, found.project)
