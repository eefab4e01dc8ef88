"""Names: what is named exists (LF2xx), and templates by their names (LF501, LF502, LF510)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from leadflow.engine.events import FACTS
from leadflow.engine.pipeline import Send
from leadflow.spec.checks.people import person, settings_missing
from leadflow.spec.checks.subject import Subject, written
from leadflow.spec.compile.draft import NameUse
from leadflow.spec.problems import Problem
from leadflow.spec.suggest import did_you_mean, hint_for_unknown

_DATES = ("date", "datetime")


def check(subject: Subject) -> Iterator[Problem]:
    """Every name of the pipeline, each where it is used."""
    yield from settings_missing(subject)
    attempts = _of_attempts(subject)
    for use in subject.view.names:
        for found in _KINDS[use.kind](subject, use):
            if (use.spot.source.path, use.spot.path) in attempts:
                yield use.spot.problem("LF309", found.message, found.hint)
            else:
                yield found
    yield from _near_facts(subject)


def unknown(use: NameUse, code: str, what: str, known: Iterable[str]) -> Problem:
    """A name that nobody declared."""
    hint = hint_for_unknown(what, use.name, known)
    return use.spot.problem(code, f"unknown {what} '{use.name}'", hint)


def _field(subject: Subject, use: NameUse) -> Iterator[Problem]:
    if use.name not in subject.pipeline.fields:
        yield unknown(use, "LF201", "field", subject.pipeline.fields)


def _gate(subject: Subject, use: NameUse) -> Iterator[Problem]:
    fields, items = subject.pipeline.fields, subject.items
    if use.name not in fields and use.name not in items:
        yield unknown(use, "LF213", "field or checklist item", [*fields, *sorted(items)])


def _stage(subject: Subject, use: NameUse) -> Iterator[Problem]:
    stages = subject.pipeline.stages
    prefix = f"{use.within}." if use.within else ""
    meant = stages.get(f"{prefix}{use.name}")
    if meant is not None and meant.track == use.within:
        return
    known = [
        name.removeprefix(prefix) for name, stage in stages.items() if stage.track == use.within
    ]
    if use.within and use.name in stages:
        message = f"'{use.name}' is no stage of the track '{use.within}'"
        hint = f"lead to a stage of the track, and let the stage around it wait for track.{use.within} is done"
        yield use.spot.problem("LF316", message, hint)
        return
    tracks = [stage.track for name, stage in stages.items() if name.endswith(f".{use.name}")]
    if tracks and not use.within:
        message = f"'{use.name}' is a stage of the track '{tracks[0]}'"
        hint = hint_for_unknown("stage", use.name, known)
        yield use.spot.problem("LF202", message, hint)
        return
    yield unknown(use, "LF202", "stage", known)


def _task(subject: Subject, use: NameUse) -> Iterator[Problem]:
    if use.name not in subject.tasks:
        yield unknown(use, "LF203", "task", subject.pipeline.tasks)


def _outcome(subject: Subject, use: NameUse) -> Iterator[Problem]:
    tasks = [subject.tasks[name] for name in use.within.split("|") if name in subject.tasks]
    known = list(dict.fromkeys(outcome for task in tasks for outcome in task.outcomes))
    if use.name in known or not tasks:
        return
    if known:
        yield unknown(use, "LF204", "outcome", known)
    else:
        message = f"the task '{tasks[0].id}' has no outcomes"
        yield use.spot.problem("LF204", message, f"list them: outcomes: {{{use.name}: …}}")


def _signal(subject: Subject, use: NameUse) -> Iterator[Problem]:
    if use.name not in FACTS and use.name not in subject.signals:
        yield unknown(use, "LF205", "signal", [*subject.signals, *sorted(FACTS)])


def _near_facts(subject: Subject) -> Iterator[Problem]:
    for use in subject.view.names:
        labelled = subject.signals.get(use.name, True)
        if use.kind == "signal" and use.name not in FACTS and not labelled:
            meant = did_you_mean(use.name, sorted(FACTS), most=1)
            if meant:
                message = f"the signal '{use.name}' looks like the fact '{meant}'"
                hint = f"write {meant}; or give the signal a label, or another name"
                yield use.spot.problem("LF227", message, hint)


def _sent(subject: Subject, use: NameUse) -> Iterator[Problem]:
    pipeline = subject.pipeline
    sends = [act.action.do for act in subject.acts if isinstance(act.action.do, Send)]
    known = [
        *(send.body.template for send in sends if send.body.template),
        *(name for send in sends for name in send.attach),
        *pipeline.documents,
    ]
    if use.name in known:
        return
    if any(key.rpartition(".")[0] == use.name for key in subject.view.files):
        message = f"no message of this pipeline sends '{use.name}'"
        yield use.spot.problem("LF501", message, hint_for_unknown("template", use.name, known))
    else:
        yield unknown(use, "LF501", "template or document", known)


def _document(subject: Subject, use: NameUse) -> Iterator[Problem]:
    if use.name not in subject.pipeline.documents:
        yield unknown(use, "LF210", "document", subject.pipeline.documents)


def _attachment(subject: Subject, use: NameUse) -> Iterator[Problem]:
    fields, documents = subject.pipeline.fields, subject.pipeline.documents
    field = fields.get(use.name)
    if use.name in documents or (field and field.type == "file"):
        return
    if field:
        message = f"'{use.name}' is a field of type {field.type}, not a file"
        yield use.spot.problem("LF210", message, "attach a document, or a field of type file")
    else:
        files = [name for name, known in fields.items() if known.type == "file"]
        yield unknown(use, "LF210", "document", [*documents, *files])


def _connection(subject: Subject, use: NameUse) -> Iterator[Problem]:
    connections = subject.project.installation.connections
    found = connections.get(use.name)
    if not subject.settled or (found and found.type == use.within):
        return
    if found:
        message = f"'{use.name}' is a connection of type {found.type}, not {use.within}"
        known = [name for name, each in connections.items() if each.type == use.within]
        hint = hint_for_unknown(f"connection of type {use.within}", use.name, known)
        yield use.spot.problem("LF208", message, hint)
    else:
        yield unknown(use, "LF208", "connection", connections)


def _audience(subject: Subject, use: NameUse) -> Iterator[Problem]:
    """An audience is a name in an advertising system; only a slip in a connection's name can be told."""
    connections = subject.project.installation.connections.values()
    known = [each.id for each in connections if each.type == "audience"]
    if subject.settled and use.name not in known and did_you_mean(use.name, known):
        yield unknown(use, "LF208", "audience", known)


def _pipeline(subject: Subject, use: NameUse) -> Iterator[Problem]:
    known = subject.project.named["pipeline"]
    if use.name not in known:
        yield unknown(use, "LF211", "pipeline", known)


def _template(subject: Subject, use: NameUse) -> Iterator[Problem]:
    files = subject.view.files
    if f"{use.name}.{use.within}" in files:
        yield from _language(subject, use)
        return
    of_kind = [key.rpartition(".")[0] for key in files if key.endswith(f".{use.within}")]
    if use.within == "document" and use.name not in subject.pipeline.documents:
        return  # that is told of the document
    kinds = [key.rpartition(".")[2] for key in files if key.rpartition(".")[0] == use.name]
    file = f"templates/{use.name}{_ENDING[use.within]}"
    if kinds:
        message = f"the template '{use.name}' is for {' and '.join(kinds)}, not for {use.within}"
        yield use.spot.problem("LF502", message, f"write {file}")
    else:
        near = did_you_mean(use.name, of_kind)
        hint = f"did you mean '{near}'?" if near else f"write {file}"
        yield use.spot.problem("LF501", f"there is no {file}", hint)


_ENDING = {
    "email": ".email.md",
    "sms": ".sms.txt",
    "message": ".message.txt",
    "task": ".task.md",
    "document": ".document.html",
}


def _language(subject: Subject, use: NameUse) -> Iterator[Problem]:
    language = subject.pipeline.language
    known = {file.language for file in subject.view.files[f"{use.name}.{use.within}"]}
    if known.isdisjoint({"", language}):
        ending = _ENDING[use.within]
        message = (
            f"the template '{use.name}' is there in {', '.join(sorted(known))}, not in {language}"
        )
        hint = f"write templates/{use.name}.{language}{ending}, or leave the language out of a name"
        yield use.spot.problem("LF510", message, hint)


def _source(subject: Subject, use: NameUse) -> Iterator[Problem]:
    if use.name not in subject.pipeline.sources:
        yield unknown(use, "LF215", "source", subject.pipeline.sources)


def _moment(subject: Subject, use: NameUse) -> Iterator[Problem]:
    fields = subject.pipeline.fields
    field = fields.get(use.name)
    dates = [name for name, known in fields.items() if known.type in _DATES]
    offset = written(use.spot).find(use.name)
    if field is None:
        hint = hint_for_unknown("field of type date or datetime", use.name, dates)
        yield use.spot.problem("LF201", f"unknown field '{use.name}'", hint, offset=offset)
    elif field.type not in _DATES:
        message = f"'{use.name}' is a field of type {field.type}, not a date"
        hint = hint_for_unknown("field of type date or datetime", use.name, dates)
        yield use.spot.problem("LF405", message, hint, offset=offset)


def _told_elsewhere(_subject: Subject, _use: NameUse) -> Iterator[Problem]:
    return iter(())


_KINDS: dict[str, Callable[[Subject, NameUse], Iterator[Problem]]] = {
    "field": _field,
    "gate": _gate,
    "item": _gate,
    "stage": _stage,
    "task": _task,
    "outcome": _outcome,
    "signal": _signal,
    "sent": _sent,
    "document": _document,
    "attachment": _attachment,
    "person": person,
    "turns": person,
    "connection": _connection,
    "audience": _audience,
    "pipeline": _pipeline,
    "template": _template,
    "source": _source,
    "moment": _moment,
    "theirs": _told_elsewhere,  # leadflow.spec.checks.others
}


def _of_attempts(subject: Subject) -> set[tuple[str, tuple[str | int, ...]]]:
    """Where `attempts` name their task and outcome: what is wrong there is told as such."""
    stages = subject.view.model.stages.values()
    within = (
        inner
        for stage in stages
        for track in stage.tracks.values()
        for inner in track.stages.values()
    )
    parts = [stage.attempts for stage in (*stages, *within) if stage.attempts]
    words = [word for part in parts for word in (part.task, part.outcome)]
    return {(word.spot.source.path, word.spot.path) for word in words}
