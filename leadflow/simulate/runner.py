"""Scenario files: found, read, checked against their pipelines, played (``leadflow test``)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from leadflow.engine.decision import Note
from leadflow.engine.pipeline import StartPipeline
from leadflow.engine.refs import index
from leadflow.installation import Installation
from leadflow.simulate.checking import check_scenarios
from leadflow.simulate.coverage import Coverage, coverage
from leadflow.simulate.files import belongs, no_pipeline, read_scenarios, together
from leadflow.simulate.people import with_people
from leadflow.simulate.play import Failure, Played, play
from leadflow.simulate.schema import Scenario
from leadflow.simulate.world import Spec
from leadflow.spec.checks import check_pipeline
from leadflow.spec.compile.pipeline import Compiled, compile_pipeline
from leadflow.spec.problems import Problem, has_errors
from leadflow.spec.project import Project, SpecFile, is_scenarios, load_project

PUBLISHING = frozenset({"LF207", "LF208", "LF211", "LF601", "LF605"})
"""Settings and other pipelines have to be there when a pipeline is published; scenarios bring their own people."""


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
    asked = [Path(path) for path in paths]
    project = load_project(together(asked))
    files = [file for file in project.scenarios if belongs(file.path, project, asked)]
    strangers = [
        each
        for each in project.problems
        if is_scenarios(Path(each.path)) and not belongs(each.path, project, asked)
    ]
    project.problems = [each for each in project.problems if each not in strangers]
    work = _Work(project)
    cases = [case for file in files for case in work.cases(file)]
    return Cases(tuple(cases), tuple(sorted(set(work.problems))))


class _Work:
    def __init__(self, project: Project) -> None:
        self.project = project
        self.problems: list[Problem] = list(project.problems)
        self.compiled = lru_cache(maxsize=None)(self._compiled)

    def cases(self, file: SpecFile) -> Iterator[Case]:
        """The scenarios of a file that can be played."""
        model, found = read_scenarios(file)
        self.problems += found
        if model is None:
            return
        made = self.compiled(str(model.pipeline))
        if made is None:
            self.problems += no_pipeline(model, self.project)
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
