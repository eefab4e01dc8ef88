"""Writing fields (language.md, **set add clear**, Meaning 3): canonical values in, everything else left out."""

import pytest

from leadflow.engine.fields import Field, FieldType, Value
from leadflow.engine.write import fits
from tests.support.lead import Lead, pipeline


def do(actions: str) -> Lead:
    return Lead(f"""
stages:
  one:
    when: [{{signal: go, do: [{actions}]}}]
    exits: [{{signal: end, goto: two}}]
  two: {{final: success}}
""")


def test_set_computes_one_after_the_other() -> None:
    """**set**: literals, whole expressions, each seeing what those before it wrote; ``clear`` empties."""
    lead = do('{set: {price: "200", note: "{{ lead.price * 2 }}"}}, {clear: [client, day]}')
    lead.create(fields={"client": "legal", "price": "1"}).signal("go")
    assert lead.state.fields == {"price": "200", "note": "400"}


def test_dates_take_a_moment() -> None:
    """**set**: a date takes a moment: the day in the pipeline's zone, or the instant; an empty field clears it."""
    lead = do(
        "{set: {day: 1 working day, visit: 3 hours}}, {set: {visit: 1 hour before visit}, id: b}"
    )
    lead.create().signal("go")
    assert lead.state.fields == {"day": "2026-11-24", "visit": "2026-11-23T09:00:00Z"}
    cleared = do("{set: {day: 1 day after visit}}").create(fields={"day": "2026-11-24"})
    cleared.signal("go")
    assert cleared.state.fields == {}


def test_add_counts() -> None:
    """**add**: an empty field counts as nothing; the result is canonical; what is too great is no number."""
    lead = do("{add: {count: 0.5, price: -1}}").create(fields={"price": "1"})
    lead.signal("go")
    lead.signal("go")
    assert lead.state.fields == {"count": "1", "price": "-1"}
    lead.set(count="9" * 45)
    lead.signal("go")
    assert lead.state.fields.get("count", "") != "nan"


FORMS: list[tuple[FieldType, Value, Value]] = [
    ("text", "x", 5),
    ("person", {"first": "Anna"}, {"first": 5}),
    ("phone", {"number": "+79161234567"}, {"kind": "home"}),
    ("choice", "a", "c"),
    ("choices", ["a", "b"], ["a", "c"]),
    ("choices", ["a"], "a"),
    ("money", "12.50", "much"),
    ("number", "1", 1),
    ("flag", True, "true"),
    ("date", "2026-11-25", "25.11.2026"),
    ("datetime", "2026-11-25T11:00:00Z", "2026-11-25"),
    ("file", {"id": "f1", "name": "a.pdf", "size": 3}, {"name": "a.pdf"}),
    ("user", "anna", ["anna"]),
]


@pytest.mark.parametrize(("kind", "good", "bad"), FORMS, ids=lambda value: str(value)[:12])
def test_the_canonical_form_of_each_type(kind: FieldType, good: Value, bad: Value) -> None:
    """Only the canonical form of a field's type is written (`leadflow.engine.fields`); empty is always possible."""
    field = Field(id="f", type=kind, label="F", options={"a": "A", "b": "B"})
    assert fits(field, good)
    assert not fits(field, bad)
    assert fits(field, None)


def test_a_field_with_many_holds_a_list() -> None:
    """**Field** many: a list of canonical values."""
    field = Field(id="f", type="email", label="F", many=True)
    assert fits(field, ["a@example.com"])
    assert not fits(field, "a@example.com")


def test_bad_values_are_all_answered() -> None:
    """Refusals: ``bad_value`` names its field; an unknown field too; nothing is written."""
    lead = do("{notify: owner}").create()
    assert lead.set(price="much", colour="red", note="x") == ["bad_value", "bad_value"]
    assert [refusal.field for refusal in lead.told.refusals] == ["price", "colour"]
    assert lead.state.fields == {}
    assert lead.set(note="") == []
    assert lead.state.fields == {}


def test_a_flag_starts_false() -> None:
    """**Field**: a flag starts false."""
    spec = pipeline(
        """
stages:
  one: {exits: [{if: lead.vip, goto: two}]}
  two: {final: success}
""",
        "pipeline: test\nfields: {vip: flag}\n",
    )
    lead = Lead(spec).create()
    assert lead.stage == "one"
    lead.set(vip=None)
    assert lead.stage == "one"
    lead.set(vip=True)
    assert lead.stage == "two"
