"""The files of a project: pipelines, shared parts, scenarios, templates and settings, each read once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from leadflow.installation import Installation
from leadflow.spec.installation import load_installation
from leadflow.spec.loader import Document, load_file
from leadflow.spec.positions import START
from leadflow.spec.problems import Problem, problem
from leadflow.spec.schema.pipeline import Pipeline, Rights, Shared
from leadflow.spec.schema.read import read_part
from leadflow.spec.suggest import hint_for_unknown
from leadflow.spec.templates import TemplateFile, by_key, template_file

SETTINGS = "leadflow.yaml"
TEMPLATES = "templates"


@dataclass(frozen=True, slots=True)
class SpecFile:
    """A file of the project, as written."""

    path: str
    """As problems show it."""
    folder: Path
    document: Document
    asked: bool
    """Whether it was asked for, or only stands beside what was."""


@dataclass(frozen=True, slots=True)
class PipelineFile(SpecFile):
    """A pipeline's file that has the right shape."""

    model: Pipeline


@dataclass(frozen=True, slots=True)
class SharedFile(SpecFile):
    """A shared file that has the right shape."""

    model: Shared


@dataclass(slots=True)
class Project:
    """Everything that a check, a test run or a publication looks at."""

    pipelines: list[PipelineFile] = field(default_factory=list)
    shared: list[SharedFile] = field(default_factory=list)
    rights: list[Rights] = field(default_factory=list)
    scenarios: list[SpecFile] = field(default_factory=list)
    """``*.test.yaml``, plain data with places; their meaning is the simulator's."""
    templates: dict[Path, dict[str, list[TemplateFile]]] = field(default_factory=dict)
    """By folder of the pipeline, then by name and kind (``offer.email``)."""
    named: dict[str, list[str]] = field(default_factory=lambda: {"pipeline": [], "shared": []})
    """What the files are called, those among them that have mistakes: nobody is told that these are not there."""
    installation: Installation = field(default_factory=Installation)
    settings: str = ""
    """Path of `leadflow.yaml`; empty: there is none."""
    problems: list[Problem] = field(default_factory=list)
    """Of the files' shape: a file with an error of shape is in none of the lists."""

    def pipeline(self, name: str) -> PipelineFile | None:
        """A pipeline's file by the pipeline's name."""
        return next((file for file in self.pipelines if file.model.pipeline == name), None)


def load_project(paths: Sequence[str | Path], environ: Mapping[str, str] | None = None) -> Project:
    """Reads the files and folders asked for, and what belongs to them.

    Args:
        paths: pipelines, shared files, scenarios, or folders (with the folders below). What stands beside a file is
            read too, because it may be used; problems are told of what was asked for and of shared files.
        environ: the environment in which the settings' ``${NAME}`` are looked up; None: they are not.
    """
    project = Project()
    asked: dict[Path, str] = {}
    for path in paths:
        asked |= _found(Path(path), project.problems)
    for file, shown in asked.items():
        _read(project, file, shown, asked=True)
    for folder in dict.fromkeys(file.parent for file in asked):
        for file in sorted(folder.glob("*.yaml")):
            if file not in asked and file.name != SETTINGS and not is_scenarios(file):
                _read(project, file, str(file), asked=False)
        project.templates[folder] = _templates(folder, project.problems)
    _twice(project)
    _settings(project, [Path(path) for path in paths], environ)
    return project


def _found(path: Path, problems: list[Problem]) -> dict[Path, str]:
    if path.name == SETTINGS and path.is_file():
        return {}  # read with every project
    if not path.is_dir():
        return {path: str(path)}
    files = [
        file for file in _below(path) if file.suffix in {".yaml", ".yml"} and file.name != SETTINGS
    ]
    if not files:
        problems.append(
            problem(
                str(path), START, "LF001", "no pipeline stands in this folder", "check the name"
            )
        )
    return {file: str(file) for file in sorted(files)}


def _below(folder: Path) -> Iterator[Path]:
    """Files in a folder and the folders below; hidden ones are not looked into."""
    for base, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(base, name) for name in files if not name.startswith("."))


def _read(project: Project, file: Path, shown: str, *, asked: bool) -> None:
    document = load_file(file, shown)
    kind = next((key for key in document.data if key in _KEEP), "")
    scenarios = is_scenarios(file)
    keep = _keep_scenarios if scenarios else _KEEP.get(kind, _keep_nothing)
    found = list(document.problems)
    name = document.data.get(kind)
    if kind in project.named and isinstance(name, str) and not scenarios:
        project.named[kind].append(str(name))
    if document.complete:
        spec = SpecFile(shown, file.parent, document, asked)
        found += keep(project, spec)
    if asked or kind == "shared":
        project.problems.extend(found)


def _keep_scenarios(project: Project, file: SpecFile) -> list[Problem]:
    project.scenarios.append(file)
    return []


def _keep_pipeline(project: Project, file: SpecFile) -> list[Problem]:
    model, problems = read_pipeline(file.document)
    if model is not None:
        project.pipelines.append(
            PipelineFile(file.path, file.folder, file.document, file.asked, model)
        )
    return problems


def _keep_shared(project: Project, file: SpecFile) -> list[Problem]:
    model, problems = read_part(Shared, file.document.data, file.document)
    if model is not None:
        project.shared.append(SharedFile(file.path, file.folder, file.document, file.asked, model))
    return problems


def _keep_rights(project: Project, file: SpecFile) -> list[Problem]:
    model, problems = read_part(Rights, file.document.data, file.document)
    project.rights += [model] if model is not None else []
    return problems


def _keep_nothing(_project: Project, file: SpecFile) -> list[Problem]:
    first = next(iter(file.document.data), "")
    where = file.document.locate((first,), key=True)
    message = "the first key of a file is pipeline, shared or rights"
    return [
        problem(file.path, where, "LF112", message, hint_for_unknown("kind of file", first, _KEEP))
    ]


_KEEP: Mapping[str, Callable[[Project, SpecFile], list[Problem]]] = {
    "pipeline": _keep_pipeline,
    "shared": _keep_shared,
    "rights": _keep_rights,
}


def read_pipeline(document: Document) -> tuple[Pipeline | None, list[Problem]]:
    """Checks the shape of a pipeline's file; None when anything is wrong."""
    kind: Literal["lead", "deal"] = "deal" if document.data.get("kind") == "deal" else "lead"
    return read_part(Pipeline, document.data, document, kind=kind)


def is_scenarios(file: Path) -> bool:
    """Whether it is a scenario file, by its name."""
    return file.name.endswith((".test.yaml", ".test.yml"))


def _templates(folder: Path, problems: list[Problem]) -> dict[str, list[TemplateFile]]:
    return by_key(list(_template_files(folder / TEMPLATES, problems)))


def _template_files(folder: Path, problems: list[Problem]) -> Iterator[TemplateFile]:
    if not folder.is_dir():
        return
    for file in sorted(folder.iterdir()):
        if file.name.startswith(".") or not file.is_file():
            continue
        shown = str(file)
        try:
            body = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            hint = "save the file as UTF-8 (in the editor: Save as, encoding UTF-8)"
            problems.append(
                problem(shown, START, "LF003", "the template cannot be read as UTF-8", hint)
            )
            continue
        found = template_file(file.name, shown, body)
        if found:
            yield found
        else:
            hint = "NAME[.LANG].email.md, .sms.txt, .message.txt, .task.md or .document.html"
            problems.append(problem(shown, START, "LF112", "not the name of a template", hint))


def _twice(project: Project) -> None:
    _names_once(
        project, [(file, str(file.model.pipeline), "pipeline") for file in project.pipelines]
    )
    _names_once(project, [(file, str(file.model.shared), "shared") for file in project.shared])


def _names_once(project: Project, named: Iterable[tuple[SpecFile, str, str]]) -> None:
    seen: dict[str, SpecFile] = {}
    for file, name, key in named:
        if name in seen and (file.asked or seen[name].asked):
            where = file.document.locate((key,))
            message = f"'{name}' stands in {seen[name].path} too"
            project.problems.append(
                problem(file.path, where, "LF224", message, "rename one of them")
            )
        seen.setdefault(name, file)


def _settings(project: Project, paths: Sequence[Path], environ: Mapping[str, str] | None) -> None:
    """The nearest `leadflow.yaml`: in the folder asked for, beside it, or further up. Others are told of."""
    nearest = [file for path in paths if (file := _nearest(path)) is not None]
    if nearest:
        project.settings = _shown(nearest[0])
        project.installation, found = load_installation(Path(project.settings), environ)
        project.problems.extend(found)
    below = [file.absolute() for path in paths for file in _below(path) if file.name == SETTINGS]
    for file in dict.fromkeys((*nearest, *sorted(below))):
        if file not in nearest[:1]:
            project.problems.append(_passed_over(file, project.settings))


def _nearest(path: Path) -> Path | None:
    start = path.absolute()
    files = (folder / SETTINGS for folder in (start, *start.parents))
    return next((file for file in files if file.is_file()), None)


def _passed_over(file: Path, settings: str) -> Problem:
    shown = _shown(file)
    counts = f"{settings} counts" if settings else "it stands below the folder that is checked"
    message = f"these settings are not read: {counts}"
    move = f"move them into {settings}" if settings else "move them one folder up"
    hint = f"a project has one {SETTINGS}: {move}, or check this folder by itself: leadflow check {Path(shown).parent}"
    return problem(shown, START, "LF606", message, hint)


def _shown(file: Path) -> str:
    """A path as people would type it."""
    here = Path.cwd()
    return str(file.relative_to(here) if file.is_relative_to(here) else file)
