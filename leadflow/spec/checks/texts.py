"""Texts and the files they stand in: names, values that may be empty, filters, subjects (LF503 to LF511)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from leadflow.engine.expr import Path
from leadflow.engine.pipeline import Send
from leadflow.spec.checks.filled import holding, needed
from leadflow.spec.checks.places import Act
from leadflow.spec.checks.subject import Subject, written
from leadflow.spec.checks.writes import Facts
from leadflow.spec.compile.draft import TextName, TextUse
from leadflow.spec.conditions.names import Name
from leadflow.spec.conditions.types import family, in_words
from leadflow.spec.conditions.unknown import unknown_name
from leadflow.spec.positions import START, Position
from leadflow.spec.problems import Problem, problem
from leadflow.text import FilterUse, filters_used
from leadflow.text.email import split_subject

_FITTING: Mapping[str, tuple[str, ...]] = {
    "date": ("date", "datetime"),
    "money": ("number",),
    "number": ("number",),
    "plural": ("number",),
    "round": ("number",),
}
_MEANT = {"date": "dates", "join": "lists"}


def check(subject: Subject) -> Iterator[Problem]:
    """Every text of the pipeline: names and filters where they stand, subjects where they are missing."""
    acts = {act.action.ref: act for act in subject.acts}
    told: set[tuple[str, Position]] = set()
    """Where a value may be empty: a template that goes out in several places is told of once."""
    for use in subject.view.texts:
        for name in use.names:
            yield from _name(subject, name)
            if use.to_client and use.ref in acts and (name.file, name.position) not in told:
                for found in _empty(subject, name, use, acts[use.ref]):
                    told.add((name.file, name.position))
                    yield found
        yield from _filters(subject, use)
    for act in acts.values():
        yield from _subject(subject, act)


def _name(subject: Subject, name: TextName) -> Iterator[Problem]:
    if name.path in subject.printed:
        return
    issue = unknown_name(name.path, subject.printed, subject.pipeline.kind, 0, None)
    code = "LF503" if issue.severity == "error" else issue.code
    where = Position(name.position.line, name.position.column + issue.column_offset)
    yield problem(name.file, where, code, issue.message, issue.hint)


def _empty(subject: Subject, name: TextName, use: TextUse, act: Act) -> Iterator[Problem]:
    facts = subject.certain.at(act)
    if name.defaulted or facts is None or name.path not in subject.printed:
        return
    if isinstance(act.action.do, Send):
        facts |= needed(act.action.do)
    if act.action.condition:
        facts |= holding(act.action.condition)
    if not _may_be_empty(subject, name.path, facts):
        return
    said, quote = ".".join(name.path), '"' if use.template else "'"
    whole = ".".join(name.path[:2])
    instead = whole if name.path[1] in facts else f"{quote}…{quote}"
    message = f"{said} may be empty when this goes to the client ({_where(subject, act)})"
    hint = f"require it before, or say what to print instead: {{{{ {said} or {instead} }}}}"
    yield problem(name.file, name.position, "LF504", message, hint)


def _may_be_empty(subject: Subject, path: Path, facts: Facts) -> bool:
    """Only fields are judged: what the program itself knows is there when it is asked for."""
    match path:
        case ("lead" | "deal", name, *parts) if name in subject.pipeline.fields:
            known = subject.printed[path]
            return not (known.filled or (name in facts and not parts))
        case _:
            return False


def _where(subject: Subject, act: Act) -> str:
    if act.task:
        return f"task '{act.task}'"
    if act.kind == "exit" and act.way:
        return f"on the way to stage '{act.way.goto}'"
    wide = len(act.stages) != 1 or act.stages[0] not in subject.pipeline.stages
    return "in any stage" if wide else f"in stage '{act.stages[0]}'"


class _Body(NamedTuple):
    """A text as it stands somewhere."""

    text: str
    use: TextUse
    file: str = ""

    def place(self, line: int, column: int) -> tuple[str, Position]:
        """The file and the place of a character."""
        if self.file:
            return self.file, Position(line, column)
        before = self.text.split("\n")[: line - 1]
        offset = sum(len(each) + 1 for each in before) + column - 1
        return self.use.spot.source.path, self.use.spot.position(offset)


def _bodies(subject: Subject, use: TextUse) -> Iterator[_Body]:
    if use.template:
        for file in subject.view.files.get(use.template, ()):
            yield _Body(file.body, use, file.path)
    else:
        yield _Body(written(use.spot), use)


def _filters(subject: Subject, use: TextUse) -> Iterator[Problem]:
    for body in _bodies(subject, use):
        for found in filters_used(body.text):
            name = subject.printed.get(found.path)
            if name and not _fits(found, name):
                said = ".".join(found.path)
                what = "a list" if name.several else in_words(name)
                meant = _MEANT.get(found.filter, "numbers")
                message = f"the filter {found.filter} is for {meant}; {said} is {what}"
                hint = f"write {{{{ {said} }}}}: it prints by its type"
                file, where = body.place(found.line, found.column)
                yield problem(file, where, "LF511", message, hint)


def _fits(use: FilterUse, name: Name) -> bool:
    if use.filter == "join":
        return name.several
    fitting = _FITTING.get(use.filter)
    return fitting is None or (family(name) in fitting and not name.several)


def _subject(subject: Subject, act: Act) -> Iterator[Problem]:
    send = act.action.do
    if not isinstance(send, Send) or send.channel != "email" or send.subject:
        return
    hint = "begin it with a line Subject: …, then an empty line"
    if not send.body.template:
        where = subject.spot(act.action.ref, "send_email", "text", key=True)
        yield where.problem("LF505", "this e-mail has no subject", "add subject: …")
        return
    for file in subject.view.files.get(f"{send.body.template}.email", ()):
        if split_subject(file.body)[0] is None:
            yield problem(file.path, START, "LF505", "this e-mail has no subject", hint)
