"""Scenario files: found, read, checked against their pipelines, played (``leadflow test``)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from leadflow.engine.decision import Note
from leadflow.engine.pipeline import StartPipeline
from leadflow.engine.refs import index
from leadflow.installation import Installation
from leadflow.simulate.checking import check_scenarios
from leadflow.simulate.coverage import Coverage, coverage
from leadflow.simulate.people import with_people
from leadflow.simulate.play import Failure, Played, play
from leadflow.simulate.schema import Scenario, ScenarioFile
from leadflow.simulate.world import Spec
from leadflow.spec.checks import check_pipeline
from leadflow.spec.compile.pipeline import Compiled, compile_pipeline
from leadflow.spec.problems import Problem, has_errors
from leadflow.spec.project import Project, SpecFile, is_scenarios, load_project
from leadflow.spec.scalars import Data
from leadflow.spec.schema.read import read_part
from leadflow.spec.suggest import hint_for_unknown

NO_PIPELINE = "LF701"
PUBLISHING = frozenset({"LF207", "LF208", "LF211", "LF601", "LF605"})
"""Settings and other pipelines have to be there when a pipeline is published; scenarios bring their own people."""
ENDING = ".test.yaml"
_MAY_BE_EMPTY = frozenset({"set", "fields", "expect"})


class Case(NamedTuple):
    """A scenario that can be played."""

    path: str
    """Of its file, as problems show it."""
    scenario: Scenario
    pipeline: str
    specs: Mapping[str, Spec]
    home: Installation

    def play(self) -> Played:
        """Plays it."""
        return play(self.scenario, self.pipeline, self.specs, self.home)


class Cases(NamedTuple):
    """All scenarios asked for, and what is wrong with the files."""

    cases: tuple[Case, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """How scenarios went."""

    passed: int
    failures: tuple[Failure, ...]
    problems: tuple[Problem, ...]
    """Of the files; those with an error were not played."""
    coverage: tuple[Coverage, ...]

    @property
    def failed(self) -> int:
        """Scenarios that failed, and files' errors that kept scenarios from being played."""
        return len(self.failures) + sum(each.severity == "error" for each in self.problems)

    @property
    def ok(self) -> bool:
        """Whether all is well."""
        return self.failed == 0


def run_paths(paths: Sequence[str | Path]) -> Report:
    """Plays the scenarios of files and folders.

    Args:
        paths: scenario files, pipelines (the scenarios beside them that name them), or folders.
    """
    cases, problems = gather(paths)
    played = [case.play() for case in cases]
    failures = tuple(each.failure for each in played if each.failure is not None)
    notes: dict[str, list[Note]] = {}
    for pipeline, note in (pair for each in played for pair in each.notes):
        notes.setdefault(pipeline, []).append(note)
    specs = {case.pipeline: case.specs[case.pipeline] for case in cases}
    covered = (coverage(spec.pipeline, notes.get(name, ())) for name, spec in specs.items())
    return Report(len(played) - len(failures), failures, problems, tuple(covered))


def gather(paths: Sequence[str | Path]) -> Cases:
    """Reads, compiles and checks; what has an error is told and left out."""
    project = load_project([*dict.fromkeys(each for path in paths for each in _beside(Path(path)))])
    asked = {str(path) for path in paths}
    files = [file for file in project.scenarios if _wanted(file, project, asked)]
    work = _Work(project)
    cases = [case for file in files for case in work.cases(file)]
    return Cases(tuple(cases), tuple(sorted(set(work.problems))))


def _beside(path: Path) -> Iterator[Path]:
    """A pipeline brings its scenarios along, scenarios the pipeline of the same name, so that its problems are told."""
    yield path
    if path.is_dir():
        return
    if is_scenarios(path):
        named = path.with_name(path.name.replace(".test.", "."))
        if named.is_file():
            yield named
    else:
        yield from sorted(path.parent.glob(f"*{ENDING}"))


def _wanted(file: SpecFile, project: Project, asked: set[str]) -> bool:
    """Whether it was asked for itself, or its pipeline was."""
    if file.path in asked or any(
        Path(file.path).is_relative_to(p) for p in asked if Path(p).is_dir()
    ):
        return True
    named = project.pipeline(str(file.document.data.get("pipeline")))
    return named is not None and named.path in asked


def _with_empty(data: Data, *, inside: bool = False) -> Any:
    """A file's data where ``null`` among values and expectations means an empty value."""
    match data:
        case dict():
            return {k: _with_empty(v, inside=inside or k in _MAY_BE_EMPTY) for k, v in data.items()}
        case list():
            return [_with_empty(item, inside=inside) for item in data]
        case _:
            return "" if data is None and inside else data


class _Work:
    def __init__(self, project: Project) -> None:
        self.project = project
        self.problems: list[Problem] = list(project.problems)
        self.compiled = lru_cache(maxsize=None)(self._compiled)

    def cases(self, file: SpecFile) -> Iterator[Case]:
        """The scenarios of a file that can be played."""
        model, found = read_part(ScenarioFile, _with_empty(file.document.data), file.document)
        self.problems += found
        if model is None:
            return
        made = self.compiled(str(model.pipeline))
        if made is None:
            self._no_pipeline(model)
            return
        home = self.project.installation
        if has_errors(made.problems):
            return
        told = check_scenarios(model, made.pipeline, home)
        self.problems += told
        if has_errors(told):
            return
        people = with_people(home, model.people)
        specs = dict(self._specs(made))
        for scenario in model.scenarios:
            yield Case(file.path, scenario, made.pipeline.id, specs, people)

    def _no_pipeline(self, model: ScenarioFile) -> None:
        word = model.pipeline
        if any(each.path.endswith(f"{word}.yaml") for each in self.project.problems):
            return  # it is there, and what is wrong with it is told
        hint = hint_for_unknown(
            "pipeline", word, [f.model.pipeline for f in self.project.pipelines]
        )
        message = f"no pipeline '{word}' stands beside this file"
        self.problems.append(word.spot.problem(NO_PIPELINE, message, hint))

    def _compiled(self, name: str) -> Compiled | None:
        file = self.project.pipeline(name)
        if file is None:
            return None
        made = compile_pipeline(file, self.project)
        found = list(made.problems)
        if not has_errors(found):
            found = [each for each in check_pipeline(made, self.project) if _counts(each)]
        self.problems += found
        return dataclasses.replace(made, problems=tuple(found))

    def _specs(self, made: Compiled) -> Iterator[tuple[str, Spec]]:
        """The pipeline, and those its leads begin others in."""
        waiting, seen = [made], {made.pipeline.id}
        while waiting:
            one = waiting.pop()
            yield one.pipeline.id, Spec(one.pipeline, one.blobs)
            for name in _begun(one):
                other = self.compiled(name) if name not in seen else None
                seen.add(name)
                if other is not None and not has_errors(other.problems):
                    waiting.append(other)


def _counts(problem: Problem) -> bool:
    """Whether a pipeline's problem keeps its scenarios from being played; `check` tells the others."""
    return problem.severity == "error" and problem.code not in PUBLISHING


def _begun(made: Compiled) -> Iterable[str]:
    pipeline = made.pipeline
    for action in index(pipeline).actions.values():
        if isinstance(action.do, StartPipeline):
            yield action.do.pipeline
    for stage in pipeline.stages.values():
        yield from (conversion.pipeline for conversion in stage.convert if conversion.pipeline)
