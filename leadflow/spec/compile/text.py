"""Texts: written in the pipeline, or in the files of ``templates/``; both with the names they use."""

from __future__ import annotations

import re

from leadflow.engine.pipeline import Template, Text
from leadflow.spec.compile.draft import Draft, TextName, TextUse
from leadflow.spec.positions import Position
from leadflow.spec.schema.base import Word
from leadflow.spec.templates import TemplateFile, TemplateKind
from leadflow.text import check_template, names_used

BAD_TEMPLATE = "LF114"
_TEMPLATE_NAME = re.compile(r"[a-z][a-z0-9_-]*")


def text(draft: Draft, word: Word, ref: str, *, to_client: bool = False) -> Text:
    """A text written in the pipeline."""
    for issue in check_template(word):
        offset = _offset(word, issue.line, issue.column)
        draft.problem(word.spot, BAD_TEMPLATE, issue.message, issue.hint, offset=offset)
    path = word.spot.source.path
    names = tuple(
        TextName(
            used.path,
            path,
            word.spot.position(_offset(word, used.line, used.column)),
            used.defaulted,
        )
        for used in names_used(word)
    )
    draft.view.texts.append(TextUse(names, ref, to_client, word.spot, signals=draft.signals))
    return Text(source=str(word), names=_paths(names))


def text_or_template(draft: Draft, word: Word, kind: TemplateKind, ref: str) -> Text:
    """One word in the form of an id names a template; anything else is the text itself."""
    if _TEMPLATE_NAME.fullmatch(word):
        return template(draft, word, kind, ref)
    return text(draft, word, ref)


def template(
    draft: Draft, word: Word, kind: TemplateKind, ref: str, *, to_client: bool = False
) -> Text:
    """A template by its name; one that is not there stays a name without a body."""
    draft.name("template", word, kind)
    key = f"{word}.{kind}"
    names = tuple(name for file in draft.files.get(key, ()) for name in _read(draft, file))
    draft.view.texts.append(TextUse(names, ref, to_client, word.spot, key, draft.signals))
    if key in draft.files and key not in draft.templates:
        bodies = {file.language: file.digest for file in draft.files[key]}
        draft.templates[key] = Template(
            name=str(word), kind=kind, bodies=bodies, names=_paths(names)
        )
    return Text(template=str(word), names=_paths(names))


def _read(draft: Draft, file: TemplateFile) -> list[TextName]:
    if file.digest not in draft.blobs:
        draft.blobs[file.digest] = file.body
        for issue in check_template(file.body):
            where = Position(issue.line, issue.column)
            draft.problem_at(file.path, where, BAD_TEMPLATE, issue.message, issue.hint)
    return [
        TextName(used.path, file.path, Position(used.line, used.column), used.defaulted)
        for used in names_used(file.body)
    ]


def _paths(names: tuple[TextName, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(dict.fromkeys(name.path for name in names))


def _offset(word: str, line: int, column: int) -> int:
    """Characters before a place in a text whose lines and columns count from 1."""
    lines = word.split("\n")[: line - 1]
    return sum(len(before) + 1 for before in lines) + column - 1
