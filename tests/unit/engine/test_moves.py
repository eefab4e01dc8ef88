"""Moving a card (language.md, Meaning 4): the one signal that is a decision leading there, or ``always``."""

from leadflow.engine import events as ev
from tests.support.lead import ADMIN, ANNA, STRANGER, Lead

STAGES = """
exits: [{signal: stop, goto: lost}]
stages:
  one:
    when: [{signal: go, do: [{set: {note: seen}}]}]
    on_enter: [{create_task: {id: call, title: Call}}]
    exits:
      - {signal: go, goto: two, requires: [email]}
      - {signal: replied, goto: three}
      - {task: call, goto: three}
      - {signal: up, if: lead.price > 100, goto: four}
      - {signal: way_a, goto: five}
      - {signal: way_b, goto: five}
  two: {exits: [{signal: end, goto: three}]}
  three: {final: success}
  four: {final: success}
  five: {final: success}
  lost: {final: failure}
  junk: {final: failure, always: true}
"""


def test_a_drag_gives_the_signal() -> None:
    """Meaning 4: with its reactions, its gates, its ``by``."""
    lead = Lead(STAGES).create()
    assert lead.move("two") == ["email"]
    assert lead.move("two", by=STRANGER, fields={"email": "a@example.com"}) == ["not_allowed"]
    assert lead.move("two", fields={"email": "a@example.com"}) == []
    assert (lead.stage, lead.state.fields["note"]) == ("two", "seen")


def test_a_task_is_done_and_not_dragged() -> None:
    """Meaning 4: neither a task nor a fact leads anywhere by hand."""
    assert Lead(STAGES).create().move("three") == ["not_expected"]


def test_what_leads_nowhere_now() -> None:
    """Refusals: ``not_now`` for an `if`, ``not_expected`` for no way, for several, for an unknown stage, bad values."""
    lead = Lead(STAGES).create()
    assert lead.move("four") == ["not_now"]
    assert lead.move("five") == ["not_expected"]
    assert "'way_a' or 'way_b'" in lead.told.refusals[0].message
    assert lead.move("nowhere") == ["not_expected"]
    assert lead.move("one") == ["not_expected"]
    assert lead.move("four", fields={"price": "much"}) == ["bad_value"]
    assert lead.move("four", fields={"price": "200"}) == []


def test_the_pipelines_signals_lead_too() -> None:
    """**exits** of the pipeline stand in every open stage."""
    lead = Lead(STAGES).create()
    lead.move("lost")
    assert lead.stage == "lost"


def test_always_takes_a_lead_from_anywhere() -> None:
    """**always**: for owner, supervisor, admin."""
    lead = Lead(STAGES).create()
    assert lead.move("junk", by=STRANGER) == ["not_allowed"]
    assert lead.move("junk", by=ADMIN) == []
    assert (lead.stage, lead.noted("exit")[0].ref) == ("junk", "always/junk")


def test_a_signal_goes_before_always() -> None:
    """Meaning 4: the one signal, or ``always``: where a signal leads there, its gates hold."""
    lead = Lead("""
stages:
  one: {exits: [{signal: drop, goto: junk, requires: [note]}]}
  junk: {final: failure, always: true}
""").create()
    assert lead.move("junk") == ["note"]


def test_of_several_signals_none_is_meant_and_always_takes_it() -> None:
    """**always**: by hand too; no single signal speaks for the move, so none of them sets its own values."""
    lead = Lead("""
stages:
  one:
    exits:
      - {signal: way_a, goto: junk, set: {note: a}}
      - {signal: way_b, goto: junk, set: {note: b}}
  junk: {final: failure, always: true, enter_requires: [note]}
""").create()
    assert lead.move("junk") == ["note"]
    assert lead.move("junk", fields={"note": "c"}) == []
    assert (lead.stage, lead.state.fields["note"]) == ("junk", "c")


def test_bad_values_stop_every_decision_about_the_lead() -> None:
    """Refusals: a bad value, whatever it came with."""
    lead = Lead(STAGES.replace("  lost: {final: failure}", "  lost: {final: failure, reopen: one}"))
    lead.create()
    bad = {"fields": {"price": "much"}}
    assert lead._event(ev.Assigned, None, to="boris", **bad) == ["bad_value"]
    assert lead._event(ev.Snoozed, None, until="2026-12-01T07:00:00Z", **bad) == ["bad_value"]
    lead.snooze("2026-12-01 10:00")
    assert lead._event(ev.Woken, None, **bad) == ["bad_value"]
    assert lead._event(ev.Ticked, None, items=(), **bad) == ["bad_value"]
    postponed = {"task": "call", "due": "2026-12-01T07:00:00Z"}
    assert lead._event(ev.TaskPostponed, None, **postponed, **bad) == ["bad_value"]
    assert lead._event(ev.Signal, None, name="go", **bad) == ["bad_value"]
    lead.move("lost")
    assert lead._event(ev.Reopened, ADMIN, **bad) == ["bad_value"]


def test_a_closed_lead_says_whether_there_is_a_way_back() -> None:
    """Meaning 3: the same words at every door; only a stage with ``reopen`` sends one there."""
    lead = Lead("""
stages:
  one: {checklist: {seen: Seen}, exits: [{signal: won, goto: two}, {signal: lost, goto: three}]}
  two: {final: success}
  three: {final: failure, reopen: one}
""").create(by=ANNA)
    lead.tick("seen")
    lead.signal("lost")
    refusals = [lead.signal("won"), lead.move("two"), lead.tick("seen"), lead.assign("boris")]
    assert refusals == [["closed"]] * 4
    assert lead.told.refusals[0].message == "the lead is closed; reopen it first"
    lead.tell(ev.Reopened(id="r", actor=ADMIN))
    lead.signal("won")
    refusals = [lead.signal("won"), lead.move("two"), lead.tick("seen"), lead.assign("boris")]
    assert refusals == [["closed"]] * 4
    assert lead.told.refusals[0].message == (
        "the lead is closed, and 'two' is not a stage to reopen from"
    )
