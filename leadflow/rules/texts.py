"""Texts of a pipeline: which body of a template a reader gets, and how the values that it names print."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from leadflow.engine.fields import Field, Value
from leadflow.engine.pipeline import Pipeline, Text
from leadflow.rules.staff import Staff

Values = Mapping[str, tuple[str, Value]]
"""Dotted name → (type, canonical value): `leadflow.engine.effects.Frozen.values`."""

_USERS = ("owner", "creator", "call", "user")
"""Built-in names that hold a user (language.md, **Conditions**)."""


def body_of(pipeline: Pipeline, text: Text, kind: str, language: str) -> str:
    """SHA-256 (hex) of a template's body in the reader's language, else in the pipeline's; empty: there is none."""
    template = pipeline.templates.get(f"{text.template}.{kind}")
    bodies = template.bodies if template else {}
    return next((bodies[one] for one in (language, "", pipeline.language) if one in bodies), "")


def printing(pipeline: Pipeline, staff: Staff) -> dict[str, Field]:
    """What gives labels and currencies to the values of a text; users print by their names."""
    users = {user: staff.name(user) for user in staff.users}
    built_in = {name: Field(name, "user", "", options=users) for name in _USERS}
    own = {
        field.id: replace(field, options=users) if field.type == "user" else field
        for field in pipeline.fields.values()
    }
    return built_in | own
