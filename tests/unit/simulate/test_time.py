"""When things happen: virtual time, and what comes before what (language.md, Meaning 6 to 10)."""

from pathlib import Path

from tests.unit.simulate.playing import played, wrong

TIMED = """
title: P
calendar: {timezone: Europe/Moscow, days: mon-fri, hours: "10:00-19:00"}
fields: {visit: datetime, day: date, email: email}
routing: [{assign: anna}]
stages:
  new:
    exits:
      - {signal: go, goto: next}
      - {after: 2 hours, goto: late}
  next:
    on_enter: [{create_task: {id: call, title: Позвонить, due: 1 hour, overdue: [{notify: owner}]}}]
    exits: [{task: call, goto: done}, {after: 1 day, goto: late}]
  done: {final: success}
  late: {final: failure}
"""


def test_an_event_with_a_time_comes_before_what_is_due_then(tmp_path: Path) -> None:
    """``at`` beside an event: the exit that is due at that very instant is too late (**Scenario**)."""
    report = played(
        tmp_path,
        TIMED,
        """
          - name: before
            start: {at: "2026-11-23 10:00"}
            steps:
              - {signal: go, at: "2026-11-23 12:00"}
              - expect: {stage: next}
        """,
    )
    assert wrong(report) == []


def test_after_waiting_all_that_is_due_by_then_has_run(tmp_path: Path) -> None:
    """``wait`` and ``until`` include their own instant; an event after them comes too late."""
    report = played(
        tmp_path,
        TIMED,
        """
          - name: wait
            start: {at: "2026-11-23 10:00"}
            steps:
              - {wait: 2 hours}
              - {signal: go, refused: closed}
          - name: until
            start: {at: "2026-11-23 10:00"}
            steps:
              - {until: "2026-11-23 12:00"}
              - expect: {stage: late}
          - name: nothing before
            start: {at: "2026-11-23 10:00"}
            steps:
              - {until: "2026-11-23 11:59:59"}
              - expect: {stage: new}
        """,
    )
    assert wrong(report) == []


def test_two_events_of_one_instant_come_before_its_deadlines(tmp_path: Path) -> None:
    """Both are there before the task of the first can be overdue; the deadline runs after them (Meaning 8)."""
    report = played(
        tmp_path,
        TIMED,
        """
          - name: both
            start: {at: "2026-11-23 10:00"}
            steps:
              - {signal: go}
              - {set: {email: a@example.com}, at: "2026-11-23 11:00"}
              - {task: call, at: "2026-11-23 11:00"}
              - expect: {stage: done, notified: []}
          - name: but what is found is what is there once the instant is over
            start: {at: "2026-11-23 10:00"}
            steps:
              - {signal: go}
              - {set: {email: a@example.com}, at: "2026-11-23 11:00"}
              - expect: {stage: next, overdue: [call], notified: [owner]}
        """,
    )
    assert wrong(report) == []


def test_what_is_due_at_once_has_run_before_the_next_step(tmp_path: Path) -> None:
    """A sequence's first step without ``after`` is due on entering; a task that it makes can be done right away."""
    report = played(
        tmp_path,
        """
        title: P
        stages:
          new:
            sequence: {steps: [{create_task: {id: call, title: Позвонить}}]}
            exits: [{task: call, goto: done}]
          done: {final: success}
        """,
        """
          - name: at once
            start: {at: "2026-11-23 10:00"}
            steps:
              - {task: call}
              - expect: {stage: done}
        """,
    )
    assert wrong(report) == []


def test_working_time_counts_on_the_pipelines_calendar(tmp_path: Path) -> None:
    """Three working hours from Friday 18:00 are Monday 12:00; a date alone is that day's opening hour."""
    report = played(
        tmp_path,
        TIMED.replace("after: 2 hours", "after: 3 working hours"),
        """
          - name: over the weekend
            start: {at: "2026-11-27 18:00"}
            steps:
              - expect: {next: "2026-11-30 12:00"}
              - {wait: 2 working hours}
              - expect: {stage: new}
              - {wait: 1 working hour}
              - expect: {stage: late}
          - name: a day
            start: {at: "2026-11-27 18:00"}
            steps:
              - {until: "2026-11-30"}
              - {set: {day: 3 days, visit: 2 hours}}
              - expect: {fields: {day: "2026-12-03", visit: "2026-11-30 12:00"}}
        """,
    )
    assert wrong(report) == []


def test_leads_share_one_clock(tmp_path: Path) -> None:
    """While one lead waits, the other's deadlines pass too, each at its own time."""
    report = played(
        tmp_path,
        TIMED,
        """
          - name: two
            start: {at: "2026-11-23 10:00"}
            steps:
              - {start: {at: "2026-11-23 11:00"}, as: second}
              - {until: "2026-11-23 12:30"}
              - expect: {stage: late}
              - {lead: second, expect: {stage: new, next: late}}
              - {lead: second, signal: go}
              - {lead: second, expect: {stage: next}}
        """,
    )
    assert wrong(report) == []


def test_working_time_without_a_calendar_is_a_problem_of_the_step(tmp_path: Path) -> None:
    """The pipeline has no working time: ``wait: 1 working hour`` is told at its place."""
    report = played(
        tmp_path,
        "title: P\nstages: {new: {exits: [{signal: go, goto: done}]}, done: {final: success}}\n",
        """
          - name: no calendar
            start: {at: "2026-11-23 10:00"}
            steps:
              - {wait: 1 working hour}
              - expect: {stage: new}
        """,
    )
    assert [one.rpartition("p.test.yaml:")[2] for one in wrong(report)] == [
        "8:8: LF108 working time needs a calendar; the pipeline has none"
    ]
