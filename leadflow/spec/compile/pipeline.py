"""From the authoring model to the compiled pipeline: the last step before a version is published.

What the checks must know beside the IR (names with their places, conditions, texts) is gathered on the way (`View`).
Names that do not exist go into the IR as they are written: a pipeline is used only once the checks found no error.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from leadflow.engine import pipeline as ir
from leadflow.engine.durations import Duration
from leadflow.errors import LeadflowError
from leadflow.spec.compile.draft import Draft, View
from leadflow.spec.compile.merge import merged
from leadflow.spec.compile.people import assignee, people
from leadflow.spec.compile.stages import checklists, documents, fields, stages, tasks
from leadflow.spec.compile.time import calendar, holidays_until
from leadflow.spec.compile.values import assigns
from leadflow.spec.compile.ways import reactions, ways
from leadflow.spec.loader import load_text
from leadflow.spec.problems import Problem, has_errors, render_text
from leadflow.spec.project import PipelineFile, Project, load_project, read_pipeline
from leadflow.spec.schema import stages as source
from leadflow.spec.schema.pipeline import Pipeline
from leadflow.spec.templates import ENDINGS, by_key, template_file

ANYWHERE = "*"
"""Where the refs of a pipeline's own nodes begin: ``*/exits/0``."""


class SpecError(LeadflowError):
    """A pipeline cannot be used; ``problems`` says all that is wrong."""

    code = "spec"

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(render_text(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Compiled:
    """A compiled pipeline and what belongs to it."""

    pipeline: ir.Pipeline
    blobs: Mapping[str, str]
    """SHA-256 (hex) → body of a template."""
    problems: tuple[Problem, ...]
    """What compiling found (the shape was right before); with an error the pipeline must not be used."""
    view: View
    path: str


def this_year() -> int:
    """The publishing year when nobody says another."""
    return datetime.now(UTC).year


def compile_pipeline(file: PipelineFile, project: Project, *, year: int | None = None) -> Compiled:
    """Compiles one pipeline of a project; never raises, whatever its names mean."""
    problems: list[Problem] = []
    model = merged(file.model, project.shared, problems)
    files = project.templates.get(file.folder, {})
    draft = Draft(
        model=model,
        installation=project.installation,
        files=files,
        year=year or this_year(),
        view=View(model, files),
        problems=problems,
    )
    pipeline = _pipeline(draft)
    pipeline = msgspec.structs.replace(pipeline, hash=content_hash(pipeline))
    return Compiled(pipeline, draft.blobs, tuple(sorted(set(problems))), draft.view, file.path)


def compile_path(path: str | Path, *, year: int | None = None) -> list[Compiled]:
    """Compiles the pipelines of a file or folder.

    Raises:
        SpecError: anything is wrong with their shape or their values.
    """
    project = load_project([path])
    made = [compile_pipeline(file, project, year=year) for file in project.pipelines if file.asked]
    _raise_errors([*project.problems, *(found for each in made for found in each.problems)])
    return made


def compile_text(text: str, year: int = 2026, /, **templates: str) -> Compiled:
    """Compiles a pipeline from a text, for tests.

    Args:
        text: the file's content.
        year: the publishing year.
        templates: bodies by file name; the ending may be written with ``_``: ``offer_email_md="Subject: …"``.

    Raises:
        SpecError: anything is wrong with its shape or its values.
    """
    path = "pipeline.yaml"
    document = load_text(text.encode(), path)
    _raise_errors(document.problems)
    model, problems = read_pipeline(document)
    if model is None:
        raise SpecError(problems)
    names = {_with_dots(name): body for name, body in templates.items()}
    files = [template_file(name, f"templates/{name}", body) for name, body in names.items()]
    folder = Path()
    file = PipelineFile(path, folder, document, asked=True, model=model)
    project = Project(
        pipelines=[file], templates={folder: by_key([each for each in files if each])}
    )
    made = compile_pipeline(file, project, year=year)
    _raise_errors(made.problems)
    return made


def _with_dots(name: str) -> str:
    for ending in ENDINGS:
        name = name.replace(ending.replace(".", "_"), ending)
    return name


def _raise_errors(problems: Any) -> None:
    if has_errors(problems):
        raise SpecError(list(problems))


def _pipeline(draft: Draft) -> ir.Pipeline:
    model, home = draft.model, draft.installation
    fields(draft)
    checklists(draft)
    compiled = {stage.id: stage for stage in stages(draft, model.stages)}
    whens = tuple(reactions(draft, model.when, f"{ANYWHERE}/when"))
    exits = tuple(ways(draft, model.exits, f"{ANYWHERE}/exits"))
    rules = tuple(
        _rule(draft, rule, f"routing/{index}") for index, rule in enumerate(model.routing)
    )
    reassign = _reassign(draft, model.reassign) if model.reassign else None
    _forms(draft)
    tasks(draft)
    return ir.Pipeline(
        id=str(model.pipeline),
        title=str(model.title or model.pipeline),
        fields=draft.fields,
        stages=compiled,
        kind=model.kind,
        language=str(model.language or home.language),
        timezone=draft.timezone,
        calendar=calendar(draft),
        quiet_hours=model.quiet_hours,
        consent=model.consent or "opt_out",
        max_late=model.max_late or Duration(days=1),
        snooze=_snooze(model),
        tasks=draft.tasks,
        documents=documents(draft),
        templates=draft.templates,
        routing=rules,
        reassign=reassign,
        whens=whens,
        exits=exits,
        repeat=_repeat(draft),
        sources={str(word): str(label) for word, label in model.sources.items()},
        holidays_until=holidays_until(draft),
    )


def _snooze(model: Pipeline) -> Duration | None:
    if model.snooze is None:
        return Duration(days=180)
    return model.snooze or None


def _rule(draft: Draft, part: source.Rule, ref: str) -> ir.Rule:
    return ir.Rule(
        to=assignee(draft, part.assign, ref),
        condition=draft.condition(part.if_, ref),
        pos=draft.node(ref, part.spot),
    )


def _reassign(draft: Draft, part: source.Reassign) -> ir.Reassign:
    ref = "reassign"
    return ir.Reassign(
        after=part.after,
        to=assignee(draft, part.to, ref),
        condition=draft.condition(part.while_, ref, "while"),
        notify=people(draft, part.notify, ref) if part.notify else None,
        times=part.times,
        pos=draft.node(ref, part.spot),
    )


def _repeat(draft: Draft) -> ir.Repeat | None:
    part = draft.model.repeat
    if part is None:
        return None
    return ir.Repeat(
        match=draft.name_all("field", part.match),
        while_open=part.while_open,
        again_after=part.again_after,
    )


def _forms(draft: Draft) -> None:
    """Forms and intake belong to the project; what they name of this pipeline is noted for the checks."""
    model = draft.model
    for word, form in model.forms.items():
        if form.pipeline in {None, model.pipeline}:
            ref = f"form.{word}"
            draft.node(ref, word.spot)
            draft.name_all("field", (*form.fields, *form.required))
            assigns(draft, form.hidden, ref)
            draft.name_all("person", form.users)
            assignee(draft, form.assign, ref)
        draft.name_all("source", [form.source] if form.source else [])
    for index, rule in enumerate(model.intake):
        if rule.pipeline in {None, model.pipeline}:
            draft.condition(rule.if_, f"intake/{index}")
        draft.name_all("pipeline", [rule.pipeline] if rule.pipeline else [])
        draft.name_all("source", [rule.source] if rule.source else [])


def content_hash(pipeline: ir.Pipeline) -> str:
    """SHA-256 (hex) over all that the pipeline means: what a comment, a line break or a file's place cannot change.

    Defaults are left out, so that a member added to the IR later changes no hash.
    """
    return hashlib.sha256(msgspec.json.encode(_meaning(pipeline))).hexdigest()


def _meaning(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        members = ((name, getattr(value, name), default) for name, default in _members(type(value)))
        kept = [[name, _meaning(member)] for name, member, default in members if member != default]
        return [type(value).__name__, kept]
    if isinstance(value, Mapping):
        return [[key, _meaning(item)] for key, item in value.items()]
    if isinstance(value, list | tuple):
        return [_meaning(item) for item in value]
    return value


@cache
def _members(kind: type[msgspec.Struct]) -> tuple[tuple[str, Any], ...]:
    """The members that mean something, by name, with their defaults."""
    infos = sorted(msgspec.structs.fields(kind), key=lambda info: info.name)
    return tuple((info.name, _default(info)) for info in infos if info.name not in {"pos", "hash"})


def _default(info: msgspec.structs.FieldInfo) -> Any:
    if info.default_factory is not msgspec.NODEFAULT:
        return info.default_factory()
    return info.default
