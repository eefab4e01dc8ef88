"""What conditions and texts see of a lead (language.md, **Conditions**): names and their typed values, now.

A `View` looks at a draft, so one object serves a whole decision; ``was`` is the same view of the state before the step.
A name that says nothing answers ``("text", None)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

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
        if head in _OF_STATE:
            return _OF_STATE[head](d.pipeline, d.s, path)
        return _OF_STEP[head](d, path) if head in _OF_STEP else NOTHING

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


_TRACK = {"": "running", "success": "done", "failure": "failed"}


def _task(_: Pipeline, s: State, path: Path) -> Seen:
    """``task.contact``, ``task.contact.outcome``, ``task.contact.count``."""
    if len(path) < 2:  # noqa: PLR2004 - the root alone says nothing
        return NOTHING
    run = s.tasks.get(path[1])
    match path[2:]:
        case ():
            return ("task", run.status if run else None)
        case ("outcome",):
            return ("text", run.outcome or None if run else None)
        case ("count",):
            return ("number", str(run.count if run else 0))
        case _:
            return NOTHING


def _track(_: Pipeline, s: State, path: Path) -> Seen:
    if len(path) != 2:  # noqa: PLR2004 - ``track.docs``
        return NOTHING
    run = s.tracks.get(path[1])
    return ("track", _TRACK[run.done] if run else None)


def _document(_: Pipeline, s: State, path: Path) -> Seen:
    match path:
        case (_, name, "number"):
            return ("text", s.documents.get(name))
        case _:
            return NOTHING


def _own(pipeline: Pipeline, s: State, path: Path) -> Seen:
    """``stage`` and ``owner``, which stand alone."""
    return _built_in(pipeline, s, path) if len(path) == 1 else NOTHING


def _was(d: Draft, path: Path) -> Seen:
    of_state = _OF_STATE.get(path[1]) if len(path) > 1 else None
    return of_state(d.pipeline, d.was, path[1:]) if of_state is not None else NOTHING


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


_OF_STATE: dict[str, Callable[[Pipeline, State, Path], Seen]] = {
    "lead": lead,
    "deal": lead,
    "stage": _own,
    "owner": _own,
    "task": _task,
    "track": _track,
    "document": _document,
}
_OF_STEP: dict[str, Callable[[Draft, Path], Seen]] = {
    "was": _was,
    "signal": _signal,
    "now": lambda d, _: ("datetime", d.at),
    "today": lambda d, _: ("date", wall(d.now, zone(d.pipeline.timezone)).date().isoformat()),
}


class Name(NamedTuple):
    """A name in a text. ``late``: what part of it only the commit may know, empty for none."""

    dotted: str
    path: Path
    late: Literal["", "owner", "number", "document"]


@lru_cache(maxsize=4096)
def names(*texts: Text | None) -> tuple[Name, ...]:
    """The names in these texts, each once, sorted."""
    found = sorted({path for text in texts if text is not None for path in text.names})
    return tuple(Name(".".join(path), path, _late(path)) for path in found)


def _late(path: Path) -> Literal["", "owner", "number", "document"]:
    match path:
        case ("owner", *_) | ("lead" | "deal", "owner", *_):
            return "owner"
        case ("lead" | "deal", "number"):
            return "number"
        case ("document", _, *_):
            return "document"
        case _:
            return ""


def freeze(d: Draft, *texts: Text | None) -> Frozen:
    """The values these texts name, as they are now; what only the commit knows is left out."""
    see = scope(d)
    named = names(*texts)
    return Frozen({one.dotted: see(one.path) for one in named if not _left_out(d.s, one)})


def _left_out(s: State, name: Name) -> bool:
    if name.late == "number":
        return not s.number
    return name.late == "owner" or (name.late == "document" and name.path[1] not in s.documents)


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
