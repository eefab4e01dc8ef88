"""Facts from the world (language.md, **Signal**, Meaning 3, 9): recorded, with what they bring."""

from tests.support.lead import Lead, pipeline

STAGES = """
when:
  - {signal: paid, if: lead.unpaid == 0, do: [{set: {note: all}}]}
stages:
  one: {exits: [{signal: go, goto: two}]}
  two: {final: success}
"""


def test_payments_add_up() -> None:
    """**paid** with ``signal.amount``: counts against the field ``amount``; what is no number is left out."""
    top = """
pipeline: test
fields: {amount: {type: money, currency: RUB}, note: text}
"""
    lead = Lead(pipeline(STAGES, top)).create(fields={"amount": "100"})
    for amount, paid in (("40", "40"), ("much", "40"), (None, "40"), ("59.5", "99.5")):
        lead.fact("paid", amount=amount)
        assert lead.state.paid == paid
    assert "note" not in lead.state.fields
    lead.fact("paid", amount="0.5")
    assert lead.state.fields["note"] == "all"


def test_a_repeated_inquiry_fills_only_empty_fields() -> None:
    """**repeat** join: what the client says again does not overwrite what is known."""
    lead = Lead(STAGES.replace("lead.unpaid == 0", "lead.note is set")).create(
        fields={"note": "first"}
    )
    lead.signal("repeated", fields={"note": "second", "count": "2", "price": "much"})
    assert lead.state.fields == {"note": "first", "count": "2"}
    assert lead.noted("signal")[0].detail["left_out"] == {
        "price": "'Price': this value is no money"
    }


def test_the_data_of_a_signal_by_its_type() -> None:
    """**Conditions** see ``signal``: a number, a flag, a text, a date, its name."""
    lead = Lead("""
stages:
  one:
    when:
      - {signal: go, if: signal.size > 10, do: [{set: {count: 1}}]}
      - {signal: [go, stay], id: flag, if: signal.hot, do: [{set: {note: hot}}]}
      - {signal: [go, stay], id: name, if: signal.name == "stay", do: [{set: {client: legal}}]}
      - {signal: out_of_office, if: signal.until > lead.day, do: [{set: {price: 1}}]}
    exits: [{signal: end, goto: two}]
  two: {final: success}
""").create(fields={"day": "2026-12-01"})
    lead.signal("go", data={"size": 11})
    lead.signal("stay", data={"hot": True})
    lead.fact("out_of_office", until="2026-12-02")
    assert lead.state.fields == {
        "day": "2026-12-01",
        "count": "1",
        "note": "hot",
        "client": "legal",
        "price": "1",
    }
