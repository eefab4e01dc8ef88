"""Pipelines read from files: what `check`, `graph`, `simulate` and `publish` begin with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from leadflow.errors import Refused
from leadflow.spec.compile import Compiled, compile_pipeline
from leadflow.spec.problems import Problem, has_errors, render_text
from leadflow.spec.project import Project, load_project


@dataclass(frozen=True, slots=True)
class Read:
    """What was read, and what is wrong with it."""

    project: Project
    compiled: list[Compiled]
    problems: list[Problem]

    @property
    def summary(self) -> str:
        """One line: how many pipelines, how many problems."""
        counts = Counter(problem.severity for problem in self.problems)
        told = [_count(number, severity) for severity, number in sorted(counts.items())]
        return f"{_count(len(self.compiled), 'pipeline')}: {', '.join(told) or 'no problems'}"

    def usable(self) -> list[Compiled]:
        """The pipelines, none of which has an error.

        Raises:
            Refused: there is one, or there is no pipeline.
        """
        if has_errors(self.problems):
            raise Refused(render_text(self.problems), "mend these first; nothing was changed")
        if not self.compiled:
            message = "there is no pipeline here"
            raise Refused(message, "a pipeline's file begins with 'pipeline:'")
        return self.compiled


def read(paths: Sequence[Path]) -> Read:
    """Reads, compiles and checks the files and folders given."""
    project = load_project(paths)
    compiled = [compile_pipeline(file, project) for file in project.pipelines if file.asked]
    problems = [*project.problems, *(found for each in compiled for found in each.problems)]
    return Read(project, compiled, sorted(set(problems)))


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
