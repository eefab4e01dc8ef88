"""The authoring model walked through: every part with its keys, every duration with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from leadflow.engine.durations import Duration
from leadflow.engine.moments import Moment
from leadflow.spec.checks.subject import below
from leadflow.spec.schema_base import Part, Spot, Word, Written


class Span(NamedTuple):
    """A duration as it is written somewhere: alone, or in a moment."""

    value: Duration
    spot: Spot
    from_field: bool
    """It counts from a field, not from now."""


def parts(part: Part) -> Iterator[Part]:
    """A part and all those below it."""
    yield part
    for name in type(part).model_fields:
        yield from _within(getattr(part, name))


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
    for name, info in type(part).model_fields.items():
        value = getattr(part, name)
        key = part.spot_of(info.alias or name)
        if key != part.spot:
            yield from _spans(value, below(key, ()))


def _spans(value: Any, spot: Spot) -> Iterator[Span]:
    match value:
        case Duration():
            yield Span(value, spot, from_field=False)
        case Written(value=Moment(offset=Duration() as offset, field=field)):
            yield Span(offset, spot, from_field=bool(field))
        case list():
            several = len(value) > 1
            for index, item in enumerate(value):
                yield from _spans(item, below(spot, (index,)) if several else spot)
        case dict():
            for key, item in value.items():
                if isinstance(key, Word):
                    yield from _spans(item, below(key.spot, ()))
        case _:
            pass
