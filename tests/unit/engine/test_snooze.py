"""Snooze (language.md, Meaning 10): what stops, what each gets back, what wakes."""

from leadflow.engine.effects import TaskChanged
from tests.support.lead import STRANGER, Lead

EMAIL = {"email": "a@example.com"}
STAGES = """
quiet_hours: "20:00-09:00"
stages:
  one:
    on_enter: [{create_task: {id: call, title: Call, due: 3 working hours, remind: 1 hour}}]
    exits:
      - {after: 2 days, goto: two}
      - {at: visit, goto: three}
      - {signal: go, goto: two}
    when:
      - {signal: woken, do: [{add: {count: 1}}]}
      - {signal: later, do: [{snooze: 3 days}]}
      - {signal: mail, do: [{send_email: offer}]}
      - {signal: day, do: [{snooze: day}]}
      - {signal: long, do: [{snooze: 300 days}]}
      - {signal: ask, do: [{create_task: {id: ask, title: Ask, due: 1 hour}}]}
  two: {exits: [{signal: end, goto: three}]}
  three: {final: success}
"""


def test_a_snooze_stops_all_but_moments() -> None:
    """Meaning 10: all deadlines but ``at``."""
    lead = Lead(STAGES).create(fields={"visit": "2026-11-24T09:00:00Z"})
    assert lead.snooze("2026-11-30 10:00") == []
    assert lead.next == "2026-11-24 12:00"
    lead.until("2026-11-24 12:00")
    assert lead.stage == "three"


def test_waking_gives_each_what_was_left_in_its_unit() -> None:
    """Meaning 10: whole days, then the rest; working hours stay working hours; the task's due date is new."""
    lead = Lead(STAGES).create().until("11:00")
    lead.snooze("2026-11-28 20:00")
    assert lead.next == "2026-11-28 20:00"
    lead.until("2026-11-28 20:00")
    assert lead.state.sleep is None
    assert lead.state.tasks["call"].due == "2026-11-30T08:00:00Z", "Monday 11:00: two working hours"
    assert lead.asked(TaskChanged)[-1].due == "2026-11-30T08:00:00Z"
    assert lead.state.deadlines["one/exits/0"].due == "2026-11-30T16:00:00Z"
    assert lead.state.fields["count"] == "1", "the fact woken"


def test_waking_by_hand_and_by_the_client() -> None:
    """Meaning 10: by hand; after the step of ``replied`` and its like; other facts let it sleep."""
    lead = Lead(STAGES).create()
    assert lead.wake() == ["not_now"]
    lead.snooze("2026-12-10 10:00")
    assert lead.wake(by=STRANGER) == ["not_allowed"]
    assert lead.wake() == []
    assert lead.state.fields["count"] == "1"
    lead.snooze("2026-12-10 10:00")
    lead.fact("bounced")
    assert lead.asleep
    lead.fact("call_in")
    assert (lead.asleep, lead.state.fields["count"]) == (False, "2")


def test_who_may_and_how_long() -> None:
    """**snooze**: longest, or ``false``; the owner and those above; into the future."""
    lead = Lead(STAGES).create()
    assert lead.snooze("2026-12-01 10:00", by=STRANGER) == ["not_allowed"]
    assert lead.snooze("2027-12-01 10:00") == ["bad_value"]
    assert lead.snooze("2026-11-01 10:00") == ["bad_value"]
    never = Lead("snooze: false\n" + STAGES).create()
    assert never.snooze("2026-12-01 10:00") == ["not_expected"]
    never.signal("later")
    assert never.state.sleep is None


def test_a_sleeping_lead_sleeps_on() -> None:
    """A second snooze moves the waking; what was left stays left."""
    lead = Lead(STAGES).create()
    lead.snooze("2026-11-25 10:00")
    lead.until("2026-11-24 10:00").snooze("2026-11-27 10:00")
    lead.until("2026-11-27 10:00")
    assert lead.state.deadlines["one/exits/0"].due == "2026-11-29T07:00:00Z"


def test_what_is_armed_asleep_waits_too() -> None:
    """Meaning 10: a task opened, a message planned while the lead sleeps come after it has woken."""
    lead = Lead(STAGES).create(fields=EMAIL)
    lead.snooze("2026-11-25 10:00")
    lead.signal("ask")
    lead.signal("mail")
    assert (lead.sent, len(lead.waiting), lead.next) == ([], 1, "2026-11-25 10:00")
    lead.until("2026-11-25 10:00")
    assert lead.sent == ["send_email:offer"], "how late it is counts from the waking"
    assert lead.state.tasks["ask"].due == "2026-11-25T08:00:00Z"


def test_a_message_that_waits_for_the_morning_sleeps_too() -> None:
    """Meaning 10: quiet hours are asked anew after waking."""
    lead = Lead(STAGES).create(fields=EMAIL).until("21:00")
    lead.signal("mail")
    lead.snooze("2026-11-25 21:00")
    lead.until("2026-11-25 21:30")
    assert (lead.sent, len(lead.waiting)) == ([], 1)
    lead.until("2026-11-26 09:00")
    assert lead.sent == ["send_email:offer"]


def test_a_new_visit_ends_a_snooze() -> None:
    """Meaning 10: silently: the lead is not woken, it has moved on."""
    lead = Lead(STAGES).create()
    lead.snooze("2026-12-10 10:00")
    lead.signal("go")
    assert (lead.state.sleep, lead.state.fields, lead.next) == (None, {}, "")


def test_a_snooze_in_a_step() -> None:
    """**action** snooze: a moment, at most as long as allowed; a field that is empty or past is skipped."""
    lead = Lead(STAGES).create()
    lead.signal("day")
    assert (lead.state.sleep, lead.noted("skipped")[0].detail["reason"]) == (None, "past")
    lead.signal("later")
    assert lead.state.sleep is not None
    assert lead.state.sleep.until == "2026-11-26T07:00:00Z"
    lead.signal("long")
    assert lead.state.sleep.until == "2027-05-22T07:00:00Z"
    lead.set(day="2026-12-01")
    lead.signal("day")
    assert lead.state.sleep.until == "2026-12-01T06:00:00Z"


def test_what_ends_asleep_is_forgotten() -> None:
    """A task done while the lead sleeps leaves nothing to wake."""
    lead = Lead(STAGES).create()
    lead.snooze("2026-12-10 10:00")
    lead.task("call")
    assert lead.state.sleep is not None
    assert set(lead.state.sleep.left) == {"one/exits/0"}
