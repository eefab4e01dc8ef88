"""What would make a condition true (issue: the smallest set of fields, signals or time that unblocks)."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, strategies as st

from leadflow.engine.conditions import holds
from leadflow.engine.expr import Expr, Path
from leadflow.engine.remedies import Domain
from leadflow.engine.solve import MAX_ANSWERS, Answer, Assignment, applied, solve
from leadflow.spec.conditions import parse_condition
from tests.support.expressions import DOMAINS, World, conditions, expressions, scope_of, worlds

EMPTY: World = {
    **{path: (domain.type, None) for path, domain in DOMAINS.items()},
    ("lead", "vip"): ("flag", False),
    ("task", "contact"): ("task", "open"),
    ("track", "docs"): ("track", "running"),
    ("now",): ("datetime", "2026-11-25T11:00:00Z"),
    ("today",): ("date", "2026-11-25"),
}


def shown(answers: list[Answer]) -> list[dict[str, Any]]:
    """Answers as ``{"lead.price": value}``."""
    return [{".".join(one.path): one.value for one in answer} for answer in answers]


@pytest.mark.parametrize(
    ("condition", "state", "answers"),
    [
        ("lead.price is set", {"price": "5"}, [{}]),
        ("lead.price >= 50000", {}, [{"lead.price": "50000"}]),
        ("lead.price > 50000", {}, [{"lead.price": "50001"}]),
        ("lead.price < 50000", {"price": "60000"}, [{"lead.price": "49999"}]),
        ("5 < lead.price < 5.5", {}, [{"lead.price": "5.01"}]),
        ("lead.price * 2 + 1 >= 101", {}, [{"lead.price": "50"}]),
        ("100 - lead.price == 60", {}, [{"lead.price": "40"}]),
        ("100 / lead.price == 25", {}, [{"lead.price": "4"}]),
        ("2 * lead.price / 4 == 25", {}, [{"lead.price": "50"}]),
        ("2 + (lead.price - 1) == 25", {}, [{"lead.price": "24"}]),
        ("lead.price >= lead.count", {"count": "7"}, [{"lead.price": "7"}]),
        (
            "lead.price > lead.count",
            {"count": "7", "price": "1"},
            [{"lead.price": "8"}, {"lead.count": "0"}],
        ),
        ('lead.client == "legal"', {}, [{"lead.client": "legal"}]),
        (
            'lead.client in ["legal", "known"]',
            {},
            [{"lead.client": "legal"}, {"lead.client": "known"}],
        ),
        ('lead.client != "legal"', {"client": "legal"}, [{"lead.client": "person"}]),
        ('lead.client == "nobody"', {}, []),
        ('"a" in lead.tags', {"tags": ["b"]}, [{"lead.tags": ["b", "a"]}, {"lead.tags": ["a"]}]),
        ('"a" not in lead.tags', {"tags": ["a", "b"]}, [{"lead.tags": ["b"]}]),
        ('"urgent" in lead.comment', {}, [{"lead.comment": "urgent"}]),
        ("lead.vip", {}, [{"lead.vip": True}]),
        ("not lead.vip", {"vip": True}, [{"lead.vip": False}]),
        ("lead.vip is empty", {}, []),
        ("lead.email is empty", {"email": "a@example.com"}, [{"lead.email": None}]),
        (
            "lead.email is set or lead.phone is set",
            {},
            [{"lead.email": "name@example.com"}, {"lead.phone": {"number": "+79161234567"}}],
        ),
        (
            "lead.vip and lead.price > 1 or lead.count == 3",
            {},
            [{"lead.count": "3"}, {"lead.vip": True, "lead.price": "2"}],
        ),
        ("not (lead.vip or lead.count == 3)", {"vip": True}, [{"lead.vip": False}]),
        (
            "not (lead.vip and lead.count == 3)",
            {"vip": True, "count": "3"},
            [{"lead.vip": False}, {"lead.count": "4"}],
        ),
        ("lead.price == lead.count", {}, [{"lead.price": "1", "lead.count": "1"}]),
        ("lead.price * lead.count > 100", {}, [{"lead.price": "1", "lead.count": "101"}]),
        ('lead.phone == "+74950000000"', {}, [{"lead.phone": {"number": "+74950000000"}}]),
        ('"+74950000000" in lead.phones', {}, [{"lead.phones": [{"number": "+74950000000"}]}]),
        ('(lead.email or lead.comment) == "x"', {}, [{"lead.email": "x"}, {"lead.comment": "x"}]),
        ('lead.visit_on == "2026-12-01"', {}, [{"lead.visit_on": "2026-12-01"}]),
        ("lead.visit_on is set", {}, [{"lead.visit_on": "2026-11-25"}]),
        ("lead.call_at is set", {}, [{"lead.call_at": "2026-11-25T11:00:00Z"}]),
        ("lead.visit_on < today", {}, [{"lead.visit_on": "2026-11-24"}]),
        (
            "today > lead.visit_on",
            {"visit_on": "2026-12-01"},
            [{"today": "2026-12-02"}, {"lead.visit_on": "2026-11-24"}],
        ),
        (
            "now >= lead.call_at",
            {"call_at": "2026-11-26T09:00:00Z"},
            [{"now": "2026-11-26T09:00:00Z"}, {"lead.call_at": "2026-11-25T11:00:00Z"}],
        ),
        ('now < "2026-11-01T00:00:00Z"', {}, []),
        ("now is empty", {}, []),
        ("task.contact is done", {}, [{"task.contact": "done"}]),
        ("track.docs is failed", {}, [{"track.docs": "failed"}]),
        ("task.contact is failed", {}, []),
        ("lead.unknown is set", {}, []),
        ("lead.vip == true", {}, [{"lead.vip": True}]),
        ('lead.visit_on > "9999-12-31"', {}, []),
    ],
)
def test_the_smallest_changes_are_found(
    condition: str, state: dict[str, Any], answers: list[dict[str, Any]]
) -> None:
    """Each row: a condition, what is filled in beside `EMPTY`, and every answer in order."""
    given_values: World = {
        ("lead", name): (DOMAINS["lead", name].type, value) for name, value in state.items()
    }
    scope = scope_of({**EMPTY, **given_values})
    assert shown(solve(parse_condition(condition), scope, DOMAINS.get)) == answers


def test_a_field_that_only_has_to_be_filled_says_so() -> None:
    """The value is an example where any other does as well, and a demand where it does not."""
    found = solve(
        parse_condition("lead.email is set and lead.price >= 5 and lead.comment"),
        scope_of(EMPTY),
        DOMAINS.get,
    )
    assert [{one.path[1]: one.any for one in answer} for answer in found] == [
        {"email": True, "price": False, "comment": True}
    ]


def test_what_may_not_be_changed_is_left_alone() -> None:
    """Only the names that the caller allows are part of an answer."""
    condition = parse_condition("lead.vip or lead.email is set")
    only_email: dict[Path, Domain] = {("lead", "email"): Domain("email")}
    found = solve(condition, scope_of(EMPTY), only_email.get)
    assert found == [(Assignment(("lead", "email"), "email", "name@example.com", any=True),)]


def test_many_independent_demands_are_answered_at_once() -> None:
    """Parts of an `and` that share no name are solved apart: twenty fields cost no more than twenty times one."""
    names = [f"f{number}" for number in range(20)]
    condition = parse_condition(" and ".join(f"lead.{name} is set" for name in names))
    [answer] = solve(condition, scope_of({}), lambda path: Domain("text"))
    assert [one.path[1] for one in answer] == names


def test_the_number_of_answers_is_bounded() -> None:
    """A combinatorial condition ends soon, with some answers."""
    parts = [f'(lead.a{number} in ["x", "y", "z"] or lead.b{number})' for number in range(12)]
    found = solve(parse_condition(" and ".join(parts)), scope_of({}), lambda path: Domain("text"))
    assert len(found) == MAX_ANSWERS


def test_a_search_without_end_is_cut_off() -> None:
    """What cannot be reached within the budget is answered like what cannot be reached."""
    names = " + ".join(f"lead.a{number}" for number in range(12))
    condition = parse_condition(f"{names} == 1 and {names} == 2")
    assert solve(condition, scope_of({}), lambda path: Domain("number")) == []


def check(expr: Expr, world: World) -> None:
    scope = scope_of(world)
    for answer in solve(expr, scope, DOMAINS.get):
        assert len({one.path for one in answer}) == len(answer)
        assert holds(expr, applied(answer, scope))
        for size in range(len(answer)):
            for part in combinations(answer, size):
                assert not holds(expr, applied(part, scope))


@given(conditions(), worlds())
def test_an_answer_makes_it_true_and_no_part_of_it_does(expr: Expr, world: World) -> None:
    """Over conditions such as people write."""
    check(expr, world)


@given(expressions(), worlds())
def test_answers_hold_for_senseless_conditions_too(expr: Expr, world: World) -> None:
    """Over anything well-formed: total, true, minimal."""
    check(expr, world)


REACHABLE = [
    "lead.price > 100",
    "lead.price <= lead.count + 5",
    'lead.client in ["legal", "known"]',
    'lead.client not in ["legal", "known"]',
    '"b" in lead.tags and "c" not in lead.tags',
    "lead.vip and lead.phone is set and lead.scan is empty",
    "lead.visit_on > today and lead.call_at < now",
    "lead.price != lead.count or lead.name is set",
    'not (lead.email is set) or lead.comment == "x" and lead.phones is set',
]


@given(st.sampled_from(REACHABLE), worlds())
def test_what_can_be_reached_is_reached(condition: str, world: World) -> None:
    """From every state: the search gives up on nothing that people write."""
    expr = parse_condition(condition)
    assert solve(expr, scope_of(world), DOMAINS.get)
    check(expr, world)
