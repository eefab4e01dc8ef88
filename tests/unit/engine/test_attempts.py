"""Attempts (language.md, **attempts**, S29) as the engine sees them: a task that comes back, and an end to it."""

from tests.support.lead import Lead

STAGES = """
stages:
  one:
    on_enter: [{create_task: {id: call, title: Call, outcomes: {yes_: 'Yes', none: None}}}]
    attempts: {task: call, outcome: none, again: [1 hour, 2 hours], times: 4, exhausted: {goto: lost}}
    exits: [{task: call, outcome: yes_, goto: won}]
  won: {final: success}
  lost: {final: failure, reopen: one}
"""


def test_the_task_comes_back_each_time_later() -> None:
    """**again**: a list: the last repeats; **times**: attempts in all; exhausted: the exit."""
    lead = Lead(STAGES).create()
    waits = []
    for _ in range(3):
        lead.task("call", "none")
        waits.append(lead.next)
        lead.until(lead.next)
        assert lead.open == ["call"]
    assert waits == ["2026-11-23 11:00", "2026-11-23 13:00", "2026-11-23 15:00"]
    lead.task("call", "none")
    assert lead.stage == "lost"


def test_attempts_begin_anew_with_the_visit() -> None:
    """Meaning 5: a visit owns its attempts."""
    lead = Lead(STAGES).create()
    lead.task("call", "none")
    lead.until("11:00").task("call", "none")
    lead.signal("never")
    lead.until("13:00").task("call", "none")
    lead.until("15:00").task("call", "none")
    lead.reopen()
    assert (lead.open, lead.state.tasks["call"].count) == (["call"], 1)
    lead.task("call", "none")
    assert lead.next == "2026-11-23 16:00"
