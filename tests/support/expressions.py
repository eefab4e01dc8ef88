"""Expressions and states to try conditions on: a small world of names of every type, and Hypothesis strategies over it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from leadflow.engine.conditions import Scope
from leadflow.engine.expr import (
    And,
    Arith,
    Compare,
    Expr,
    In,
    ListOf,
    Lit,
    Not,
    Or,
    Path,
    Ref,
    Test,
)
from leadflow.engine.fields import Value
from leadflow.engine.natives import ValueType
from leadflow.engine.remedies import Domain

World = Mapping[Path, tuple[ValueType, Value]]

DOMAINS: dict[Path, Domain] = {
    ("lead", "price"): Domain("money"),
    ("lead", "count"): Domain("number"),
    ("lead", "client"): Domain("choice", ("person", "legal", "known")),
    ("lead", "tags"): Domain("choices", ("a", "b", "c")),
    ("lead", "vip"): Domain("flag"),
    ("lead", "email"): Domain("email"),
    ("lead", "comment"): Domain("long_text"),
    ("lead", "name"): Domain("person"),
    ("lead", "phone"): Domain("phone"),
    ("lead", "phones"): Domain("phone", many=True),
    ("lead", "visit_on"): Domain("date"),
    ("lead", "call_at"): Domain("datetime"),
    ("lead", "scan"): Domain("file"),
    ("task", "contact"): Domain("task", ("done",)),
    ("track", "docs"): Domain("track", ("done", "failed")),
    ("now",): Domain("datetime"),
    ("today",): Domain("date"),
}
"""Every name of the world, and what it can become."""

_SAMPLES: dict[ValueType, list[Value]] = {
    "money": ["0", "1", "12500", "50000.5"],
    "number": ["0", "2", "-3", "0.5"],
    "choice": ["person", "legal"],
    "choices": [["a"], ["a", "b"]],
    "flag": [True, False],
    "email": ["a@example.com", "legal"],
    "long_text": ["legal", "it is urgent"],
    "person": [{"first": "Ivan"}, {"first": "Ivan", "last": "Petrov", "middle": "Ilyich"}],
    "phone": [{"number": "+79161234567"}, {"number": "+74950000000", "ext": "12"}],
    "date": ["2026-11-25", "2026-12-31"],
    "datetime": ["2026-11-25T11:00:00Z", "2026-12-31T21:00:00.500000Z"],
    "file": [{"id": "f1", "name": "scan.pdf", "size": 7}],
    "task": ["open", "done", "cancelled"],
    "track": ["running", "done", "failed"],
}
_NEVER_EMPTY = {"flag"}


def scope_of(world: World) -> Scope:
    """A scope that answers from a table; every other name says nothing."""
    return lambda path: world.get(path, ("text", None))


def _values(path: Path, domain: Domain) -> st.SearchStrategy[tuple[ValueType, Value]]:
    values: list[Value] = list(_SAMPLES[domain.type])
    if domain.many:
        values = [values[:1], values]
    if domain.type not in _NEVER_EMPTY and path not in {("now",), ("today",)}:
        values.append(None)
    return st.sampled_from([(domain.type, value) for value in values])


def worlds() -> st.SearchStrategy[World]:
    """States in which every name has a canonical value of its type, or none."""
    return st.fixed_dictionaries({path: _values(path, domain) for path, domain in DOMAINS.items()})


def broken_worlds() -> st.SearchStrategy[World]:
    """States in which a name may be of any type and hold any JSON."""
    kinds = st.sampled_from(sorted({domain.type for domain in DOMAINS.values()}))
    words = st.text(max_size=6) | st.sampled_from(
        ["NaN", "-Infinity", "1e999999", "٣", "0001-01-01T00:00:00+05:00"]
    )
    json = st.recursive(
        st.none() | st.booleans() | st.integers() | words,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
        max_leaves=4,
    )
    return st.fixed_dictionaries({path: st.tuples(kinds, json) for path in DOMAINS})


TEXTS = [
    "legal",
    "known",
    "a",
    "urgent",
    "2026-12-01",
    "2026-12-01T10:00:00Z",
    "+79161234567",
    'say "yes"',
]
NUMBERS = ["0", "1", "-5", "0.5", "12500", "50000"]

literals: st.SearchStrategy[Expr] = st.one_of(
    st.sampled_from(TEXTS).map(lambda value: Lit("text", value)),
    st.sampled_from(NUMBERS).map(lambda value: Lit("number", value)),
    st.booleans().map(lambda value: Lit("flag", value)),
)
refs: st.SearchStrategy[Expr] = st.sampled_from(sorted(DOMAINS)).map(Ref)


def _above(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    compare_ops: Any = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
    arith_ops: Any = st.sampled_from(["+", "-", "*", "/"])
    tests: Any = st.sampled_from(["set", "empty", "open", "done", "failed"])
    lists = st.lists(inner, max_size=3).map(lambda items: ListOf(tuple(items)))
    return st.one_of(
        several.map(And),
        several.map(Or),
        inner.map(Not),
        st.builds(Compare, compare_ops, inner, inner),
        st.builds(In, inner, lists | inner),
        st.builds(Arith, arith_ops, inner, inner),
        st.builds(Test, tests, inner),
    )


def expressions(leaves: int = 8) -> st.SearchStrategy[Expr]:
    """Well-formed expressions, most of them senseless."""
    return st.recursive(literals | refs, _above, max_leaves=leaves)


def _sensible_atoms() -> st.SearchStrategy[Expr]:
    def compared(
        names: list[str], ops: list[str], values: st.SearchStrategy[Expr]
    ) -> st.SearchStrategy[Expr]:
        named: Any = st.sampled_from([Ref(("lead", name)) for name in names])
        picked: Any = st.sampled_from(ops)
        return st.builds(Compare, picked, named, values)

    numbers: Any = st.sampled_from(NUMBERS).map(lambda value: Lit("number", value))
    options: Any = st.sampled_from([Lit("text", option) for option in ("person", "legal", "known")])
    sums = st.builds(
        Arith, st.sampled_from(["+", "-", "*", "/"]), st.just(Ref(("lead", "count"))), numbers
    )
    return st.one_of(
        compared(["price", "count"], ["==", "!=", "<", "<=", ">", ">="], numbers | sums),
        compared(["client"], ["==", "!="], options),
        compared(
            ["visit_on"],
            ["<", ">=", "=="],
            st.sampled_from([Lit("text", "2026-12-15"), Ref(("today",))]),
        ),
        compared(["call_at"], ["<", ">"], st.just(Ref(("now",)))),
        st.builds(In, options, st.just(Ref(("lead", "client")))),
        st.builds(
            In,
            st.just(Ref(("lead", "client"))),
            st.lists(options, min_size=1).map(lambda o: ListOf(tuple(o))),
        ),
        st.builds(
            In,
            st.sampled_from([Lit("text", "a"), Lit("text", "c")]),
            st.just(Ref(("lead", "tags"))),
        ),
        st.builds(Test, st.sampled_from(["set", "empty"]), refs),
        st.sampled_from(
            [Ref(("lead", "vip")), Ref(("lead", "email")), Test("done", Ref(("task", "contact")))]
        ),
    )


def conditions(leaves: int = 5) -> st.SearchStrategy[Expr]:
    """Conditions such as people write."""
    return st.recursive(
        _sensible_atoms(),
        lambda inner: st.one_of(
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
            inner.map(Not),
        ),
        max_leaves=leaves,
    )
