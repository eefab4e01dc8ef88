"""What a text may name: dotted names (``lead.price``, ``owner.phone``) → values that know their field.

The frozen form is plain JSON, kept in a ledger row: what a message says was decided when it was planned, whatever has
happened to the lead since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast, get_args

import msgspec

from leadflow.decoding import known
from leadflow.engine.fields import Field, FieldType, Value

ROOTS = (
    "lead", "deal", "was", "signal", "stage", "task", "track", "document", "owner", "now", "today",
)  # fmt: skip
"""First parts of every name (language.md, **Conditions**)."""

_FIELD_TYPES = frozenset(get_args(FieldType))


class Typed(msgspec.Struct, frozen=True):
    """A canonical value and the field by which it prints."""

    field: Field
    value: Value = None


_TYPED = known(dict[str, Typed])

Context = Mapping[str, Typed]
"""Dotted name → value. A name that is not there is empty: names are checked when a pipeline is published."""

TEXT = Field(id="text", type="text", label="")
NUMBER = Field(id="number", type="number", label="")
PHONE = Field(id="phone", type="phone", label="")


def typed(field: Field, value: Value) -> Typed:
    """A value for a context. Of a ``user`` field the options give the names: user id → name."""
    return Typed(field, value)


def context_of(values: Mapping[str, tuple[str, Value]], fields: Mapping[str, Field]) -> Context:
    """A context from values that only know their type (`leadflow.engine.effects.Frozen`).

    Args:
        values: Dotted name → (type, canonical value).
        fields: What gives labels and currencies: full dotted name, or just field id → field.
    """
    return {
        name: Typed(_field(name, kind, fields), value) for name, (kind, value) in values.items()
    }


def _field(name: str, kind: str, fields: Mapping[str, Field]) -> Field:
    last = name.rpartition(".")[2]
    known = fields.get(name) or fields.get(last)
    if known is not None and known.type == kind:
        return known
    # A task or track in a condition is of its own kind; in a text its state is a word.
    return Field(
        id=last, type=cast("FieldType", kind) if kind in _FIELD_TYPES else "text", label=""
    )


def freeze(context: Context, names: Iterable[tuple[str, ...]] | None = None) -> dict[str, Any]:
    """The context as JSON: all of it, or just what the given names need (``("lead", "name", "first")``)."""
    wanted = None if names is None else {".".join(name) for name in names}
    return {
        name: {"field": msgspec.to_builtins(_slim(item)), "value": item.value}
        for name, item in context.items()
        if wanted is None or any(_related(name, other) for other in wanted)
    }


def _related(name: str, other: str) -> bool:
    """Whether one name is the other or a part of it: ``lead.name.first`` needs ``lead.name``."""
    return f"{name}.".startswith(f"{other}.") or f"{other}.".startswith(f"{name}.")


def _slim(item: Typed) -> Field:
    """The field without what printing does not need."""
    used = item.value if isinstance(item.value, list) else [item.value]
    return msgspec.structs.replace(
        item.field,
        options={key: label for key, label in item.field.options.items() if key in used},
        default=None,
        goes_to=(),
        fills={},
        pos="",
    )


def thaw(frozen: Mapping[str, Any]) -> Context:
    """The context that `freeze` has made JSON."""
    return msgspec.convert(frozen, _TYPED)
