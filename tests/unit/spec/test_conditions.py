"""Reading conditions: the grammar, its agreement with Jinja, every mistake at its column."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, strategies as st

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
    Ref,
    Test,
    children,
    text,
)
from leadflow.spec.conditions import (
    MAX_LENGTH,
    ConditionError,
    ConditionIssue,
    parse_computed,
    parse_condition,
)
from tests.support.expressions import expressions
from tests.support.jinja_oracle import flat, read_by_jinja

PRICE, CLIENT = Ref(("lead", "price")), Ref(("lead", "client"))
LEGAL, FIVE = Lit("text", "legal"), Lit("number", "5")


@pytest.mark.parametrize(
    ("condition", "expr"),
    [
        ("lead.call.user is set", Test("set", Ref(("lead", "call", "user")))),
        ("task.contact is open", Test("open", Ref(("task", "contact")))),
        ("track.docs is not done", Not(Test("done", Ref(("track", "docs"))))),
        ('lead.client == "known"', Compare("==", CLIENT, Lit("text", "known"))),
        ("lead.client == 'known'", Compare("==", CLIENT, Lit("text", "known"))),
        ('lead.client in ["legal"]', In(CLIENT, ListOf((LEGAL,)))),
        ('lead.client in ["legal",]', In(CLIENT, ListOf((LEGAL,)))),
        ("lead.client in []", In(CLIENT, ListOf())),
        ('lead.client not in ["legal"]', Not(In(CLIENT, ListOf((LEGAL,))))),
        ("lead.price>=5.0", Compare(">=", PRICE, FIVE)),
        ("1 < lead.price < 5", And((Compare("<", Lit("number", "1"), PRICE), Compare("<", PRICE, FIVE)))),
        ("lead.price * 5 - 5", Arith("-", Arith("*", PRICE, FIVE), FIVE)),
        ("-5", Lit("number", "-5")),
        ("--5", FIVE),
        ("-lead.price", Arith("-", Lit("number", "0"), PRICE)),
        ("lead.a or lead.b and not lead.c", Or((Ref(("lead", "a")), And((Ref(("lead", "b")), Not(Ref(("lead", "c")))))))),
        ("lead.price + lead.a is set", Arith("+", PRICE, Test("set", Ref(("lead", "a"))))),
        ("true", Lit("flag", True)),
        ("was.price < lead.price", Compare("<", Ref(("was", "lead", "price")), PRICE)),
        ("was.lead.price is set", Test("set", Ref(("was", "lead", "price")))),
        ("was", Ref(("was",))),
        ("lead.price\n  > 5", Compare(">", PRICE, FIVE)),
    ],
)  # fmt: skip
def test_conditions_are_read_as_jinja_reads_them(condition: str, expr: Expr) -> None:
    """Each row: what an author writes, and the tree."""
    assert parse_condition(condition) == expr


def test_what_was_belongs_to_the_pipelines_kind() -> None:
    """In a deal `was.price` is the deal's; who writes the root has said it himself."""
    assert parse_condition("was.price", "deal") == Ref(("was", "deal", "price"))
    assert parse_condition("was.deal.price") == Ref(("was", "deal", "price"))


@pytest.mark.parametrize(
    ("condition", "issues"),
    [
        ("", ["0: the condition is empty | write one like lead.price > 1000"]),
        ("lead.a = 5", ["7: '=' means nothing in a condition | write '=='"]),
        (
            "lead.a = 5 && !lead.b || lead.c <> 1",
            [
                "7: '=' means nothing in a condition | write '=='",
                "11: '&&' means nothing in a condition | write 'and'",
                "14: '!' means nothing in a condition | write 'not'",
                "22: '||' means nothing in a condition | write 'or'",
                "32: '<>' means nothing in a condition | write '!='",
            ],
        ),
        ("lead.a === 5", ["7: '===' means nothing in a condition | write '=='"]),
        ("lead.a ≥ 5", ["7: '≥' means nothing in a condition | write '>='"]),
        ("lead.a == “x”", ['10: these quotes are not straight | write "x"']),
        ("lead.a == «x»", ['10: these quotes are not straight | write "x"']),
        ("lead.a AND lead.b", ["7: 'AND' is not expected here | write 'and' in small letters"]),
        ("lead.a == 5 if lead.b", ["12: 'if' means nothing in a condition | a condition holds or not; it chooses no value"]),
        ("lead.a > 12 500", ["12: a number is written without spaces and commas | like 12500 or 0.5"]),
        ("lead.a > 12,5", ["11: a number is written without spaces and commas | like 12500 or 0.5"]),
        ("lead.a > 1_000", ["9: '1_000' is not a number | write it in digits, like 12500 or 0.5; a text stands in quotes"]),
        ("lead.a > 010", ["9: '010' is not a number | write it in digits, like 12500 or 0.5; a text stands in quotes"]),
        ("lead.a lead.b", ["7: a word is missing before 'lead' | join conditions with 'and' or 'or'; a text stands in quotes"]),
        ("lead.a)", ["6: ')' closes nothing | remove it"]),
        ("lead.a , 5", ["7: ',' is not expected here | "]),
        ("(lead.a", ["0: '(' is opened here and not closed | add ')'"]),
        ("lead.a in [1, 2", ["10: '[' is opened here and not closed | add ']'"]),
        ('lead.a in ("x", "y")', ['10: a list stands in [ ], not in ( ) | write ["one", "two"]']),
        ("lead.a not lead.b", ["11: 'in' is missing after 'not' | write lead.client not in [\"legal\"]"]),
        ("lead.a +", ["8: a value is missing after '+' | a value is a name like lead.price, a number, or a text in quotes"]),
        ("lead.a == or lead.b", ["10: a value is missing before 'or' | a value is a name like lead.price, a number, or a text in quotes"]),
        ("and lead.b", ["0: a value is missing before 'and' | a value is a name like lead.price, a number, or a text in quotes"]),
        ("lead.", ["5: a name is missing after 'lead.' | "]),
        ("lead.a()", ["6: 'lead.a' cannot be called | conditions only read names and compare them"]),
        ('lead["a"]', ["4: [ ] after a name means nothing in a condition | write a dot: lead.price"]),
        ("lead.a | round", ["7: filters work in texts, not in conditions | compare the value itself; for 'one or the other' write 'or'"]),
        ("{{ lead.a", ["0: a condition stands without braces | write it as it is: lead.price > 1000"]),
        ("lead.a ** 2", ["7: '**' means nothing in a condition | a condition knows and, or, not, in, is, comparisons and + - * /"]),
        ('lead.a == "x', ['10: a quote is opened and not closed | end the text with "']),
        (r'lead.a == "x\n"', ["12: a backslash cannot stand in a quoted text | leave it out"]),
        ("lead.a is filled", ["10: 'is filled' means nothing in a condition | write 'is set'"]),
        ("lead.a is not none", ["14: 'is none' means nothing in a condition | write 'is empty'"]),
        ("task.a is opne", ["10: 'is opne' means nothing in a condition | write 'is open'"]),
        ("lead.a is beautiful", ["10: 'is beautiful' means nothing in a condition | after 'is' stands set, empty, open, done or failed"]),
        ('lead.a is "x"', ["10: after 'is' stands set, empty, open, done or failed | compare with ==, like lead.client == \"legal\"; a yes-or-no field stands alone"]),
        ("lead.a is true", ["10: after 'is' stands set, empty, open, done or failed | compare with ==, like lead.client == \"legal\"; a yes-or-no field stands alone"]),
        ("lead.a is set is set", ["14: 'is' is not expected here | put what stands before in ( )"]),
        ("lead.a == none", ["10: 'none' means nothing in a condition | write 'is empty' or 'is set'"]),
        ("lead.a is none and lead.b = 1", [
            "10: 'is none' means nothing in a condition | write 'is empty'",
            "26: '=' means nothing in a condition | write '=='",
        ]),
    ],
)  # fmt: skip
def test_every_mistake_is_shown_at_its_column(condition: str, issues: list[str]) -> None:
    """Each row: what was written, and all that is said about it, ``offset: message | hint``."""
    with pytest.raises(ConditionError) as caught:
        parse_condition(condition)
    assert [
        f"{one.column_offset}: {one.message} | {one.hint}" for one in caught.value.all
    ] == issues
    assert str(caught.value) == caught.value.all[0].message


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("(" * 40 + "1" + ")" * 40, "the condition is nested too deeply"),
        ("not " * 40 + "lead.a", "the condition is nested too deeply"),
        ("-" * 40 + "1", "the condition is nested too deeply"),
        ("[" * 40, "the condition is nested too deeply"),
        (" + ".join(["1"] * 40), "the condition has 79 parts, 40 deep; at most 200 and 32"),
        (" or ".join(["1"] * 200), "the condition has 201 parts, 2 deep; at most 200 and 32"),
        ("1 " * MAX_LENGTH, f"a condition has at most {MAX_LENGTH} characters, this one 4000"),
        ("(" * MAX_LENGTH, "the condition is nested too deeply"),
    ],
    ids=["parentheses", "not", "minus", "lists", "sum", "parts", "long", "open"],
)
def test_a_condition_is_bounded(condition: str, message: str) -> None:
    """Depth, size and length are limited, so that nothing an author writes can exhaust the engine."""
    with pytest.raises(ConditionError) as caught:
        parse_condition(condition)
    assert [one.message for one in caught.value.all] == [message]


def test_as_much_as_is_allowed_is_read() -> None:
    """The limits themselves are inside."""
    assert len(children(parse_condition(" or ".join(["1"] * 199)))) == 199
    assert parse_condition("(" * 32 + "1" + ")" * 32) == Lit("number", "1")


@pytest.mark.parametrize(
    ("written", "expr"),
    [
        ("{{ lead.price * 5 }}", Arith("*", PRICE, FIVE)),
        ("{{lead.price}}", PRICE),
        ("  {{- lead.price -}}\n", PRICE),
        ("lead.price", None),
        ("{{ lead.name }} of {{ lead.price }}", None),
        ("about {{ lead.price }}", None),
        ("{% if lead.vip %}1{% endif %}", None),
        ("", None),
    ],
)
def test_only_one_whole_pair_of_braces_is_computed(written: str, expr: Expr | None) -> None:
    """Everything else that a `set` may hold is a plain value or a text."""
    assert parse_computed(written) == expr


def test_a_mistake_in_braces_keeps_its_column() -> None:
    """Offsets count from the start of the whole text."""
    with pytest.raises(ConditionError) as caught:
        parse_computed("{{ lead.price % 2 }}")
    assert [one.column_offset for one in caught.value.all] == [14]


@given(expressions())
def test_what_is_written_is_read_back(expr: Expr) -> None:
    """`text` and `parse_condition` are each other's inverse."""
    assert parse_condition(text(expr)) == expr


@given(
    st.text(
        alphabet="lead.price is not set and or in (){}[]<>=!&|\"'\\1205,+-*/~%\n«я", max_size=60
    )
)
def test_reading_never_fails_otherwise(written: str) -> None:
    """Whatever was written is read, or refused with places inside the text."""
    issues: tuple[ConditionIssue, ...] | None = None
    try:
        parse_condition(written)
    except ConditionError as error:
        issues = error.all
    assert issues is None or issues
    assert all(0 <= one.column_offset <= len(written) for one in issues or ())


@given(expressions())
def test_jinja_reads_our_writing_alike(expr: Expr) -> None:
    """Every expression of ours is one of Jinja's and has the same structure there."""
    assert read_by_jinja(text(expr)) == flat(expr)


@given(expressions())
def test_what_we_accept_jinja_reads_alike(expr: Expr) -> None:
    """Without its parentheses too: no condition means one thing in a condition and another in a template."""
    written = text(expr).replace("(", "").replace(")", "")
    with contextlib.suppress(ConditionError):
        assert flat(parse_condition(written)) == read_by_jinja(written)
