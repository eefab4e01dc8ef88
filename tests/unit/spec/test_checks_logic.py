"""What conditions can be true together: proofs that the engine never contradicts."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings

from leadflow.engine.conditions import holds
from leadflow.engine.expr import And, Expr, Lit, Or, Path, Ref
from leadflow.spec.checks.logic import always, implies, satisfiable
from leadflow.spec.conditions import parse_condition
from leadflow.spec.conditions.names import Name
from tests.support.expressions import (
    DOMAINS,
    World,
    conditions,
    expressions,
    scope_of,
    worlds,
)

OPTIONS = {"person": "", "legal": "", "known": ""}
NAMES: Mapping[Path, Name] = {
    path: Name(
        domain.type,
        OPTIONS if domain.type == "choice" else {},
        many=domain.many,
        filled=domain.type == "flag" or path in {("now",), ("today",)},
    )
    for path, domain in DOMAINS.items()
}


@given(condition=conditions(), other=conditions(), world=worlds())
@settings(max_examples=200)
def test_a_proof_holds_in_every_state(condition: Expr, other: Expr, world: World) -> None:
    """What cannot hold does not, what always holds does, and what is implied follows, in any state of a lead."""
    see = scope_of(world)
    assert satisfiable(condition, NAMES) or not holds(condition, see)
    assert not always(condition, NAMES) or holds(condition, see)
    if implies(condition, other, NAMES) and holds(condition, see):
        assert holds(other, see)


@given(condition=expressions(), world=worlds())
@settings(max_examples=150)
def test_senseless_conditions_are_judged_soundly_too(condition: Expr, world: World) -> None:
    """Nothing is claimed of parts that make no sense; the answer is one all the same."""
    see = scope_of(world)
    assert satisfiable(condition, NAMES) or not holds(condition, see)


IMPOSSIBLE = [
    "lead.price > 10 and lead.price < 5",
    "lead.price > 5 and lead.price < 5",
    "lead.price >= 5 and lead.price <= 5 and lead.price != 5",
    "lead.price == 5 and not lead.price > 1",
    "5 < lead.price and lead.price < 5",
    'lead.client == "legal" and lead.client == "person"',
    'lead.client == "legal" and lead.client is empty',
    'lead.client not in ["legal", "person", "known"] and lead.client is set',
    'lead.client in ["legal"] and lead.client in ["person"]',
    "lead.vip and not lead.vip",
    "lead.vip is empty",
    "lead.tags is set and lead.tags is empty",
    "task.contact is open and task.contact is done",
    'lead.visit_on > "2026-12-01" and lead.visit_on < "2026-11-01"',
    "lead.call_at < now and not lead.call_at < now",
    "lead.price > 10 and (lead.price < 5 or lead.price < 3)",
    "false",
]
POSSIBLE = [
    "lead.price > 10 and lead.count < 5",
    "lead.price >= 5 and lead.price <= 5",
    'lead.client != "legal" and lead.client is empty',
    'lead.client not in ["legal", "person"]',
    'not lead.client == "legal" and not lead.client == "person" and not lead.client == "known"',
    '"a" in lead.tags and "b" in lead.tags',
    "lead.call_at < now and lead.call_at > now",
    "lead.price + 1 > 5 and lead.price < 2",
    "task.contact is not open and task.contact is not done",
    "true",
]


@pytest.mark.parametrize("condition", IMPOSSIBLE)
def test_contradictions_are_seen(condition: str) -> None:
    """A part that excludes another makes the whole impossible, and its opposite certain."""
    expr = parse_condition(condition)
    assert not satisfiable(expr, NAMES)
    assert always(parse_condition(f"not ({condition})"), NAMES)


@pytest.mark.parametrize("condition", POSSIBLE)
def test_what_may_be_is_left_alone(condition: str) -> None:
    """Where nothing contradicts itself, or nobody can know, the condition counts as possible."""
    assert satisfiable(parse_condition(condition), NAMES)


FOLLOWS = [
    ("lead.price > 200", "lead.price > 100"),
    ("lead.price == 7", "lead.price >= 7"),
    ('lead.client == "legal"', "lead.client is set"),
    ('lead.client == "legal" and lead.vip', 'lead.client in ["legal", "known"]'),
    ('lead.client == "legal"', 'lead.client == "legal" or lead.vip'),
    ("lead.client is set", 'lead.client in ["person", "legal", "known"]'),
    ("lead.client is empty", 'lead.client != "legal"'),
    ("lead.call_at < now", "lead.call_at < now"),
]


@pytest.mark.parametrize(("narrow", "wide"), FOLLOWS)
def test_the_narrow_condition_implies_the_wide_one(narrow: str, wide: str) -> None:
    """And not the other way round, unless they are the same."""
    one, two = parse_condition(narrow), parse_condition(wide)
    assert implies(one, two, NAMES)
    both_ways = narrow == wide or "person" in wide
    assert implies(two, one, NAMES) == both_ways


def test_no_condition_is_the_widest() -> None:
    """Everything implies it; it implies only what always holds."""
    one = parse_condition("lead.vip")
    assert implies(one, None, NAMES)
    assert implies(None, None, NAMES)
    assert not implies(None, one, NAMES)
    assert implies(None, parse_condition("lead.vip or not lead.vip"), NAMES)


def test_too_many_branches_are_not_looked_at() -> None:
    """A condition of 2^12 branches is taken to be possible, at once."""
    pair = Or((Ref(("lead", "vip")), Ref(("lead", "email"))))
    assert satisfiable(And((*(pair,) * 12, Lit("flag", value=False))), NAMES)
