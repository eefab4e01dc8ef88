"""What a pipeline says about other files: conversions and starts into other pipelines, forms of shared files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from leadflow.engine.pipeline import Conversion, StartPipeline
from leadflow.spec.checks.subject import Subject, below
from leadflow.spec.compile.merge import merged
from leadflow.spec.problems import Problem
from leadflow.spec.project import Project, SharedFile
from leadflow.spec.schema.base import Spot, Word
from leadflow.spec.schema.pipeline import Pipeline
from leadflow.spec.suggest import hint_for_unknown

_TEXTS = frozenset({"text", "long_text"})
_WRITTEN = _TEXTS | {"address", "url", "email", "inn"}


def check(subject: Subject) -> Iterator[Problem]:
    """Conversions and starts."""
    for stage in subject.pipeline.stages.values():
        for index, conversion in enumerate(stage.convert):
            yield from _converted(subject, f"{stage.id}/convert/{index}", conversion)
    for act in subject.acts:
        do = act.action.do
        if isinstance(do, StartPipeline):
            target = target_of(subject.project, do.pipeline)
            if target is not None:
                where = subject.spot(act.action.ref, "start_pipeline", "map")
                yield from _carried(subject, target, do.map, where)


def _converted(subject: Subject, ref: str, conversion: Conversion) -> Iterator[Problem]:
    target = target_of(subject.project, conversion.pipeline)
    if target is None:
        return
    where = subject.spot(ref, "pipeline")
    name = conversion.pipeline
    if target.kind != "deal":
        message = f"the pipeline '{name}' holds leads: a conversion leads into one of kind: deal"
        yield where.problem("LF319", message, "choose a pipeline of deals")
        return
    yield from _carried(subject, target, conversion.map, subject.spot(ref, "map"))
    for theirs, part in target.fields.items():
        ours = subject.pipeline.fields.get(theirs)
        if ours and theirs not in conversion.map and not _fits(ours.type, part.type):
            message = f"'{theirs}' is of type {ours.type}, in '{name}' of type {part.type}"
            hint = "give it the same type in both pipelines, or another id in one"
            yield where.problem("LF319", message, hint)


def _carried(
    subject: Subject, target: Pipeline, carried: Mapping[str, str], spot: Spot
) -> Iterator[Problem]:
    """``map``: their fields exist and can hold ours."""
    known = {str(word): part.type for word, part in target.fields.items()}
    name = target.pipeline
    for theirs, mine in carried.items():
        where, ours = below(spot, (theirs,), key=True), subject.pipeline.fields.get(mine)
        if theirs not in known:
            message = f"the pipeline '{name}' has no field '{theirs}'"
            yield where.problem("LF319", message, hint_for_unknown("field", theirs, known))
        elif ours and not _fits(ours.type, known[theirs]):
            message = (
                f"'{mine}' is of type {ours.type}, '{theirs}' in '{name}' of type {known[theirs]}"
            )
            yield where.problem("LF319", message, "carry it into a field of the same type")


def _fits(ours: str, theirs: str) -> bool:
    return ours == theirs or (theirs in _TEXTS and ours in _WRITTEN)


def target_of(project: Project, name: str) -> Pipeline | None:
    """Another pipeline as its author sees it, with the shared entries it uses; ``None``: there is none to look at."""
    file = project.pipeline(name)
    return merged(file.model, project.shared, []) if file else None


# ---- forms and intake of shared files


def check_shared(project: Project, file: SharedFile) -> Iterator[Problem]:
    """Forms and intake rules name their pipelines themselves, whether these use the file or not."""
    sources = [str(word) for other in project.shared for word in other.model.sources]
    for form in file.model.forms.values():
        yield from _source(form.source, sources)
        yield from _pipeline(project, form.pipeline)
        target = target_of(project, str(form.pipeline)) if form.pipeline else None
        if target is None:
            continue
        for word in (*form.fields, *form.required, *form.hidden):
            if word not in target.fields:
                hint = hint_for_unknown("field", word, map(str, target.fields))
                yield word.spot.problem("LF201", f"unknown field '{word}'", hint)
    for rule in file.model.intake:
        yield from _source(rule.source, sources)
        yield from _pipeline(project, rule.pipeline)


def _source(word: Word | None, known: list[str]) -> Iterator[Problem]:
    if word is not None and word not in known:
        hint = hint_for_unknown("source", word, known)
        yield word.spot.problem("LF215", f"unknown source '{word}'", hint)


def _pipeline(project: Project, word: Word | None) -> Iterator[Problem]:
    known = project.named["pipeline"]
    if word is not None and word not in known:
        hint = hint_for_unknown("pipeline", word, known)
        yield word.spot.problem("LF211", f"unknown pipeline '{word}'", hint)
