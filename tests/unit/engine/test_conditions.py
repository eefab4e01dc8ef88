"""Conditions: value, truth, proof (language.md, **Conditions**)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given

from leadflow.engine.conditions import Proof, evaluate, explain, holds, prove, truth
from leadflow.engine.expr import Expr, Path, paths, text
from leadflow.engine.natives import shorten
from leadflow.spec.conditions import parse_condition
from tests.support.expressions import World, broken_worlds, expressions, scope_of, worlds

WORLD: World = {
    ("lead", "price"): ("money", "12500"),
    ("lead", "half"): ("number", "0.50"),
    ("lead", "zero"): ("number", "0"),
    ("lead", "none"): ("money", None),
    ("lead", "client"): ("choice", "legal"),
    ("lead", "tags"): ("choices", ["vip", "north"]),
    ("lead", "vip"): ("flag", True),
    ("lead", "cold"): ("flag", False),
    ("lead", "comment"): ("long_text", "Call back, urgent"),
    ("lead", "name"): ("person", {"first": "Anna", "last": "Laktionova", "middle": "Igorevna"}),
    ("lead", "name", "last"): ("text", "Laktionova"),
    ("lead", "phone"): ("phone", {"number": "+79161234567", "ext": "12"}),
    ("lead", "visit_on"): ("date", "2026-11-25"),
    ("lead", "call_at"): ("datetime", "2026-11-25T11:00:00Z"),
    ("lead", "rates"): ("number", ["1.0", "2"]),
    ("was", "lead", "price"): ("money", "10000"),
    ("task", "contact"): ("task", "open"),
    ("task", "contact", "count"): ("number", "3"),
    ("track", "docs"): ("track", "failed"),
    ("now",): ("datetime", "2026-11-25T11:00:00.5Z"),
    ("today",): ("date", "2026-11-26"),
}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("lead.price >= 50000", False),
        ("lead.price == 12500.00", True),
        ("lead.half == 0.5", True),
        ("lead.price > was.price", True),
        ("10000 < lead.price < 20000", True),
        ("10000 < lead.price < 12500", False),
        ("lead.price * 2 - 5000 == 20000", True),
        ("lead.price / 0 == 1", False),
        ("lead.price / 0 != 1", True),
        ("lead.price + lead.comment == 1", False),
        ("(lead.comment - 1) is empty", True),
        ('lead.client == "legal"', True),
        ('lead.client != "legal"', False),
        ('lead.client in ["known", "legal"]', True),
        ('lead.client not in ["known", "legal"]', False),
        ('lead.client in "legal entity"', True),
        ('"vip" in lead.tags', True),
        ('"south" in lead.tags', False),
        ("1 in lead.rates", True),
        ('"urgent" in lead.comment', True),
        ('"2" in 12', False),
        ("lead.vip", True),
        ("lead.cold", False),
        ("lead.cold == false", True),
        ("not lead.cold", True),
        ("lead.comment", True),
        ("lead.zero", True),
        ("lead.zero is set", True),
        ("lead.none", False),
        ("lead.none is empty", True),
        ("lead.none is not set", True),
        ("lead.none == 5", False),
        ("lead.none < 5", False),
        ("lead.none == lead.none", False),
        ("lead.none != 5", True),
        ("lead.none != lead.none", True),
        ("lead.none in [1, lead.none]", False),
        ("lead.none not in [1]", True),
        ("1 in lead.none", False),
        ("1 not in []", True),
        ("nothing.at_all is set", False),
        ('lead.name.last == "Laktionova"', True),
        ('lead.phone == "+79161234567"', True),
        ('"+79161234567" == lead.phone', True),
        ('lead.phone == "+7"', False),
        ('lead.name == "Anna"', False),
        ("lead.name == lead.name", True),
        ("lead.name < lead.name", False),
        ("lead.vip > lead.cold", False),
        ("lead.visit_on < today", True),
        ('lead.visit_on == "2026-11-25"', True),
        ('lead.visit_on < "25.11.2026"', False),
        ('lead.visit_on != "25.11.2026"', True),
        ("lead.call_at < now", True),
        ('lead.call_at == "2026-11-25T14:00+03:00"', True),
        ('lead.call_at == "2026-11-25T11:00"', False),
        ('lead.call_at == "never"', False),
        ("lead.visit_on < now", False),
        ("lead.price == lead.client", False),
        ("lead.price != lead.client", True),
        ("lead.vip == 1", False),
        ("task.contact is open", True),
        ("task.contact is done", False),
        ("task.contact.count >= 3", True),
        ("track.docs is failed", True),
        ("track.docs is done", False),
        ("track.other is done", False),
        ("lead.price > 1 and lead.vip and lead.cold", False),
        ("lead.cold or lead.none or lead.vip", True),
        ("lead.cold or lead.none", False),
        ("-lead.price < 0", True),
    ],
)
def test_conditions_hold_as_the_language_says(condition: str, expected: bool) -> None:
    """Each row: the condition over `WORLD`, and whether it holds."""
    assert holds(parse_condition(condition), scope_of(WORLD)) is expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("lead.price * 0.9", "11250"),
        ("lead.price / 3", "4166.666666666666666666666667"),
        ("0 - lead.zero", "0"),
        ("lead.none or lead.phone", {"number": "+79161234567", "ext": "12"}),
        ("lead.none or lead.zero", "0"),
        ("lead.none or lead.cold", False),
        ("lead.vip and lead.client", "legal"),
        ("lead.none and lead.client", None),
        ("lead.visit_on", "2026-11-25"),
        ("now", "2026-11-25T11:00:00.500000Z"),
        ("[lead.price, lead.none, lead.visit_on]", ["12500", "2026-11-25"]),
        ("lead.price / 0", None),
        ("lead.comment + 1", None),
        ("lead.price > 1", True),
    ],
)
def test_an_expression_has_a_canonical_value(expression: str, expected: Any) -> None:
    """`or` and `and` give the deciding value; numbers come without exponent; what cannot be computed is empty."""
    assert evaluate(parse_condition(expression), scope_of(WORLD)) == expected


def test_numbers_too_large_to_keep_are_empty() -> None:
    """A product beyond the fixed range is empty instead of a number with a million digits."""
    world: World = {("lead", "big"): ("number", "1" + "0" * 39)}
    assert evaluate(parse_condition("lead.big * lead.big"), scope_of(world)) is None


def test_parts_that_cannot_change_the_answer_are_not_looked_at() -> None:
    """`and` stops at the first part that does not hold, `or` at the first that does."""
    asked: list[Path] = []

    def scope(path: Path) -> Any:
        asked.append(path)
        return WORLD[path]

    assert not holds(parse_condition("lead.cold and lead.price > 1"), scope)
    assert holds(parse_condition("lead.vip or lead.price > 1"), scope)
    assert asked == [("lead", "cold"), ("lead", "vip")]


@given(expressions(), worlds() | broken_worlds())
def test_every_function_answers_over_any_state(expr: Expr, world: World) -> None:
    """Total, and in agreement: the proof holds exactly if the condition does, and carries its value."""
    scope = scope_of(world)
    proof = prove(expr, scope)
    assert proof.holds is holds(expr, scope)
    assert proof.value == evaluate(expr, scope)
    assert explain(proof)
    assert msgspec.json.decode(msgspec.json.encode(proof), type=Proof) == proof


@given(expressions())
def test_an_expression_survives_json(expr: Expr) -> None:
    """Encoding and decoding gives the same tree, so a pipeline's IR keeps its conditions."""
    assert msgspec.json.decode(msgspec.json.encode(expr), type=Expr) == expr


def test_paths_are_named_once_in_order() -> None:
    """Each name read, once, from left to right."""
    expr = parse_condition("lead.b in [lead.a] and (lead.b > 1 or task.t is done)")
    assert paths(expr) == (("lead", "b"), ("lead", "a"), ("task", "t"))


@pytest.mark.parametrize(
    ("condition", "lines"),
    [
        ("lead.price >= 50000", ["lead.price >= 50000 is false: lead.price is 12500"]),
        ("lead.none == 5", ["lead.none == 5 is false: lead.none is empty"]),
        (
            "lead.price > was.price",
            ["lead.price > was.lead.price is true: lead.price is 12500, was.lead.price is 10000"],
        ),
        ("lead.cold", ["lead.cold is false"]),
        ("task.contact is done", ['"task.contact is done" is false: task.contact is open']),
        (
            "lead.none is not empty",
            ['"lead.none is not empty" is false: lead.none is empty'],
        ),
        (
            "lead.vip and lead.cold and lead.price > 50000",
            ["lead.cold is false", "lead.price > 50000 is false: lead.price is 12500"],
        ),
        ("lead.cold or lead.vip", ["lead.vip is true"]),
        ("not (lead.cold or lead.vip)", ["lead.vip is true"]),
        ("1 == 2", ["1 == 2 is false"]),
        ('"vip" in lead.tags', ['"vip" in lead.tags is true: lead.tags is vip, north']),
        (
            "lead.name is empty",
            ['"lead.name is empty" is false: lead.name is Anna Igorevna Laktionova'],
        ),
        (
            "lead.price > lead.price * 2",
            ["lead.price > lead.price * 2 is false: lead.price is 12500"],
        ),
    ],
)
def test_a_proof_says_why_in_words(condition: str, lines: list[str]) -> None:
    """Only the decisive parts, each with what its names are; every name once."""
    assert explain(prove(parse_condition(condition), scope_of(WORLD))) == lines


def test_a_long_text_is_shortened_in_an_explanation() -> None:
    """A comment of pages does not flood the card."""
    world: World = {("lead", "comment"): ("long_text", "x" * 500)}
    [line] = explain(prove(parse_condition("lead.comment is empty"), scope_of(world)))
    assert line.endswith("xxx…")
    assert len(line) < 120
    assert shorten("x" * 60) == "x" * 60


@pytest.mark.parametrize(
    ("expr", "written"),
    [
        ("(lead.a or lead.b) and lead.c", "(lead.a or lead.b) and lead.c"),
        ("((lead.a)) or (lead.b and lead.c)", "lead.a or lead.b and lead.c"),
        ("not lead.a in ['x']", 'lead.a not in ["x"]'),
        ("not (lead.a is set)", "lead.a is not set"),
        ("not not lead.a", "not not lead.a"),
        ("not (lead.a and lead.b)", "not (lead.a and lead.b)"),
        ("lead.a - (lead.b - 1) - 2", "lead.a - (lead.b - 1) - 2"),
        ("(lead.a + 1) * 2 / 3", "(lead.a + 1) * 2 / 3"),
        ("(lead.a == 1) == true", "(lead.a == 1) == true"),
        ("""lead.a == 'say "yes"'""", """lead.a == 'say "yes"'"""),
        ("was.a", "was.lead.a"),
        ("False", "false"),
    ],
)
def test_an_expression_is_written_in_canonical_form(expr: str, written: str) -> None:
    """Double quotes, single spaces, only the parentheses that are needed."""
    assert text(parse_condition(expr)) == written


def test_alone_only_nothing_and_false_do_not_hold() -> None:
    """Zero and an unchecked text are values; empty and false are not."""
    assert [truth(value) for value in (None, False, True, "x", 0)] == [
        False,
        False,
        True,
        True,
        True,
    ]
