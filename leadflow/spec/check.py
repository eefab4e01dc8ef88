"""`leadflow check`: files read, compiled and checked; all problems at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from leadflow.spec.checks import check_pipeline
from leadflow.spec.checks.others import check_shared
from leadflow.spec.checks.unused import templates
from leadflow.spec.compile.merge import UNKNOWN_SHARED
from leadflow.spec.compile.pipeline import Compiled, compile_pipeline
from leadflow.spec.problems import Problem, has_errors, render_json, render_text
from leadflow.spec.project import Project, load_project


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What was read, and everything that is wrong with it."""

    project: Project
    compiled: tuple[Compiled, ...]
    """The pipelines asked for, those with problems among them; with an error none may be used."""
    problems: tuple[Problem, ...]
    """Sorted by file and place, each once."""

    @property
    def errors(self) -> bool:
        """Whether any problem is an error: exit status 1."""
        return has_errors(self.problems)

    def text(self) -> str:
        """``path:line:column: CODE message`` and the hint below, a problem after the other."""
        return render_text(self.problems)

    def json(self) -> list[dict[str, str | int]]:
        """The problems as plain data."""
        return render_json(self.problems)


def check_paths(
    paths: Sequence[str | Path],
    environ: Mapping[str, str] | None = None,
    *,
    year: int | None = None,
) -> CheckResult:
    """Checks files and folders; never raises, whatever they hold.

    Args:
        paths: pipelines, shared files, or folders.
        environ: where the settings' ``${NAME}`` are looked up; ``None``: they are not.
        year: the publishing year, the present one by default.
    """
    project = load_project(paths, environ)
    return check_project(project, year=year)


def check_project(project: Project, *, year: int | None = None) -> CheckResult:
    """Checks what was read already."""
    asked = [compile_pipeline(file, project, year=year) for file in project.pipelines if file.asked]
    problems = list(project.problems)
    used = {str(word) for compiled in asked for word in compiled.view.model.use}
    for file in project.shared:
        if file.asked or file.model.shared in used:
            problems += check_shared(project, file)
    for compiled in asked:
        problems += _of_pipeline(compiled, project)
    if not has_errors(problems):
        problems += _unused_templates(project, asked)
    return CheckResult(project, tuple(asked), tuple(sorted(set(problems))))


def _of_pipeline(compiled: Compiled, project: Project) -> Iterable[Problem]:
    """With a shared file missing half of the names would be unknown: then only that is told."""
    missing = [word for word in compiled.view.model.use if not _is_shared(project, word)]
    if not missing:
        return [*compiled.problems, *check_pipeline(compiled, project)]
    broken = [word for word in missing if word in project.named["shared"]]
    told = {word.spot.position() for word in broken}
    return [
        found
        for found in compiled.problems
        if found.code != UNKNOWN_SHARED or (found.line, found.column) not in told
    ]


def _is_shared(project: Project, name: str) -> bool:
    return any(file.model.shared == name for file in project.shared)


def _unused_templates(project: Project, asked: Sequence[Compiled]) -> Iterator[Problem]:
    """A template may be there for a pipeline that only stands beside those asked for."""
    views = {compiled.path: compiled.view for compiled in asked}
    for folder in project.templates:
        files = [file for file in project.pipelines if file.folder == folder]
        if any(file.asked for file in files):
            found = (views.get(each.path) or compile_pipeline(each, project).view for each in files)
            yield from templates(project, folder, list(found))
