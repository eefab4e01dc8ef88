"""Conversion (language.md, **convert**; S41 to S44): chosen, gated, all or nothing, once."""

from leadflow.engine.effects import ConvertLead, OwnerChanged, TaskOpened
from leadflow.engine.events import SYSTEM, ConvertDone, ConvertFailed, EffectDone, OwnerFound
from tests.support.lead import TOP, Lead, pipeline

TOP_ASK = TOP.replace("label: Phone}", "label: Phone, goes_to: ask}")
STAGES = """
stages:
  one:
    on_enter: [{create_task: {id: call, title: Call, due: 1 hour}}, {notify: owner}]
    when: [{signal: replied, do: [{add: {count: 1}}]}]
    exits:
      - {signal: convert, goto: won, set: {note: converted}, do: [{send_email: thanks}]}
      - {signal: signed, goto: won}
  won:
    final: success
    reopen: one
    convert:
      - {if: lead.client == "person", create: [contact, deal], requires: [name]}
      - {create: [contact, company, deal], pipeline: test-deal, map: {sum: price}}
  lost: {final: failure}
"""
FILLED = {"email": "a@example.com", "price": "100"}


def lead_for(client: str = "legal") -> Lead:
    return Lead(pipeline(STAGES, TOP_ASK)).create(fields={**FILLED, "client": client})


def failed(lead: Lead, reason: str = "INN is not known") -> None:
    assert lead.state.converting is not None
    lead.tell(ConvertFailed(id="f", key=lead.state.converting.key, reason=reason))


def test_the_way_is_taken_when_the_rows_are_there() -> None:
    """The commit makes the rows first: until then the lead stays, nothing of the final stage happens."""
    lead = lead_for()
    assert lead.signal("convert") == []
    assert (lead.stage, lead.open, lead.sent) == ("one", ["call"], [])
    assert "note" not in lead.state.fields
    lead.converted(contact="C1", company="F1", deal="D1")
    assert (lead.stage, lead.state.closed, lead.open) == ("won", "success", [])
    assert lead.sent == ["send_email:thanks"]
    assert (lead.state.fields["note"], lead.state.conversions) == ("converted", 1)
    assert lead.state.created_records == {"contact": "C1", "company": "F1", "deal": "D1"}


def test_fields_go_where_they_belong() -> None:
    """S44: ``goes_to`` by type; ``ask``: where the manager keeps it, else both; ``map``: the deal's own names."""
    lead = lead_for()
    lead.set(phone={"number": "+79161234567"}, name={"first": "Anna"})
    lead.signal("convert")
    (asked,) = lead.asked(ConvertLead)
    assert (asked.create, asked.pipeline) == (("contact", "company", "deal"), "test-deal")
    assert (asked.key, asked.conversion) == ("L1/pipeline/0/convert/1", 1)
    assert asked.fields["contact"]["phone"] == asked.fields["company"]["phone"]
    assert asked.fields["deal"]["sum"] == "100"
    assert asked.fields["deal"]["note"] == "converted", "what the exit sets goes along"
    assert "name" not in asked.fields["company"]

    chosen = lead_for()
    chosen.signal(
        "convert", fields={"phone": {"number": "+79161234567"}}, goes_to={"phone": ("company",)}
    )
    (asked,) = chosen.asked(ConvertLead)
    assert "phone" not in asked.fields["contact"]


def test_the_chosen_conversions_gates_hold() -> None:
    """Meaning 3: gates of the chosen conversion; another of the listed may be named by hand."""
    lead = lead_for("person")
    assert lead.signal("convert") == ["name"]
    assert lead.signal("convert", convert=("deal",)) == ["bad_value"]
    assert lead.signal("convert", convert=("deal", "company", "contact")) == []
    assert lead.asked(ConvertLead)[0].pipeline == "test-deal"


def test_while_it_is_converted_the_lead_waits() -> None:
    """Decisions are refused, facts kept, no timer runs; afterwards the facts are applied."""
    lead = lead_for()
    key = lead.out[0]
    lead.signal("convert")
    assert lead.next == ""
    assert lead.set(note="x") == ["not_now"]
    assert lead.signal("convert") == ["not_now"]
    lead.fact("paid", amount="10")
    lead.tell(EffectDone(id="d", key=key, result="accepted"))
    assert (len(lead.state.held), lead.state.paid) == (2, "0")
    lead.converted()
    assert (lead.state.held, lead.state.paid, lead.state.closed) == ((), "10", "success")
    assert key not in lead.state.sends


def test_a_refused_conversion_leaves_the_lead_where_it_was() -> None:
    """**convert**: its exit stays pending, a task names the reason; done, it is tried again."""
    lead = lead_for()
    lead.signal("convert")
    failed(lead)
    assert (lead.stage, lead.state.converting, lead.pending) == ("one", None, ["one/exits/0"])
    assert lead.open == ["call", "convert_failed"]
    assert lead.asked(TaskOpened)[-1].frozen.values == {"reason": ("text", "INN is not known")}
    assert lead.next == "2026-11-23 11:00"
    lead.set(note="x")
    assert lead.state.converting is None, "not tried again by itself"
    lead.task("convert_failed")
    assert lead.asked(ConvertLead)[-1].key == "L1/pipeline/0/convert/2"
    lead.converted(deal="D1")
    assert lead.stage == "won"


def test_a_refused_conversion_may_be_decided_again() -> None:
    """The manager presses the button again; the pending exit and the task end with the visit."""
    lead = lead_for()
    lead.signal("convert")
    failed(lead)
    failed_again = lead.signal("convert")
    assert failed_again == []
    failed(lead, "no")
    assert (len(lead.pending), lead.open) == (1, ["call", "convert_failed"])
    lead.signal("convert")
    lead.converted()
    assert (lead.pending, lead.open) == ([], [])


def test_facts_held_meanwhile_are_applied_after_a_refusal() -> None:
    """What came during the attempt is not lost by its failure."""
    lead = lead_for()
    lead.signal("convert")
    lead.fact("replied")
    failed(lead)
    assert (lead.state.fields["count"], lead.state.held) == ("1", ())


def test_a_facts_conversion() -> None:
    """A fact converts too; blocked it waits, and goes when the gates hold."""
    lead = lead_for("person")
    lead.fact("signed")
    assert lead.pending == ["one/exits/1"]
    lead.set(name={"first": "Anna"})
    assert lead.state.converting is not None
    lead.converted()
    assert lead.stage == "won"


def test_answers_nobody_waits_for() -> None:
    """A late answer of an earlier attempt is only recorded."""
    lead = lead_for()
    lead.tell(ConvertDone(id="d", key="L1/pipeline/0/convert/9"))
    lead.tell(ConvertFailed(id="f", key="L1/pipeline/0/convert/9", reason="no"))
    assert (lead.stage, [note.subject for note in lead.noted("recorded")]) == (
        "one",
        ["convert_done", "convert_failed"],
    )


def test_a_reopened_lead_converts_again() -> None:
    """Effect keys and the number of the conversion go on."""
    lead = lead_for()
    lead.signal("convert")
    lead.converted()
    lead.reopen()
    lead.signal("convert")
    assert [e.conversion for e in lead.asked(ConvertLead)] == [1, 2]


def test_without_a_matching_conversion_the_lead_just_ends() -> None:
    """**convert**: the first that matches; none matches: nothing is made."""
    lead = Lead("""
stages:
  one: {exits: [{signal: go, goto: won}]}
  won: {final: success, convert: [{if: lead.note is set, create: [deal]}]}
""").create()
    lead.signal("go")
    assert (lead.state.closed, lead.asked(ConvertLead)) == ("success", [])


def test_an_automatic_conversion() -> None:
    """S48: by itself when conditions hold; what else would follow waits for the commit."""
    lead = Lead("""
stages:
  one:
    exits:
      - {if: lead.note is set, goto: won}
      - {signal: replied, goto: lost, requires: [note]}
  won: {final: success, convert: [{create: [deal]}]}
  lost: {final: failure}
""").create()
    lead.fact("replied")
    assert lead.pending == ["one/exits/1"]
    lead.set(note="x")
    assert lead.state.converting is not None
    lead.converted()
    assert lead.stage == "won"


def test_two_that_could_go_at_once() -> None:
    """A pending exit that converts holds back the pending ones after it, and the pipeline's automatic ones."""
    lead = Lead("""
exits: [{if: lead.note is set, goto: lost}]
stages:
  one:
    exits:
      - {signal: signed, goto: won, requires: [note]}
      - {signal: replied, goto: lost, requires: [note]}
      - {if: lead.note is set, goto: won}
  won: {final: success, convert: [{create: [deal]}]}
  lost: {final: failure}
""").create()
    lead.fact("replied")
    lead.fact("signed")
    lead.set(note="x")
    assert (lead.stage, lead.state.converting is not None) == ("one", True)
    lead.converted()
    assert lead.stage == "won"


def test_a_new_owner_during_the_conversion_is_told_afterwards() -> None:
    """A fact that the converting step itself gave rise to waits with those from outside."""
    lead = Lead("""
stages:
  one:
    when: [{signal: replied, do: [{assign: boris}]}, {signal: reassigned, do: [{add: {count: 1}}]}]
    exits: [{signal: replied, goto: won}]
  won: {final: success, convert: [{create: [deal]}]}
""").create()
    lead.fact("replied")
    assert [effect.owner for effect in lead.asked(OwnerChanged)] == ["anna", "boris"]
    assert (len(lead.state.held), lead.state.fields) == (1, {})
    assert lead.state.converting is not None
    lead.tell(ConvertFailed(id="f", key=lead.state.converting.key, reason="no"))
    assert (lead.state.fields["count"], lead.state.held) == ("1", ())


def test_a_task_without_an_owner_yet() -> None:
    """An answer of the commit to something else is kept too."""
    lead = Lead(
        "routing: [{assign: {round_robin: sales}}]\n"
        """
stages:
  one: {exits: [{signal: signed, goto: won}]}
  won: {final: success, convert: [{create: [deal]}]}
"""
    ).create(by=SYSTEM)
    lead.fact("signed")
    lead.tell(OwnerFound(id="o", key=lead.state.finding, owner="boris"))
    assert lead.state.owner == ""
    lead.converted()
    assert lead.state.owner == "boris"


def test_a_conversion_without_a_deal() -> None:
    """S41: any combination; a deal's fields go nowhere then."""
    lead = Lead("""
stages:
  one: {exits: [{signal: go, goto: won}]}
  won: {final: success, convert: [{create: [contact], map: {sum: price}}]}
""").create(fields=FILLED)
    lead.signal("go")
    assert lead.asked(ConvertLead)[0].fields == {"contact": {"email": "a@example.com"}}
