"""Tasks (language.md, **Task**, Meaning 5 and 7): opening, outcomes, due dates, who may."""

import pytest

from leadflow.engine.effects import NotifyPeople, TaskChanged, TaskOpened
from leadflow.engine.events import Actor, OwnerFound
from leadflow.errors import EngineError
from tests.support.lead import ADMIN, ANNA, OLGA, STRANGER, Lead

BORIS = Actor(user="boris")


def with_task(task: str, rest: str = "") -> Lead:
    return Lead(f"""
stages:
  one:
    on_enter: [{{create_task: {{id: call, title: "Call {{{{ lead.note }}}}", {task}}}}}]
    exits: [{{signal: end, goto: two}}]
    {rest}
  two: {{final: success}}
""")


def test_an_opened_task_freezes_what_its_texts_name() -> None:
    """A task's row carries the values its title names, as they were then."""
    lead = with_task("due: 1 hour").create(fields={"note": "Anna"})
    (opened,) = lead.asked(TaskOpened)
    assert opened.frozen.values == {"lead.note": ("text", "Anna")}
    assert (opened.task, opened.due, opened.about) == ("call", "2026-11-23T08:00:00Z", "")


def test_an_unlisted_outcome_is_a_bad_value() -> None:
    """**Scenario**: refusals: ``bad_value`` (an unlisted outcome too, and one left out)."""
    lead = with_task("outcomes: {good: Good, bad: Bad}").create()
    assert lead.task("call", "other") == ["bad_value"]
    assert lead.task("call") == ["bad_value"]
    assert lead.task("call", "good") == []
    plain = with_task("due: 1 hour").create()
    assert plain.task("call", "good") == ["bad_value"]
    assert plain.task("call", fields={"price": "x"}) == ["bad_value"]


def test_a_task_must_be_there_and_open() -> None:
    """**Scenario**: ``not_expected``: no such task; ``not_now``: it is not open."""
    lead = with_task("due: 1 hour").create()
    assert lead.task("other") == ["not_expected"]
    lead.task("call")
    assert lead.task("call") == ["not_now"]


def test_the_assignee_her_supervisor_and_an_admin_may() -> None:
    """**Task** by: assignee (here the owner), supervisor, admin; others are told so."""
    for actor, answer in ((STRANGER, ["not_allowed"]), (ANNA, []), (OLGA, []), (ADMIN, [])):
        assert with_task("due: 1 hour").create().task("call", by=actor) == answer


def test_a_task_of_another_than_the_owner() -> None:
    """**Task** assign: a user, whom the lead names, a role the commit has to find."""
    named = with_task("assign: boris").create()
    assert named.task("call", by=ANNA) == ["not_allowed"]
    assert named.task("call", by=BORIS) == []

    field = with_task('assign: "{{ lead.who }}"').create(fields={"who": "boris"})
    assert field.state.tasks["call"].assignee == "boris"

    found = with_task("assign: {round_robin: sales}").create()
    assert found.state.tasks["call"].assignee == ""
    assert found.task("call", by=BORIS) == ["not_allowed"]
    key = found.state.tasks["call"].key
    found.tell(OwnerFound(id="f", key=key, owner="boris"))
    assert found.task("call", by=BORIS) == []


def test_a_task_that_names_who_may() -> None:
    """**Task** by: others than its assignee."""
    lead = with_task("by: [supervisor]").create()
    assert lead.task("call", by=ANNA) == ["not_allowed"]
    assert lead.task("call", by=OLGA) == []


def test_a_task_for_a_role_is_found_by_the_commit() -> None:
    """**People**: a supervisor is somebody only the installation knows."""
    lead = with_task("assign: supervisor").create()
    assert lead.state.tasks["call"].assignee == ""
    assert lead.task("call", by=OLGA) == []


def test_a_task_of_the_owner_follows_the_owner() -> None:
    """Meaning 5: and of nobody else's."""
    lead = Lead("""
stages:
  one:
    on_enter:
      - {create_task: {id: mine, title: A}}
      - {create_task: {id: his, title: B, assign: boris}}
    exits: [{signal: end, goto: two}]
  two: {final: success}
""").create()
    lead.assign("carl")
    moved = [(e.key, e.assignee) for e in lead.told.effects if isinstance(e, TaskChanged)]
    assert moved == [("L1/stage/1/create_task:mine/1", "carl")]
    assert lead.task("mine", by=ANNA) == ["not_allowed"]
    assert lead.task("mine", by=Actor(user="carl")) == []


def test_creating_an_open_task_does_nothing() -> None:
    """Meaning 5; once it is done it comes again, and ``.count`` says how often."""
    lead = Lead("""
stages:
  one:
    on_enter: [{create_task: {id: call, title: Call}}]
    when:
      - {signal: more, do: [{create_task: call}, {set: {count: "{{ task.call.count }}"}}]}
    exits: [{signal: end, goto: two}]
  two: {final: success}
""").create()
    lead.signal("more")
    assert (lead.state.fields["count"], len(lead.asked(TaskOpened))) == ("1", 1)
    lead.task("call")
    lead.signal("more")
    assert (lead.state.fields["count"], lead.state.tasks["call"].count) == ("2", 2)


def test_actions_complete_and_cancel_tasks() -> None:
    """**action** complete_task, cancel_task: an open one; nothing otherwise."""
    lead = Lead("""
stages:
  one:
    on_enter: [{create_task: {id: a, title: A}}, {create_task: {id: b, title: B}}]
    when: [{signal: tidy, do: [{complete_task: a}, {cancel_task: b}]}]
    exits: [{signal: end, goto: two}]
  two: {final: success}
""").create()
    lead.signal("tidy")
    assert {run.id: run.status for run in lead.state.tasks.values()} == {
        "a": "done",
        "b": "cancelled",
    }
    lead.signal("tidy")
    assert lead.told.effects == ()


def test_a_task_completed_by_an_action_counts_as_done() -> None:
    """**action** complete_task: what waits for the task hears of it, as a step of its own; cancelled is not done."""
    lead = Lead("""
stages:
  one:
    on_enter: [{create_task: {id: a, title: A}}, {create_task: {id: b, title: B}}]
    when: [{signal: paid, do: [{complete_task: a}, {cancel_task: b}]}]
    exits: [{task: b, goto: three}, {task: a, goto: two}]
  two: {final: success}
  three: {final: failure}
""").create()
    lead.fact("paid")
    assert lead.stage == "two"


def test_a_task_completed_for_ever_breaks_the_engine() -> None:
    """Meaning 1: a loop without a wait, of facts this time."""
    lead = Lead("""
stages:
  one:
    on_enter: [{create_task: {id: a, title: A}}]
    when: [{task: a, do: [{create_task: a}, {complete_task: a}]}]
    exits: [{signal: go, goto: two}]
  two: {final: success}
""").create()
    with pytest.raises(EngineError, match="a loop without a wait"):
        lead.task("a")


def test_overdue_marks_the_task_and_starts_its_steps() -> None:
    """**Task** overdue: steps from the due date; they end when it is done or postponed."""
    lead = with_task(
        "due: 1 hour, overdue: [{notify: owner}, {after: 1 hour, notify: supervisor, id: up}]"
    ).create()
    lead.until("11:00")
    assert lead.state.tasks["call"].overdue
    assert [e.to.names for e in lead.asked(NotifyPeople)] == [("owner",)]
    lead.task("call")
    assert lead.next == ""
    lead.until("13:00")
    assert len(lead.asked(NotifyPeople)) == 1


def test_a_reminder_comes_before_the_due_date() -> None:
    """**Task** remind: so long before; not when that has passed already."""
    lead = with_task("due: 2 hours, remind: 30 minutes").create()
    lead.until("11:30")
    (told,) = lead.asked(NotifyPeople)
    assert (told.about, told.task, told.to.names) == ("remind", "call", ("owner",))
    late = with_task("due: 10 minutes, remind: 1 hour").create()
    assert set(late.state.deadlines) == {"task.call@due"}
    other = with_task("due: 2 hours, remind: 30 minutes, assign: {round_robin: sales}").create()
    other.tell(OwnerFound(id="f", key=other.state.tasks["call"].key, owner="boris"))
    other.until("11:30")
    assert other.asked(NotifyPeople)[0].users == ("boris",)


def test_a_due_date_is_put_off_by_hand() -> None:
    """S29: a new due date, in the future, unless the task's is fixed; overdue steps end."""
    lead = with_task("due: 1 hour, overdue: [{after: 1 hour, notify: owner}]").create()
    assert lead.postpone("call", "09:00") == ["bad_value"]
    assert lead.postpone("call", "no date") == ["bad_value"]
    assert lead.postpone("other", "12:00") == ["not_expected"]
    lead.until("11:00")
    assert lead.postpone("call", "2026-11-23 15:00") == []
    assert (lead.state.tasks["call"].overdue, lead.next) == (False, "2026-11-23 15:00")
    changed = lead.asked(TaskChanged)[-1]
    assert (changed.due, changed.overdue) == ("2026-11-23T12:00:00Z", False)
    fixed = with_task("due: 1 hour, fixed_due: true").create()
    assert fixed.postpone("call", "15:00") == ["not_allowed"]


def test_a_due_date_follows_its_field() -> None:
    """Meaning 7: changed, moved; cleared, off; past, overdue at once."""
    lead = with_task("due: 1 hour before visit, overdue: [{after: 1 hour, notify: owner}]").create()
    assert (lead.state.tasks["call"].due, lead.next) == ("", "")
    lead.set(visit="2026-11-23T10:00:00Z")
    assert lead.next == "2026-11-23 12:00"
    lead.set(visit="2026-11-24T10:00:00Z")
    assert lead.asked(TaskChanged)[-1].due == "2026-11-24T09:00:00Z"
    lead.set(visit=None)
    assert (lead.state.tasks["call"].due, lead.next) == ("", "")
    lead.set(visit="2026-11-23T07:30:00Z")
    lead.until("10:00")
    assert lead.state.tasks["call"].overdue
    assert lead.state.tasks["call"].due == "2026-11-23T06:30:00Z"
    lead.set(note="x")
    assert lead.state.tasks["call"].overdue


def test_a_date_out_of_reach_is_no_date() -> None:
    """A slip of the pen (the year 1) arms nothing and harms nothing."""
    lead = with_task("due: 3 days before day, remind: 1 day").create()
    assert lead.set(day="0001-01-02") == []
    assert lead.next == ""


def test_overdue_steps_that_have_all_been_done() -> None:
    """A finished program is no more to stop."""
    lead = with_task("due: 1 hour, overdue: [{notify: owner}]").create().until("12:00")
    lead.task("call")
    assert lead.state.programs == {}
    assert lead.noted("stopped") == []
