"""What conditions and texts see of a lead (language.md, **Conditions**): names and their typed values, now.

A `View` looks at a draft, so one object serves a whole decision; ``was`` is the same view of the state before the step.
A name that says nothing answers ``("text", None)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from leadflow.engine.clock import wall, zone
from leadflow.engine.draft import Draft
from leadflow.engine.effects import Frozen
from leadflow.engine.expr import Path
from leadflow.engine.fields import Value
from leadflow.engine.natives import CONTEXT, ValueType, native, plain
from leadflow.engine.pipeline import Pipeline, Text
from leadflow.engine.state import State

Seen = tuple[ValueType, Value]

NOTHING: Seen = ("text", None)
_SIGNAL: dict[str, ValueType] = {"amount": "money"}
"""Data of facts whose type a plain value does not show."""


def scope(d: Draft) -> Callable[[Path], Seen]:
    """What conditions see in the present step."""

    def see(path: Path) -> Seen:
        head = path[0]
        if head in {"lead", "deal"}:
            return lead(d.pipeline, d.s, path)
        if head == "was":
            return _of_state(d.pipeline, d.was, path[1:])
        if head == "signal":
            return _signal(d, path)
        if head == "now":
            return ("datetime", d.at)
        if head == "today":
            return ("date", wall(d.now, zone(d.pipeline.timezone)).date().isoformat())
        return _of_state(d.pipeline, d.s, path)

    return see


def lead(pipeline: Pipeline, s: State, path: Path) -> Seen:
    """A field, a part of one, or a built-in id: ``("lead", "price")``."""
    if len(path) < 2:  # noqa: PLR2004 - the root alone says nothing
        return NOTHING
    name = path[1]
    field = pipeline.fields.get(name)
    if field is None:
        return _built_in(pipeline, s, path[1:])
    value = s.fields.get(name)
    if len(path) > 2:  # noqa: PLR2004 - ``lead.name.first``
        part = value.get(path[2]) if isinstance(value, dict) else None
        return ("text", part)
    if value is None and field.type == "flag":
        return ("flag", False)
    return (field.type, value)


def _of_state(pipeline: Pipeline, s: State, path: Path) -> Seen:
    match path:
        case ("lead" | "deal", *_):
            return lead(pipeline, s, path)
        case ("stage" | "owner",):
            return _built_in(pipeline, s, path)
        case ("task", name, *rest):
            return _task(s, name, rest)
        case ("track", name):
            run = s.tracks.get(name)
            return ("track", _TRACK[run.done] if run else None)
        case ("document", name, "number"):
            return ("text", s.documents.get(name))
        case _:
            return NOTHING


_TRACK = {"": "running", "success": "done", "failure": "failed"}


def _task(s: State, name: str, rest: list[str]) -> Seen:
    run = s.tasks.get(name)
    match rest:
        case []:
            return ("task", run.status if run else None)
        case ["outcome"]:
            return ("text", run.outcome or None if run else None)
        case ["count"]:
            return ("number", str(run.count if run else 0))
        case _:
            return NOTHING


def _signal(d: Draft, path: Path) -> Seen:
    if len(path) != 2:  # noqa: PLR2004 - ``signal.channel``
        return NOTHING
    name, value = path[1], d.cause.data.get(path[1])
    if name == "name" and value is None:
        return ("text", d.cause.name or None)
    if name == "until" and isinstance(value, str):
        return ("datetime" if "T" in value else "date", value)
    if isinstance(value, bool):
        return ("flag", value)
    if isinstance(value, int):
        return ("number", str(value))
    return (_SIGNAL.get(name, "text"), value)


_TEXTS = frozenset({"title", "source", "channel", "form", "stage", "language", "timezone"})


def _built_in(pipeline: Pipeline, s: State, path: Path) -> Seen:
    name = path[0]
    if name in _TEXTS:
        return ("text", getattr(s, name) or None)
    found = _BUILT_IN.get(name)
    if found is not None and (len(path) == 1 or path == ("call", "user")):
        return found(pipeline, s)
    return NOTHING


_BUILT_IN: dict[str, Callable[[Pipeline, State], Seen]] = {
    "id": lambda _, s: ("text", s.lead),
    "number": lambda _, s: ("number", str(s.number) if s.number else None),
    "call": lambda _, s: ("user", s.call_user or None),
    "created": lambda _, s: ("datetime", s.created or None),
    "creator": lambda _, s: ("user", s.creator or None),
    "owner": lambda _, s: ("user", s.owner or None),
    "visits": lambda _, s: ("number", str(s.visits.get(s.stage, 0))),
    "consent": lambda _, s: ("choices", list(s.consent) or None),
    "paid": lambda _, s: ("money", s.paid),
    "unpaid": lambda _, s: ("money", unpaid(s)),
}


def unpaid(s: State) -> str | None:
    """What is still to pay of the field ``amount``; ``None`` while that is empty."""
    amount, paid = native("money", s.fields.get("amount")), native("money", s.paid)
    if not isinstance(amount, Decimal) or not isinstance(paid, Decimal):
        return None
    return plain(CONTEXT.subtract(amount, paid))


def freeze(d: Draft, *texts: Text | None) -> Frozen:
    """The values these texts name, as they are now; what only the commit knows is left out."""
    see = scope(d)
    names = {path for text in texts if text is not None for path in text.names}
    return Frozen({".".join(path): see(path) for path in sorted(names) if not _of_commit(d, path)})


def _of_commit(d: Draft, path: Path) -> bool:
    match path:
        case ("owner", *_) | ("lead" | "deal", "owner", *_):
            return True
        case ("lead" | "deal", "number"):
            return not d.s.number
        case ("document", name, *_):
            return name not in d.s.documents
        case _:
            return False


def moment_value(s: State, field: str) -> str | None:
    """The canonical date a moment counts from; of several the first."""
    value = s.fields.get(field)
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, str) else None


def addresses(value: Value) -> Iterable[str]:
    """The addresses a field holds: texts, or the numbers of phones."""
    for item in value if isinstance(value, list) else [value]:
        found = item.get("number") if isinstance(item, dict) else item
        if isinstance(found, str) and found:
            yield found
