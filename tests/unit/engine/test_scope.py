"""What conditions see (language.md, **Conditions**): every name, and nothing where a name says nothing."""

from collections.abc import Callable

import msgspec
import pytest

from leadflow.engine.draft import Cause, Draft
from leadflow.engine.expr import Path
from leadflow.engine.fields import Value
from leadflow.engine.scope import freeze, moment_value, scope
from leadflow.engine.verbs import Text
from tests.support.lead import TOP, Lead, pipeline

NOTHING = ("text", None)


@pytest.fixture(scope="module")
def lead() -> Lead:
    spec = pipeline(
        """
stages:
  one:
    on_enter: [{create_task: {id: ask, title: Ask, outcomes: {good: Good}}}]
    tracks: {t: {stages: {a: {exits: [{signal: x, goto: b}]}, b: {final: success}}}}
    exits: [{signal: end, goto: two}]
  two: {final: success}
""",
        TOP + "  vip: {type: flag, label: VIP}\n  amount: {type: money, label: Sum}\n",
    )
    made = Lead(spec).create(
        fields={
            "name": {"first": "Anna"},
            "price": "100",
            "phone": {"number": "+79161234567", "ext": "12"},
            "amount": "50",
        },
        source="site",
        consent=("email",),
        call_user="carl",
    )
    made.fact("paid", amount="20")
    made.state.documents = {"contract": "N 1"}
    return made


@pytest.fixture
def see(lead: Lead) -> Callable[[Path], tuple[str, Value]]:
    d = Draft(lead.pipeline, lead.state, lead.now)
    d.cause = Cause(
        name="paid", data={"amount": "5", "n": 3, "hot": True, "text": "x", "until": "2026-12-01"}
    )
    d.s.fields["price"] = "200"
    return scope(d)


SEEN: list[tuple[str, tuple[str, Value]]] = [
    ("lead.price", ("money", "200")),
    ("deal.price", ("money", "200")),
    ("was.lead.price", ("money", "100")),
    ("was.stage", ("text", "one")),
    ("lead.name.first", ("text", "Anna")),
    ("lead.name.last", NOTHING),
    ("lead.email.domain", NOTHING),
    ("lead.phone.ext", ("text", "12")),
    ("lead.vip", ("flag", False)),
    ("lead.note", NOTHING),
    ("lead", NOTHING),
    ("lead.id", ("text", "L1")),
    ("lead.number", ("number", None)),
    ("lead.title", NOTHING),
    ("lead.source", ("text", "site")),
    ("lead.call.user", ("user", "carl")),
    ("lead.call.other", NOTHING),
    ("lead.created", ("datetime", "2026-11-23T07:00:00Z")),
    ("lead.creator", ("user", "anna")),
    ("lead.owner", ("user", "anna")),
    ("lead.stage", ("text", "one")),
    ("lead.visits", ("number", "1")),
    ("lead.consent", ("choices", ["email"])),
    ("lead.paid", ("money", "20")),
    ("lead.unpaid", ("money", "30")),
    ("lead.nothing", NOTHING),
    ("stage", ("text", "one")),
    ("owner", ("user", "anna")),
    ("owner.name", NOTHING),
    ("task.ask", ("task", "open")),
    ("task.ask.outcome", NOTHING),
    ("task.ask.count", ("number", "1")),
    ("task.ask.colour", NOTHING),
    ("task.other", ("task", None)),
    ("task.other.outcome", NOTHING),
    ("task.other.count", ("number", "0")),
    ("task", NOTHING),
    ("track.t", ("track", "running")),
    ("track.other", ("track", None)),
    ("track", NOTHING),
    ("document.contract.number", ("text", "N 1")),
    ("document.other.number", NOTHING),
    ("document.contract", NOTHING),
    ("signal.amount", ("money", "5")),
    ("signal.n", ("number", "3")),
    ("signal.hot", ("flag", True)),
    ("signal.text", ("text", "x")),
    ("signal.until", ("date", "2026-12-01")),
    ("signal.name", ("text", "paid")),
    ("signal.other", NOTHING),
    ("signal", NOTHING),
    ("now", ("datetime", "2026-11-23T07:00:00Z")),
    ("today", ("date", "2026-11-23")),
    ("nonsense", NOTHING),
]


@pytest.mark.parametrize(("path", "seen"), SEEN, ids=[path for path, _ in SEEN])
def test_a_name_says(
    see: Callable[[Path], tuple[str, Value]], path: str, seen: tuple[str, Value]
) -> None:
    """Each name with its type; one that says nothing is an empty text."""
    assert see(tuple(path.split("."))) == seen


def test_without_an_amount_nothing_is_unpaid() -> None:
    """**Conditions**: ``unpaid`` counts against the field ``amount``."""
    lead = Lead("""
stages:
  one: {exits: [{signal: end, goto: two}]}
  two: {final: success}
""").create()
    see = scope(Draft(lead.pipeline, lead.state, lead.now))
    assert see(("lead", "unpaid")) == ("money", None)


def test_texts_freeze_what_the_engine_knows(lead: Lead) -> None:
    """What only the commit knows is left out: the owner, a number, a document's number not there yet."""
    d = Draft(lead.pipeline, lead.state, lead.now)
    names = (
        ("lead", "price"),
        ("owner", "name"),
        ("lead", "owner"),
        ("lead", "number"),
        ("document", "contract", "number"),
        ("document", "bill", "number"),
    )
    assert freeze(d, Text(names=names), None).values == {
        "lead.price": ("money", "100"),
        "document.contract.number": ("text", "N 1"),
    }
    d.s.number = 7
    assert "lead.number" in freeze(d, Text(names=names)).values


def test_the_date_a_moment_counts_from() -> None:
    """Of a field with several dates the first."""
    lead = Lead("""
stages:
  one: {exits: [{signal: end, goto: two}]}
  two: {final: success}
""").create()
    state = msgspec.structs.replace(
        lead.state, fields={"a": ["2026-11-24", "2026-11-25"], "b": [], "c": "2026-11-26", "d": 5}
    )
    assert [moment_value(state, name) for name in "abcde"] == [
        "2026-11-24", None, "2026-11-26", None, None,
    ]  # fmt: skip
