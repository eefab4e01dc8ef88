"""The edge: values that people and other systems give are made canonical here, before a lead hears of them.

By the fields of the version that the lead runs on. What cannot be read is refused per field (``bad_value``) where
somebody decides, and left out where the world only tells (language.md, Meaning 3).
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from leadflow.engine.decision import Refusal
from leadflow.engine.events import Created, Decision, Event
from leadflow.engine.fields import Value
from leadflow.engine.pipeline import Pipeline
from leadflow.installation import Installation
from leadflow.values import BadValue, parse_value

E = TypeVar("E", bound=Event)


def canonical(
    event: E, pipeline: Pipeline, installation: Installation
) -> tuple[E, tuple[Refusal, ...]]:
    """The event with its values canonical, and what could not be read of them (it is left out)."""
    given = event.fields if isinstance(event, Created | Decision) else {}
    if not given:
        return event, ()
    good: dict[str, Value] = {}
    bad: list[Refusal] = []
    for name, raw in given.items():
        try:
            good[name] = _value(name, raw, pipeline, installation)
        except BadValue as error:
            bad.append(Refusal("bad_value", error.message, field=name))
    return msgspec.structs.replace(event, fields=good), tuple(bad)


def left_out(event: Created, bad: tuple[Refusal, ...]) -> Created:
    """A lead begins all the same; its timeline says what was not taken."""
    reasons = {**event.left_out, **{one.field: one.message for one in bad}}
    return msgspec.structs.replace(event, left_out=reasons)


def _value(name: str, raw: object, pipeline: Pipeline, installation: Installation) -> Value:
    field = pipeline.fields.get(name)
    if field is None:
        raise BadValue(name, f"there is no such field{_near(name, pipeline.fields)}")
    value = parse_value(field, raw, region=installation.region, timezone=installation.timezone)
    if field.type == "user":
        for user in value if isinstance(value, list) else [value]:
            if user is not None and user not in installation.users:
                raise BadValue(
                    name, f"there is no user '{user}'{_near(str(user), installation.users)}"
                )
    return value


def _near(name: str, known: Mapping[str, object]) -> str:
    found = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean '{found[0]}'?" if found else ""
