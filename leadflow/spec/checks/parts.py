"""The authoring model walked through: every part with its keys, every duration with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from leadflow.engine.durations import Duration
from leadflow.engine.moments import Moment
from leadflow.spec.checks.subject import below
from leadflow.spec.schema.base import Part, Spot, Word, Written


class Span(NamedTuple):
    """A duration as it is written somewhere: alone, or in a moment."""

    value: Duration
    spot: Spot
    from_field: bool
    """It counts from a field, not from now."""


def parts(part: Part) -> Iterator[Part]:
    """A part and all those below it."""
    yield part
    for _, value in part:
        yield from _within(value)


def _within(value: Any) -> Iterator[Part]:
    match value:
        case Part():
            yield from parts(value)
        case list():
            for item in value:
                yield from _within(item)
        case Mapping():
            for item in value.values():
                yield from _within(item)
        case _:
            pass


def spans(part: Part) -> Iterator[Span]:
    """The durations at a part's own keys."""
    for name, value in part:
        if isinstance(value, Duration | Written):
            yield from _span(value, below(part.spot_of(name), ()))
        elif isinstance(value, list) and value and isinstance(value[0], Duration):
            key = part.spot_of(name)
            for index, item in enumerate(value):
                yield from _span(item, below(key, (index,) if len(value) > 1 else ()))
        elif isinstance(value, dict):
            for key, item in value.items():
                if isinstance(item, Duration) and isinstance(key, Word):
                    yield from _span(item, below(key.spot, ()))


def _span(value: object, spot: Spot) -> Iterator[Span]:
    match value:
        case Duration():
            yield Span(value, spot, from_field=False)
        case Written(value=Moment(offset=Duration() as offset, field=field)):
            yield Span(offset, spot, from_field=bool(field))
        case _:
            pass
