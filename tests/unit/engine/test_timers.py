"""What falls due (language.md, Meaning 6, 7 and 8): after, at, and the order at one instant."""

import msgspec
import pytest

from leadflow.engine.decide import decide
from leadflow.engine.events import ConvertFailed, Timer
from leadflow.errors import EngineError
from tests.support.lead import Lead

TWO = "  two: {final: success}\n"


def stages(ways: str) -> Lead:
    return Lead(f"stages:\n  one: {ways}\n{TWO}")


def test_after_counts_from_the_entry_and_judges_its_condition_once() -> None:
    """Meaning 6: ``after`` judges its `if` once, at its time."""
    lead = stages(
        "{exits: [{after: 2 working days, if: lead.note is set, goto: two}, {signal: go, goto: two}]}"
    )
    lead.create()
    assert lead.next == "2026-11-25 10:00"
    lead.until("2026-11-25 10:00")
    assert (lead.stage, lead.next) == ("one", "")
    lead.set(note="x")
    assert lead.stage == "one"
    other = Lead(lead.pipeline).create(fields={"note": "x"}).until("2026-11-25 10:00")
    assert other.stage == "two"


def test_a_timed_exit_that_is_blocked_stays_pending() -> None:
    """Meaning 3: a blocked timer stays true."""
    lead = stages("{exits: [{after: 1 hour, goto: two, requires: [email]}]}").create()
    lead.until("12:00")
    assert len(lead.pending) == 1
    lead.set(email="a@example.com")
    assert lead.stage == "two"


def test_a_reaction_in_time() -> None:
    """**when** with ``after``: reacts once a visit and stays."""
    lead = stages(
        "{when: [{after: 1 hour, do: [{add: {count: 1}}]}], exits: [{signal: go, goto: two}]}"
    )
    lead.create().until("2026-11-24 10:00")
    assert (lead.stage, lead.state.fields["count"]) == ("one", "1")


def test_a_moment_follows_its_field() -> None:
    """Meaning 7: ``at``: changed, moved; cleared, off; a date is that day's opening hour."""
    lead = stages("{exits: [{at: 1 hour before visit, goto: two}, {at: day, goto: two}]}").create()
    assert lead.next == ""
    lead.set(visit="2026-11-25T09:00:00Z")
    assert lead.next == "2026-11-25 11:00"
    lead.set(visit="2026-11-26T09:00:00Z")
    assert lead.next == "2026-11-26 11:00"
    lead.set(visit=None)
    assert lead.next == ""
    lead.set(day="2026-11-27")
    assert lead.next == "2026-11-27 09:00"


def test_what_is_past_when_armed() -> None:
    """Meaning 7: past when armed: ``before`` is skipped, else due now."""
    lead = stages(
        "{when: [{at: 1 hour before visit, do: [{add: {count: 1}}]}], exits: [{at: visit, goto: two}]}"
    )
    lead.create(fields={"visit": "2026-11-23T06:00:00Z"})
    assert lead.next == "2026-11-23 10:00"
    lead.until("10:00")
    assert (lead.stage, "count" in lead.state.fields) == ("two", False)


def test_each_instant_fires_once() -> None:
    """Meaning 7: each instant once, in a later visit too; another instant is another matter."""
    lead = stages(
        "{when: [{at: visit, do: [{add: {count: 1}}]}], exits: [{signal: again, goto: one}, {signal: go, goto: two}]}"
    )
    lead.create(fields={"visit": "2026-11-23T08:00:00Z"}).until("12:00")
    lead.signal("again")
    lead.set(visit=None)
    lead.set(visit="2026-11-23T08:00:00Z")
    lead.until("13:00")
    assert lead.state.fields["count"] == "1"
    lead.set(visit="2026-11-23T11:00:00Z")
    lead.until("14:00")
    assert lead.state.fields["count"] == "2"


def test_timers_of_one_instant_run_in_the_order_of_the_file() -> None:
    """Meaning 8: a step each, in file order, whatever order they were armed in."""
    lead = Lead("""
stages:
  one:
    exits: [{signal: go, goto: two}]
    when:
      - {after: 60 minutes, id: a, if: lead.count is empty, do: [{set: {count: 1}}]}
      - {after: 1 hour, id: b, if: lead.count == 1, do: [{set: {count: 2}}]}
    sla: {within: 1 hour, overdue: [{set: {count: "{{ lead.count + 10 }}"}}]}
  two: {final: success}
""").create()
    lead.until("11:00")
    assert lead.state.fields["count"] == "12"


def test_one_tick_does_all_that_is_due_by_its_instant() -> None:
    """After an outage: everything due by then, oldest first, each seeing what the one before did."""
    lead = stages(
        "{when: [{after: 1 hour, do: [{set: {count: 1}}]}, {after: 2 hours, if: was.lead.count == 1, do: [{set: {note: x}}]}], exits: [{after: 3 hours, if: lead.note is set, goto: two}]}"
    )
    lead.create()
    lead.tell(Timer(id="t", due="2026-11-23T12:00:00Z"))
    assert lead.stage == "two"


def test_a_tick_with_nothing_due_is_refused() -> None:
    """A stale tick changes nothing; nor does one that names no instant."""
    lead = stages("{exits: [{after: 1 hour, goto: two}]}").create()
    for due in ("2026-11-23T07:30:00Z", "soon"):
        lead.tell(Timer(id="t", due=due))
        assert lead.refused == ["not_expected"]


def test_microseconds_round_nothing_up() -> None:
    """All instants are whole seconds, so that as text they sort by time."""
    lead = stages("{exits: [{after: 1 hour, goto: two}]}")
    lead.now = lead.now.replace(microsecond=123456)
    lead.create()
    assert lead.state.entered == "2026-11-23T07:00:00Z"
    assert lead.next == "2026-11-23 11:00"


def test_the_pipelines_after_counts_from_the_creation() -> None:
    """**when, exits** of the pipeline: through all stages; in none of theirs it does not fire."""
    lead = Lead("""
exits: [{after: 2 hours, goto: four, stages: [two]}, {after: 3 hours, goto: four, stages: [three]}]
when: [{after: 1 hour, do: [{add: {count: 1}}]}]
stages:
  one: {exits: [{signal: go, goto: three}]}
  two: {exits: [{signal: go, goto: three}]}
  three: {exits: [{signal: go, goto: four}]}
  four: {final: failure, reopen: one}
""").create()
    lead.until("10:30").signal("go")
    lead.until("12:00")
    assert (lead.stage, lead.state.fields["count"]) == ("three", "1")
    lead.until("13:00")
    assert lead.stage == "four"
    lead.reopen()
    assert lead.next == "", "all have passed by the reopening"


def test_what_is_still_to_come_at_a_reopening_is_armed_again() -> None:
    """**when, exits**: what has passed by a reopening does not fire, the rest does."""
    lead = Lead("""
exits: [{after: 1 day, goto: two}, {at: visit, goto: two}]
stages:
  one: {exits: [{signal: go, goto: two}]}
  two: {final: failure, reopen: one, erase_after: 30 days}
""").create(fields={"visit": "2026-11-23T08:00:00Z"})
    lead.signal("go")
    lead.until("12:00").reopen()
    assert lead.next == "2026-11-24 10:00"
    assert len(lead.state.deadlines) == 1


def test_deadlines_without_an_end_break_the_engine() -> None:
    """A tick that never ends is an engine error, not a spinning timer."""
    loop = Lead("""
stages:
  one:
    on_enter: [{create_task: {id: t, title: T, due: 0 minutes, overdue: [{complete_task: t}]}}]
    when: [{task: t, do: [{create_task: t}]}, {if: task.t is done, do: [{create_task: t}]}]
    exits: [{signal: go, goto: two}]
  two: {final: success}
""").create()
    with pytest.raises(EngineError, match="do not come to an end"):
        decide(loop.pipeline, loop.state, Timer(id="t", due="2026-11-23T07:00:00Z"), loop.now)


def test_a_conversion_stops_the_tick() -> None:
    """What else is due waits until the commit has answered."""
    lead = Lead("""
stages:
  one:
    exits: [{after: 1 hour, goto: won}, {after: 2 hours, goto: lost}]
  won: {final: success, convert: [{create: [deal]}]}
  lost: {final: failure}
""").create()
    lead.tell(Timer(id="t", due="2026-11-23T10:00:00Z"))
    assert (lead.stage, lead.next) == ("one", "")
    assert lead.state.converting is not None
    lead.tell(ConvertFailed(id="f", key=lead.state.converting.key, reason="no"))
    assert lead.next == "2026-11-23 12:00"


def test_a_step_without_anything_to_do_breaks_the_engine() -> None:
    """A pipeline the compiler would not make."""
    lead = stages(
        "{sequence: {steps: [{after: 1 hour, notify: owner}]}, exits: [{signal: go, goto: two}]}"
    )
    stage = lead.pipeline.stages["one"]
    step = msgspec.structs.replace(stage.programs[0].steps[0], action=None)
    program = msgspec.structs.replace(stage.programs[0], steps=(step,))
    stage = msgspec.structs.replace(stage, programs=(program,))
    bare = Lead(
        msgspec.structs.replace(lead.pipeline, stages={**lead.pipeline.stages, "one": stage})
    )
    bare.create()
    with pytest.raises(EngineError, match="nothing to do"):
        bare.until("11:00")


def test_a_waiting_message_that_is_none_breaks_the_engine() -> None:
    """A state that another pipeline made: what waits there is no message here."""
    lead = Lead("""
quiet_hours: "09:00-11:00"
stages:
  one: {on_enter: [{send_email: offer}], exits: [{signal: go, goto: two}]}
  two: {final: success}
""").create(fields={"email": "a@example.com"})
    other = stages("{on_enter: [{notify: owner}], exits: [{signal: go, goto: two}]}")
    with pytest.raises(EngineError, match="sends no message"):
        decide(other.pipeline, lead.state, Timer(id="t", due="2026-11-23T08:00:00Z"), lead.now)
