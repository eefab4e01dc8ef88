"""SLAs (language.md, **sla**, Meaning 10): within, until, overdue steps, pauses."""

from leadflow.engine.effects import NotifyPeople
from tests.support.lead import Lead


def sla(keys: str) -> Lead:
    return Lead(f"""
stages:
  one:
    sla: {{{keys}}}
    exits: [{{signal: go, goto: two}}]
  two: {{final: success}}
""").create()


def test_after_its_time_the_stage_is_overdue_and_the_steps_begin() -> None:
    """**sla** within; overdue: steps, the first counting from then."""
    lead = sla(
        "within: 4 working hours, overdue: [{notify: owner}, {after: 1 hour, notify: supervisor, id: up}]"
    )
    assert lead.next == "2026-11-23 14:00"
    lead.until("14:00")
    assert lead.noted("overdue")[0].subject == "one"
    assert [e.to.names for e in lead.asked(NotifyPeople)] == [("owner",)]
    lead.until("15:00")
    assert len(lead.asked(NotifyPeople)) == 2


def test_until_says_when_it_is_met() -> None:
    """**sla** until: met as soon as it holds, for the visit; the default is leaving."""
    lead = sla("within: 4 hours, until: lead.note is set, overdue: [{notify: owner}]")
    lead.set(note="x")
    assert lead.next == ""
    lead.set(note=None)
    assert lead.next == ""
    left = sla("within: 4 hours, overdue: [{notify: owner}]")
    left.signal("go")
    assert left.next == ""


def test_a_pause_gives_back_what_was_left() -> None:
    """Meaning 10: ``pause_while`` stops it; afterwards it gets what was left, in its unit."""
    lead = sla("within: 2 working days, pause_while: lead.note is set, overdue: [{notify: owner}]")
    assert lead.next == "2026-11-25 10:00"
    lead.until("12:00").set(note="waiting")
    assert lead.next == ""
    lead.set(count="1")
    assert len(lead.state.paused) == 1
    lead.until("2026-11-27 12:00").set(note=None)
    assert lead.next == "2026-12-01 10:00", "a working day, then the eight hours of the rest"


def test_a_pause_within_a_snooze() -> None:
    """A paused SLA stays paused when the lead wakes; one that resumes asleep waits for the waking."""
    spec = "within: 4 hours, pause_while: lead.note is set, overdue: [{notify: owner}]"
    lead = sla(spec)
    lead.until("11:00").snooze("2026-11-25 10:00")
    lead.set(note="x")
    assert list(lead.state.paused) == ["one/sla"]
    lead.set(note=None)
    assert (list(lead.state.paused), lead.next) == ([], "2026-11-25 10:00")
    lead.until("2026-11-25 10:00")
    assert lead.next == "2026-11-25 13:00"
    paused = sla(spec)
    paused.set(note="x")
    paused.snooze("2026-11-25 10:00")
    paused.until("2026-11-25 10:00")
    assert paused.next == ""
    paused.set(note=None)
    assert paused.next == "2026-11-25 14:00"
