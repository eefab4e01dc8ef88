"""What a computed `set` writes (language.md, Vocabulary: a whole ``"{{ expr }}"`` is computed)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as st

from leadflow.engine.computed import compute
from leadflow.engine.expr import Expr
from leadflow.engine.fields import Field, FieldType
from leadflow.spec.conditions import parse_condition
from tests.support.expressions import World, broken_worlds, expressions, scope_of

WORLD: World = {
    ("lead", "price"): ("money", "100"),
    ("lead", "none"): ("money", None),
    ("lead", "client"): ("choice", "legal"),
    ("lead", "tags"): ("choices", ["legal", "other"]),
    ("lead", "vip"): ("flag", True),
    ("lead", "name"): ("person", {"first": "Anna", "last": "Laktionova"}),
    ("lead", "phone"): ("phone", {"number": "+79161234567"}),
    ("lead", "scan"): ("file", {"id": "f1", "name": "scan.pdf", "size": 7}),
    ("lead", "owner"): ("user", "anna"),
    ("now",): ("datetime", "2026-11-25T11:00:00Z"),
    ("today",): ("date", "2026-11-25"),
}


@pytest.mark.parametrize(
    ("kind", "expression", "expected"),
    [
        ("money", "lead.price * 0.9", "90"),
        ("money", "lead.price / 3", "33.33"),
        ("money", "lead.price / 16", "6.25"),
        ("money", "lead.price / 32 * 0.2", "0.63"),
        ("money", "-lead.price / 16 - 0.005", "-6.26"),
        ("money", "lead.client", None),
        ("money", "lead.none", None),
        ("number", "lead.price / 32", "3.125"),
        ("number", "lead.vip", None),
        ("flag", "lead.price > 1", True),
        ("flag", "lead.none", False),
        ("choice", "lead.client", "legal"),
        ("choice", '"other"', None),
        ("choice", "lead.price", None),
        ("choices", "lead.tags", ["legal"]),
        ("choices", "lead.client", ["legal"]),
        ("choices", "lead.none", None),
        ("date", "today", "2026-11-25"),
        ("date", "now", None),
        ("datetime", "now", "2026-11-25T11:00:00Z"),
        ("datetime", "today", None),
        ("user", "lead.owner", "anna"),
        ("user", "lead.price", None),
        ("person", "lead.name", {"first": "Anna", "last": "Laktionova"}),
        ("person", "lead.phone", None),
        ("phone", "lead.phone", {"number": "+79161234567"}),
        ("phone", "lead.name", None),
        ("phone", '"+79161234567"', None),
        ("file", "lead.scan", {"id": "f1", "name": "scan.pdf", "size": 7}),
        ("text", "lead.none or lead.name", "Anna Laktionova"),
        ("text", "lead.phone", "+79161234567"),
        ("long_text", "lead.price", "100"),
        ("text", "today", "2026-11-25"),
        ("text", '""', None),
    ],
)
def test_a_computed_value_fits_its_field(kind: FieldType, expression: str, expected: Any) -> None:
    """Money is rounded half up to two places, anything reads as text, what does not fit clears the field."""
    field = Field("f", kind, "F", options={"legal": "L"} if kind in {"choice", "choices"} else {})
    assert compute(parse_condition(expression), scope_of(WORLD), field) == expected


def test_a_field_of_several_takes_one_as_a_list() -> None:
    """`many` holds a list even when one value is computed."""
    field = Field("f", "phone", "F", many=True)
    found = compute(parse_condition("lead.phone"), scope_of(WORLD), field)
    assert found == [{"number": "+79161234567"}]


def test_money_out_of_range_is_empty() -> None:
    """An amount that cannot be kept to the cent is none."""
    world: World = {("lead", "big"): ("number", "1" + "0" * 30)}
    field = Field("f", "money", "F")
    assert compute(parse_condition("lead.big"), scope_of(world), field) is None


KINDS: list[FieldType] = [
    "text", "person", "phone", "choice", "choices", "money", "number", "flag", "date", "datetime", "file", "user",
]  # fmt: skip


@given(expressions(), broken_worlds(), st.sampled_from(KINDS), st.booleans())
def test_computing_answers_over_any_state(
    expr: Expr, world: World, kind: FieldType, many: bool
) -> None:
    """Total, and the answer is plain JSON."""
    found = compute(expr, scope_of(world), Field("f", kind, "F", many=many))
    assert msgspec.json.decode(msgspec.json.encode(found)) == found
