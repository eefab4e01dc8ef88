"""The decisions open to a person (Meaning 3, X04): what the board offers, and what is off with the reasons."""

import msgspec

from leadflow.engine.actions import OpenAction, actions_open
from leadflow.engine.decide import begin
from leadflow.engine.events import Actor
from leadflow.engine.views import expected_signals, overdue
from tests.support.lead import ANNA, MONDAY, OLGA, STRANGER, Lead

STAGES = """
when: [{signal: hot, label: Hot, do: [{notify: owner}]}, {signal: late, stages: [two], do: [{notify: owner}]}]
stages:
  one:
    on_enter:
      - create_task:
          id: offer
          title: Offer
          due: 1 hour
          outcomes: {good: Good, bad: Bad}
          buttons: [{label: Mail, outcome: good, do: [{send_email: offer}]}]
    sla: {within: 2 hours, overdue: [{notify: owner}]}
    sequence: {stop_when: [enough], postpone_when: {out_of_office: 1 day}, steps: [{after: 9 days, notify: owner}]}
    exits:
      - {signal: [go, on], label: Go, goto: two, requires: [price]}
      - {signal: go, if: lead.note is set, goto: lost}
      - {signal: replied, goto: two}
      - {task: offer, outcome: good, goto: two}
  two: {final: success}
  lost: {title: Lost, final: failure, always: true, reopen: one, enter_requires: [note]}
"""


def offered(lead: Lead, by: Actor = ANNA) -> dict[str, list[str]]:
    actions: list[OpenAction] = actions_open(lead.pipeline, lead.state, by, lead.now)
    return {
        f"{a.kind} {a.name} {a.outcome}".strip(): [refusal.id for refusal in a.blocked]
        for a in actions
    }


def test_everything_a_person_may_decide_with_what_keeps_it_off() -> None:
    """Signals that are decisions, tasks with outcomes and buttons, stages that take a lead from anywhere."""
    lead = Lead(STAGES).create()
    assert offered(lead) == {
        "signal go": ["price"],
        "signal on": ["price"],
        "signal hot": [],
        "task offer good": [],
        "task offer bad": [],
        "button offer Mail": ["email"],
        "move lost": ["note"],
    }
    assert offered(lead, STRANGER)["signal hot"] == ["not_allowed"]


def test_labels_and_targets() -> None:
    """A button says what it does and where it leads."""
    lead = Lead(STAGES).create()
    actions = {a.name: a for a in actions_open(lead.pipeline, lead.state, ANNA, lead.now)}
    assert (actions["go"].label, actions["go"].goto) == ("Go", "two")
    assert (actions["hot"].label, actions["hot"].goto) == ("Hot", "")
    assert actions["lost"].label == "Lost"


def test_a_closed_lead_offers_its_reopening() -> None:
    """**reopen**: to supervisor and admin."""
    lead = Lead(STAGES).create(fields={"note": "x"})
    lead.move("lost")
    assert offered(lead) == {"reopen lost": ["not_allowed"]}
    assert offered(lead, OLGA) == {"reopen lost": []}


def test_a_sleeping_lead_offers_its_waking() -> None:
    """Meaning 10: by hand."""
    lead = Lead(STAGES).create()
    lead.snooze("2026-11-30 10:00")
    assert offered(lead)["wake wake"] == []


def test_what_a_lead_listens_to() -> None:
    """Signals that mean something now: of ways that stand here and of programs; none before and after its life."""
    lead = Lead(STAGES).create()
    assert expected_signals(lead.pipeline, lead.state) == {
        "go", "on", "hot", "replied", "enough", "out_of_office",
    }  # fmt: skip
    assert expected_signals(lead.pipeline, begin(lead.pipeline, "L2")) == frozenset()
    lead.signal("enough")
    assert "enough" not in expected_signals(lead.pipeline, lead.state)
    tracked = Lead("""
stages:
  one:
    tracks: {t: {stages: {a: {exits: [{signal: next, goto: b}]}, b: {final: success}}}}
    exits: [{signal: end, goto: two}]
  two: {final: success}
""").create()
    assert expected_signals(tracked.pipeline, tracked.state) == {"next", "end"}
    tracked.signal("next")
    assert expected_signals(tracked.pipeline, tracked.state) == {"end"}


def test_what_is_overdue() -> None:
    """S31: tasks past their due date, stages past their SLA."""
    lead = Lead(STAGES).create()
    assert overdue(lead.pipeline, lead.state) == []
    lead.until("13:00")
    assert overdue(lead.pipeline, lead.state) == ["offer", "one"]
    assert lead.now > MONDAY


def test_a_task_that_another_pipeline_made_is_not_offered() -> None:
    """A lead moved to a version without that task: it cannot be decided on."""
    lead = Lead(STAGES).create()
    other = Lead("""
stages:
  one: {exits: [{signal: end, goto: two}]}
  two: {final: success}
""")
    moved = msgspec.structs.replace(lead.state, programs={}, deadlines={})
    told = actions_open(other.pipeline, moved, ANNA, lead.now)
    assert [action.name for action in told] == ["end"]
