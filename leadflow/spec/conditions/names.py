"""What a condition can name in a pipeline, and of which type it is: the table that conditions are checked against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from leadflow.engine.expr import Path
from leadflow.engine.fields import Field
from leadflow.engine.natives import ValueType


@dataclass(frozen=True, slots=True)
class Name:
    """One name: its type, what a choice may be, whether it holds several, whether it can be empty."""

    type: ValueType
    options: Mapping[str, str] = field(default_factory=dict)
    """Id → label; empty: anything (users, where they are not known)."""
    many: bool = False
    filled: bool = False
    """Never empty."""

    @property
    def several(self) -> bool:
        """Whether its value is a list."""
        return self.many or self.type == "choices"


NameTable = Mapping[Path, Name]

_TEXT, _NUMBER, _MONEY, _USER = Name("text"), Name("number"), Name("money"), Name("user")
_DATETIME, _CERTAIN = Name("datetime"), Name("text", filled=True)

FACT_DATA: Mapping[str, Name] = {
    "name": _CERTAIN,
    "channel": _TEXT,
    "until": Name("date"),
    "amount": _MONEY,
    "at": _DATETIME,
    "user": _USER,
}
"""What facts of the world carry, under ``signal`` (language.md, **Signal**)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What a pipeline declares, as far as conditions can name it; each map is id → label."""

    kind: Literal["lead", "deal"] = "lead"
    fields: Iterable[Field] = ()
    stages: Mapping[str, str] = field(default_factory=dict)
    """Those of tracks too."""
    tasks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Id → its outcomes."""
    tracks: Iterable[str] = ()
    documents: Iterable[str] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    """Empty, like forms and users: any."""
    forms: Mapping[str, str] = field(default_factory=dict)
    users: Mapping[str, str] = field(default_factory=dict)


def names_of(known: Vocabulary) -> NameTable:
    """The table of one pipeline."""
    people = Name("user", known.users)
    own: dict[Path, Name] = {}
    for declared in known.fields:
        own.update(_field(declared, known.users))
    own = own | {path: name for path, name in _built_in(known, people).items() if path not in own}
    table: dict[Path, Name] = {}
    for path, name in own.items():
        table[known.kind, *path] = name
        table["was", known.kind, *path] = name
    table.update({("signal", key): name for key, name in FACT_DATA.items()})
    for task, outcomes in known.tasks.items():
        table["task", task] = Name("task")
        table["task", task, "outcome"] = Name("choice", outcomes)
        table["task", task, "count"] = Name("number", filled=True)
    table.update({("track", track): Name("track") for track in known.tracks})
    table.update({("document", document, "number"): _TEXT for document in known.documents})
    return table | {
        ("stage",): own["stage",],
        ("owner",): people,
        ("now",): Name("datetime", filled=True),
        ("today",): Name("date", filled=True),
    }


def _built_in(known: Vocabulary, people: Name) -> dict[Path, Name]:
    return {
        ("id",): _CERTAIN,
        ("number",): _NUMBER,
        ("title",): _TEXT,
        ("source",): Name("choice", known.sources),
        ("channel",): _TEXT,
        ("form",): Name("choice", known.forms),
        ("call",): people,
        ("call", "user"): people,
        ("created",): Name("datetime", filled=True),
        ("creator",): people,
        ("owner",): people,
        ("stage",): Name("choice", known.stages, filled=True),
        ("visits",): Name("number", filled=True),
        ("language",): _TEXT,
        ("timezone",): _TEXT,
        ("consent",): Name("choices"),
        ("paid",): Name("money", filled=True),
        ("unpaid",): _MONEY,
    }


_PARTS: Mapping[str, tuple[str, ...]] = {
    "person": ("first", "last", "middle"),
    "phone": ("kind", "ext"),
}


def _field(declared: Field, users: Mapping[str, str]) -> dict[Path, Name]:
    """The field itself, then the parts of a person or a phone (a list of them has none)."""
    options = users if declared.type == "user" else declared.options
    whole = Name(declared.type, options, many=declared.many, filled=declared.type == "flag")
    parts = () if declared.many else _PARTS.get(declared.type, ())
    return {(declared.id,): whole, **{(declared.id, part): _TEXT for part in parts}}
