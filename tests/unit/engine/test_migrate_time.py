"""Deadlines under another version: from the same beginning, by the new spec; what has fired stays fired."""

from __future__ import annotations

import pytest

from leadflow.engine.effects import TaskChanged
from tests.support.lead import TOP, Lead, moscow
from tests.unit.engine.test_migrate import moved

ENDS = "\n  won: {final: success}\n  lost: {final: failure}\n"


def stage(*lines: str) -> str:
    """A pipeline whose one open stage has these lines."""
    inner = "\n".join(f"    {line}" for line in lines)
    return f"\nstages:\n  new:\n{inner}{ENDS}"


def days(n: int) -> str:
    return stage(f"exits: [{{after: {n} days, goto: lost}}]")


def test_a_deadline_counts_from_the_entry_by_the_new_spec() -> None:
    """Ten days become twenty: twenty from the entry, not from now. What nothing says otherwise stays to the second."""
    lead = Lead(days(10)).create().until("2026-11-25 15:00")
    assert moved(lead, days(20)).next == "2026-12-13 10:00"
    assert moved(lead, days(20).replace("lost]", "lost]")).next == "2026-12-13 10:00"


def test_a_deadline_that_comes_to_lie_in_the_past_is_due_at_once() -> None:
    """Ten days become one, and two have gone."""
    lead = Lead(days(10)).create().until("2026-11-25 15:00")
    assert moved(lead, days(1)).next == "2026-11-25 15:00"
    assert lead.until("2026-11-25 15:00").stage == "lost"


def test_a_snooze_before_stays_added() -> None:
    """The lead slept a day: ten days are eleven, and twenty of the new version are twenty-one."""
    lead = Lead(days(10)).create()
    lead.snooze("2026-11-24 10:00")
    lead.until("2026-11-24 10:00")
    assert lead.next == "2026-12-04 10:00"
    assert moved(lead, days(20)).next == "2026-12-14 10:00"


def test_while_it_sleeps_so_much_more_is_left() -> None:
    """A stopped deadline moves by the difference, too; with nothing left it is due on waking."""
    for n, due in ((20, "2026-12-13 10:00"), (1, "2026-11-24 10:00")):
        lead = Lead(days(10)).create().until("2026-11-24 10:00")
        lead.snooze("2026-11-25 10:00")
        moved(lead, days(n))
        assert lead.next == "2026-11-25 10:00"
        lead.wake()
        assert lead.next == due


def test_what_has_fired_does_not_fire_again() -> None:
    """Not even where the new version would have it later."""
    body = stage(
        "when: [{after: 1 day, do: [{notify: owner}]}]", "exits: [{signal: go, goto: won}]"
    )
    lead = Lead(body).create().until("2026-11-25 10:00")
    assert moved(lead, body.replace("1 day", "5 days")).next == ""


@pytest.mark.parametrize(("span", "due"), [("1 day", ""), ("5 days", "2026-11-28 10:00")])
def test_what_is_new_counts_from_the_entry_unless_it_has_passed(span: str, due: str) -> None:
    """No burst of what nobody could have done in time."""
    body = stage("exits: [{signal: go, goto: won}]")
    lead = Lead(body).create().until("2026-11-25 10:00")
    moved(lead, stage(f"exits: [{{signal: go, goto: won}}, {{after: {span}, goto: lost}}]"))
    assert lead.next == due


def test_what_waits_for_something_else_now_is_disarmed() -> None:
    """By its id it is the same way; its time does not count any more. So with a way that is gone."""
    lead = Lead(stage("exits: [{id: late, after: 3 days, goto: lost}]")).create()
    moved(lead, stage("exits: [{id: late, signal: give_up, goto: lost}]"))
    assert (lead.next, lead.state.deadlines) == ("", {})
    moved(lead, stage("exits: [{id: late, at: visit, goto: lost}]"))
    lead.set(visit="2026-11-30T10:00:00Z")
    assert lead.next == "2026-11-30 13:00"
    moved(lead, stage("exits: [{signal: other, goto: lost}]"))
    assert lead.next == ""


def test_places_in_the_file_say_nothing() -> None:
    """A way that is gone stood where another stands now: that one keeps its own time."""
    gone, kept = "{after: 3 days, goto: lost}", "{after: 5 days, goto: won}"
    for old, new in (
        (f"{kept}, {gone}", f"{{signal: x, goto: lost}}, {kept}"),
        (f"{gone}, {kept}", kept),
    ):
        lead = Lead(stage(f"exits: [{old}]")).create()
        moved(lead, stage(f"exits: [{new}]"))
        assert [moscow(one.due) for one in lead.state.deadlines.values()] == ["2026-11-28 10:00"]


def test_a_moment_that_has_passed_is_not_made_up_for() -> None:
    """Neither of a new reaction nor of one that has fired at another moment."""
    when = "when: [{{id: w, at: {}, do: [{{notify: owner}}]}}]"
    lead = Lead(stage(OUT)).create(fields={"visit": "2026-11-24T07:00:00Z"})
    lead.until("2026-11-25 10:00")
    assert moved(lead, stage(when.format("visit"), OUT)).next == ""
    assert moved(lead, stage(when.format("1 hour after visit"), OUT)).next == ""
    assert moved(lead, stage(when.format("3 days after visit"), OUT)).next == "2026-11-27 10:00"


def test_moments_follow_the_new_version() -> None:
    """Armed ones move; new ones are armed for what is to come; those that have fired stay so."""
    body = stage(
        "when:",
        "  - {at: visit, do: [{notify: owner}]}",
        "  - {id: early, at: 1 day before visit, do: [{notify: supervisor}]}",
        "exits: [{signal: go, goto: won}]",
    )
    lead = Lead(body).create(fields={"visit": "2026-11-30T10:00:00Z"})
    assert lead.next == "2026-11-29 13:00"
    earlier = body.replace("1 day before", "3 days before")
    assert moved(lead, earlier).next == "2026-11-27 13:00"
    assert moved(lead, earlier).next == "2026-11-27 13:00"
    lead.until("2026-11-28 10:00")
    assert moved(lead, body.replace("1 day before", "4 days before")).next == "2026-11-30 13:00"
    assert moved(lead, body.replace("1 day before", "4 hours before")).next == "2026-11-30 09:00"
    lead.arrive()
    without = stage("exits: [{signal: go, goto: won}]")
    assert moved(lead, without).next == ""
    assert moved(lead, body).next == "2026-11-29 13:00"


def test_another_calendar_moves_what_counts_in_it() -> None:
    """A day that is a holiday from now on is no working day; elapsed hours are what they were."""
    body = stage(
        "exits: [{after: 2 working days, goto: lost}, {after: 70 hours, goto: lost, id: x}]"
    )
    lead = Lead(body).create()
    assert lead.next == "2026-11-25 10:00"
    moved(
        lead,
        body,
        TOP.replace('hours: "09:00-19:00"', 'hours: "09:00-19:00", closed: ["2026-11-24"]'),
    )
    assert lead.next == "2026-11-26 08:00"
    assert sorted(moscow(one.due) for one in lead.state.deadlines.values()) == [
        "2026-11-26 08:00",
        "2026-11-26 10:00",
    ]


def test_the_ways_of_the_pipeline_and_of_tracks() -> None:
    """The pipeline's count from creation, those of a track from its own stage."""
    inner = (
        "tracks: {papers: {title: P, stages: {one: {exits: [{signal: a, goto: two}]},"
        " two: {exits: [{after: 5 days, goto: end}]}, end: {final: success}}}}"
    )
    top = "\nexits: [{after: 30 days, goto: lost}]\n"
    body = stage(inner, "exits: [{signal: go, goto: won}]")
    lead = Lead(top + body).create().until("2026-11-24 10:00")
    lead.signal("a")
    moved(lead, top.replace("30", "40") + body.replace("5 days", "6 days"))
    dues = sorted(moscow(one.due) for one in lead.state.deadlines.values())
    assert dues == ["2026-11-30 10:00", "2027-01-02 10:00"]


CALL = "on_enter: [{{create_task: {{id: call, title: Call{}}}}}]"
OUT = "exits: [{signal: go, goto: won}]"


def call(more: str) -> str:
    return stage(CALL.format(more and f", {more}"), OUT)


def due(lead: Lead) -> str:
    return moscow(lead.state.tasks["call"].due) if lead.state.tasks["call"].due else ""


def told(lead: Lead) -> list[str | None]:
    """What the board hears of the due date."""
    changes = [e for e in lead.told.effects if isinstance(e, TaskChanged)]
    return [moscow(e.due) if e.due else e.due for e in changes]


def test_a_task_is_due_by_the_new_spec_from_its_opening() -> None:
    """Later, earlier, not any more; each time the board hears of it."""
    lead = Lead(call("due: 2 days")).create().until("2026-11-24 10:00")
    moved(lead, call("due: 4 days"))
    assert (due(lead), told(lead)) == ("2026-11-27 10:00", ["2026-11-27 10:00"])
    assert lead.next == "2026-11-27 10:00"
    moved(lead, call("due: 4 days, video: x"))
    assert told(lead) == []
    moved(lead, call(""))
    assert (due(lead), told(lead), lead.next) == ("", [""], "")
    moved(lead, call("due: 3 hours"))
    assert (due(lead), told(lead)) == ("", []), "new, and passed"
    moved(lead, call("due: 3 days"))
    assert due(lead) == lead.next == "2026-11-26 10:00"


def test_what_a_person_or_a_snooze_has_added_stays() -> None:
    """A date set by hand is kept; a day asleep stays added."""
    lead = Lead(call("due: 2 days")).create()
    lead.postpone("call", "2026-12-10 12:00")
    moved(lead, call("due: 4 days, remind: 1 day"))
    assert due(lead) == "2026-12-10 12:00"
    assert lead.next == "2026-12-09 12:00"
    lead = Lead(call("due: 2 days")).create()
    lead.snooze("2026-11-24 10:00")
    lead.until("2026-11-24 10:00")
    assert due(moved(lead, call("due: 4 days"))) == "2026-11-28 10:00"


def test_a_task_that_is_overdue_stays_so() -> None:
    """What followed from it has happened."""
    lead = Lead(call("due: 1 hour")).create().until("2026-11-23 12:00")
    assert lead.state.tasks["call"].overdue
    moved(lead, call("due: 4 days"))
    assert (lead.state.tasks["call"].overdue, lead.next) == (True, "")


def test_a_task_that_follows_a_field() -> None:
    """From a span to a field and back; an empty field means no date."""
    lead = Lead(call("due: 2 days")).create(fields={"visit": "2026-11-30T10:00:00Z"})
    moved(lead, call("due: visit"))
    assert due(lead) == "2026-11-30 13:00"
    lead.set(visit="2026-12-01T10:00:00Z")
    assert due(lead) == "2026-12-01 13:00"
    moved(lead, call("due: 1 day before visit"))
    assert due(lead) == "2026-11-30 13:00"
    moved(lead, call("due: 3 days"))
    assert due(lead) == "2026-11-26 10:00"
    moved(lead, call("due: day"))
    assert (due(lead), lead.next) == ("", "")


def test_a_reminder_comes_once() -> None:
    """It moves with the due date; given already, it is not given again."""
    lead = Lead(call("due: 2 days, remind: 1 hour")).create()
    moved(lead, call("due: 2 days, remind: 3 hours"))
    assert lead.next == "2026-11-25 07:00"
    lead.until("2026-11-25 08:00")
    moved(lead, call("due: 2 days, remind: 1 hour"))
    assert lead.next == "2026-11-25 10:00"


def test_a_date_out_of_reach_is_none() -> None:
    """A slip of the pen must not stop a lead."""
    lead = Lead(call("due: 2 days")).create(fields={"visit": "9999-12-31T10:00:00Z"})
    moved(lead, call("due: 9 days after visit"))
    assert (due(lead), lead.next) == ("", "")


def test_whoever_has_a_task_keeps_it() -> None:
    """Assigned otherwise from now on, the owner keeps it; one that follows the owner from now on becomes his."""
    lead = Lead(call("due: 2 days")).create(owner="anna")
    moved(lead, call("due: 2 days, assign: boris"))
    assert lead.state.tasks["call"].assignee == "anna"
    moved(lead, call("due: 2 days"))
    assert lead.state.tasks["call"].assignee == ""
    assert [e.assignee for e in lead.told.effects if isinstance(e, TaskChanged)] == ["anna"]


def test_reassignment_counts_from_the_assignment() -> None:
    """Longer, gone, new, new and passed; after the last time no more."""
    rule = "\nreassign: {{after: {}, to: {{round_robin: [boris]}}}}\n"
    body = stage(OUT)
    lead = Lead(rule.format("1 day") + body).create(owner="anna")
    moved(lead, rule.format("2 days") + body)
    assert lead.next == "2026-11-25 10:00"
    assert moved(lead, body).next == ""
    assert moved(lead, rule.format("3 days") + body).next == "2026-11-26 10:00"
    moved(lead, body)
    lead.until("2026-11-27 10:00")
    assert moved(lead, rule.format("3 days") + body).next == ""
    nobody = Lead(body).create(owner="")
    nobody.state.owner = ""
    assert moved(nobody, rule.format("3 days") + body).next == ""
