"""What a lead is called where nobody has given it a title: after whoever it is about."""

from __future__ import annotations

from collections.abc import Mapping

from leadflow.engine.fields import FieldType, Value, is_empty
from leadflow.engine.pipeline import Pipeline
from leadflow.values import display

KINDS: tuple[FieldType, ...] = ("person", "text", "phone", "email", "inn")
"""Field types in the order in which they name a lead."""
LONGEST = 120


def title_of(pipeline: Pipeline, fields: Mapping[str, Value]) -> str:
    """The first person, text, phone, e-mail or INN there is, as people read it; empty where there is none."""
    for kind in KINDS:
        for field in pipeline.fields.values():
            value = fields.get(field.id)
            if field.type == kind and not is_empty(value):
                return display(field, value, language=pipeline.language)[:LONGEST]
    return ""
