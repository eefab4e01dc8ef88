"""The responsible (language.md, **routing**, **reassign**; S12, S13, S15)."""

from leadflow.engine.effects import FindOwner, NotifyPeople, OwnerChanged
from leadflow.engine.events import SYSTEM, OwnerFound
from tests.support.lead import ADMIN, ANNA, OLGA, STRANGER, Lead

STAGES = """
stages:
  one:
    on_enter: [{create_task: {id: call, title: Call}}]
    when:
      - {signal: reassigned, do: [{add: {count: 1}}]}
      - {signal: mine, do: [{assign: creator}]}
      - {signal: nobody, do: [{assign: nobody}]}
      - {signal: boss, do: [{assign: supervisor}]}
      - {signal: field, do: [{assign: "{{ lead.who }}"}]}
      - {signal: same, do: [{assign: owner}]}
    exits: [{signal: go, goto: two}]
  two: {final: success}
"""


def find(lead: Lead, owner: str) -> None:
    lead.tell(OwnerFound(id="f", key=lead.state.finding, owner=owner, why="least busy"))


def test_the_first_rule_that_holds() -> None:
    """**routing**: the first that matches; a user known by name needs no search."""
    routing = """
routing:
  - {if: lead.call.user is set, assign: "{{ lead.call.user }}"}
  - {if: lead.client == "legal", assign: boris}
  - {assign: {round_robin: sales}}
"""
    lead = Lead(routing.replace('"{{ lead.call.user }}"', "lead.call.user") + STAGES)
    assert Lead(lead.pipeline).create(call_user="carl").state.owner == "carl"
    assert Lead(lead.pipeline).create(fields={"client": "legal"}).state.owner == "boris"
    lead.create()
    (asked,) = lead.asked(FindOwner)
    assert (asked.to.how, asked.why, lead.state.owner) == ("round_robin", "routing", "")
    find(lead, "dora")
    assert (lead.state.owner, lead.state.finding) == ("dora", "")
    assert lead.noted("assigned")[0].detail["why"] == "least busy"


def test_without_a_rule_whoever_entered_the_lead_keeps_it() -> None:
    """S12: every lead has one; a lead nobody entered waits for somebody to take it."""
    assert Lead(STAGES).create(by=ANNA).state.owner == "anna"
    lead = Lead(STAGES).create(by=SYSTEM)
    assert (lead.state.owner, lead.asked(OwnerChanged)) == ("", [])
    assert lead.assign("boris", by=STRANGER) == []


def test_an_owner_given_from_outside() -> None:
    """A form's or an import's owner: routing does not run."""
    lead = Lead("routing: [{assign: boris}]\n" + STAGES).create(owner="dora")
    assert lead.state.owner == "dora"


def test_assigning_by_hand() -> None:
    """A decision of the owner, who entered it, or those above; the fact ``reassigned`` follows."""
    lead = Lead(STAGES).create(by=ANNA)
    assert lead.assign("boris", by=STRANGER) == ["not_allowed"]
    assert lead.assign("boris") == []
    assert lead.state.former_owners == ("anna",)
    assert lead.state.fields["count"] == "1"
    assert lead.assign("anna", by=OLGA) == []
    assert (lead.state.owner, lead.state.former_owners) == ("anna", ("boris",))
    assert lead.assign("anna") == []
    assert lead.told.effects == ()


def test_assigning_by_an_action() -> None:
    """**assign**: a person, ``nobody``, a role the commit finds, a user field."""
    lead = Lead(STAGES).create(by=ANNA, owner="boris", fields={"who": "carl"})
    lead.signal("mine")
    assert lead.state.owner == "anna"
    lead.signal("field")
    assert lead.state.owner == "carl"
    lead.signal("same")
    assert lead.told.effects == ()
    lead.signal("boss")
    assert lead.asked(FindOwner)[-1].to.people.names == ("supervisor",)
    find(lead, "olga")
    assert lead.state.owner == "olga"
    lead.signal("nobody", by=ADMIN)
    assert (lead.state.owner, lead.state.fields["count"]) == ("", "3")
    lead.set(who=None)
    lead.signal("field", by=ADMIN)
    assert lead.state.owner == ""


def test_an_answer_that_comes_too_late() -> None:
    """Somebody has taken the lead meanwhile: what the search found is only recorded."""
    lead = Lead("routing: [{assign: {round_robin: sales}}]\n" + STAGES).create()
    key = lead.state.finding
    lead.assign("boris", by=STRANGER)
    lead.tell(OwnerFound(id="f", key=key, owner="dora"))
    assert lead.state.owner == "boris"


def heard(lead: Lead) -> list[str]:
    """What our own people were told by the rule, and who of them."""
    return [f"{told.about}: {' '.join(told.to.names)}" for told in lead.asked(NotifyPeople)]


REASSIGN = """
reassign: {after: 15 working minutes, while: task.call is open, to: {round_robin: sales}, notify: supervisor, times: 2}
"""


def test_a_slow_owner_loses_the_lead() -> None:
    """S13: after the assignment, never to a former owner, so many times."""
    lead = Lead(REASSIGN + STAGES).create(by=ANNA)
    lead.until("10:15")
    (asked,) = lead.asked(FindOwner)
    assert (asked.never, asked.why) == (("anna",), "reassign")
    assert heard(lead) == [], "nobody has taken it yet"
    find(lead, "boris")
    assert heard(lead) == ["reassigned: supervisor"]
    assert lead.state.fields["count"] == "1"
    lead.until("10:30")
    assert lead.asked(FindOwner)[-1].never == ("anna", "boris")
    find(lead, "carl")
    assert lead.next == "", "twice is enough"
    lead.assign("dora", by=ADMIN)
    assert lead.next == "2026-11-23 10:45", "by hand it begins anew"


def test_nobody_else_to_be_found() -> None:
    """S13: the owner keeps the lead, and is looked at again later."""
    lead = Lead(REASSIGN + STAGES).create(by=ANNA).until("10:15")
    find(lead, "")
    assert (lead.state.owner, lead.next) == ("anna", "2026-11-23 10:30")
    assert heard(lead) == ["nobody_left: supervisor"], "who is told learns that it stays"


def test_one_who_had_it_is_not_given_it_again() -> None:
    """**reassign**: never to a former owner, one named as little as one of a team; an empty field names nobody."""
    rule = "reassign: {after: 1 hour, to: boris, notify: supervisor, times: 5}\n"
    lead = Lead(rule + STAGES).create(by=ANNA).until("11:00")
    assert (lead.state.owner, heard(lead)) == ("boris", ["reassigned: supervisor"])
    lead.until("12:00")
    assert (lead.state.owner, heard(lead)[1:]) == ("boris", ["nobody_left: supervisor"])
    lead.assign("anna", by=ADMIN)
    lead.until("13:00")
    assert (lead.state.owner, heard(lead)[2:]) == ("anna", ["nobody_left: supervisor"])
    empty = Lead(rule.replace("boris", "lead.who") + STAGES).create(by=ANNA).until("11:00")
    assert (empty.state.owner, heard(empty)) == ("anna", ["nobody_left: supervisor"])
    free = Lead(rule.replace("boris", "nobody") + STAGES).create(by=ANNA).until("11:00")
    assert (free.state.owner, heard(free)) == ("", ["reassigned: supervisor"])


def test_once_its_condition_is_false_it_is_off() -> None:
    """**reassign** while: once false, off till the next assignment."""
    lead = Lead(REASSIGN + STAGES).create(by=ANNA)
    lead.task("call")
    assert lead.next == ""
    lead.assign("boris")
    assert lead.next == "", "at the end of the step it is false again"


def test_without_a_condition_and_without_a_word() -> None:
    """**reassign**: while and notify may be left out; a person named takes it at once."""
    lead = Lead("reassign: {after: 1 hour, to: boris}\n" + STAGES).create(by=ANNA).until("11:00")
    assert (lead.state.owner, lead.asked(NotifyPeople)) == ("boris", [])


def test_a_condition_that_time_has_made_false() -> None:
    """**reassign** while: asked once more at its time."""
    rule = "reassign: {after: 1 hour, while: now < lead.visit, to: boris}\n"
    lead = Lead(rule + STAGES).create(by=ANNA, fields={"visit": "2026-11-23T07:30:00Z"})
    lead.until("11:00")
    assert (lead.state.owner, lead.next) == ("anna", "")
