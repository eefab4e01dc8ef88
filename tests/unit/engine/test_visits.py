"""Visits (language.md, Meaning 4 and 5): what a stage owns, and what its end ends."""

from leadflow.engine.effects import CancelSends, SendMessage, TaskChanged, TaskOpened, WatchChanged
from tests.support.lead import ANNA, OLGA, Lead

OWNER = """
quiet_hours: "20:00-09:00"
stages:
  one:
    on_enter:
      - {create_task: {id: call, title: Call, due: 1 hour}}
      - {create_task: {id: file, title: File, due: 1 hour, keep: true}}
      - {send_email: hello}
      - {watch: olga}
    sla: {within: 2 hours, overdue: [{notify: supervisor}]}
    sequence: {steps: [{after: 3 hours, send_email: offer}]}
    when: [{after: 4 hours, do: [{notify: owner}]}]
    exits:
      - {signal: again, goto: one}
      - {signal: go, goto: two}
      - {after: 5 hours, goto: two}
      - {signal: replied, goto: two, requires: [note]}
  two: {exits: [{signal: back, goto: one}, {signal: end, goto: three}]}
  three: {final: success}
"""
EMAIL = {"email": "a@example.com"}


def test_leaving_ends_all_that_the_visit_owns() -> None:
    """Meaning 5: tasks (but ``keep``), timers, sequence, SLA, watches, pending exits end in that step."""
    lead = Lead(OWNER).create(fields=EMAIL)
    lead.fact("replied")
    armed = {one.kind for one in lead.state.deadlines.values()}
    assert armed == {"due", "sla", "step", "when", "exit"}
    assert (len(lead.pending), lead.state.watchers) == (1, {"olga": "stage/1"})
    lead.signal("go")
    assert lead.open == ["file"]
    assert set(lead.state.deadlines) == {"task.file@due"}
    assert (lead.pending, lead.state.programs, lead.state.watchers) == ([], {}, {})
    assert [effect.on for effect in lead.asked(WatchChanged)] == [True, False]
    done = [effect.status for effect in lead.asked(TaskChanged)]
    assert done == ["cancelled"]


def test_a_send_not_handed_over_is_called_back() -> None:
    """Meaning 5: the visit's end cancels its sends: those waiting are forgotten, those planned stopped at the ledger."""
    lead = Lead(OWNER).create(fields=EMAIL)
    key = lead.out[0]
    lead.signal("go")
    assert [effect.keys for effect in lead.asked(CancelSends)] == [(key,)]
    assert lead.out == [key], "it may still have gone: its result is awaited"
    lead.arrive(key, "dropped")
    assert (lead.state.sends, lead.reasons()) == ({}, [])

    night = Lead(lead.pipeline).until("2026-11-23 21:00").create(fields=EMAIL)
    assert len(night.waiting) == 1
    night.signal("go")
    assert (night.waiting, night.asked(CancelSends)) == ([], [])


def test_what_is_decided_and_cancelled_in_one_step_never_leaves() -> None:
    """Meaning 5: a reaction's message whose visit ends in the same step does not go; what must go stands in ``do``."""
    lead = Lead("""
stages:
  one:
    when: [{signal: go, do: [{send_email: hello}]}]
    exits: [{signal: go, goto: two, do: [{send_email: offer}]}]
  two: {exits: [{signal: end, goto: three}]}
  three: {final: success}
""").create(fields=EMAIL)
    lead.signal("go")
    assert lead.sent == ["send_email:offer"]
    assert lead.asked(SendMessage)[0].scope == "stage/2"


def test_goto_itself_is_a_new_visit() -> None:
    """Meaning 5: all anew but fields and ticks; keys go on with the number of the visit."""
    lead = Lead(OWNER).create(fields=EMAIL)
    lead.until("10:30").signal("again")
    assert (lead.state.visit, lead.state.visits) == (2, {"one": 2})
    calls = [effect.key for effect in lead.asked(TaskOpened) if effect.task == "call"]
    assert calls == ["L1/stage/1/create_task:call/1", "L1/stage/2/create_task:call/1"]
    files = [effect.key for effect in lead.asked(TaskOpened) if effect.task == "file"]
    assert files == ["L1/stage/1/create_task:file/1"], "the kept one is still open"
    assert lead.state.deadlines["one/exits/2"].due == "2026-11-23T12:30:00Z"


def test_sends_and_tasks_of_on_leave_and_do_belong_to_the_new_visit() -> None:
    """Meaning 4: ``set``, end of the visit, ``on_leave``, ``do``, ``on_enter``."""
    lead = Lead("""
stages:
  one:
    on_leave: [{create_task: {id: a, title: A}}]
    exits: [{signal: go, goto: two, do: [{create_task: {id: b, title: B}}], set: {note: x}}]
  two:
    on_enter: [{create_task: {id: c, title: C}, if: lead.note == "x"}]
    exits: [{signal: end, goto: three}]
  three: {final: success}
""").create()
    lead.signal("go")
    assert lead.open == ["a", "b", "c"]
    assert {run.scope for run in lead.state.tasks.values()} == {"stage/2"}


def test_the_pipelines_ways_live_in_the_present_visit_with_keys_of_their_own() -> None:
    """Meaning 11 and **when**: keys of scope ``pipeline``, visit 0; what they make ends with the present visit."""
    lead = Lead("""
when: [{signal: replied, do: [{create_task: {id: answer, title: Answer}}]}]
exits: [{signal: stop, goto: two, do: [{notify: owner}]}]
stages:
  one: {exits: [{signal: go, goto: one}]}
  two: {final: failure}
""").create()
    lead.fact("replied")
    assert lead.state.tasks["answer"].key == "L1/pipeline/0/create_task:answer/1"
    lead.signal("go")
    assert lead.open == []
    lead.fact("replied")
    assert lead.state.tasks["answer"].key == "L1/pipeline/0/create_task:answer/2"
    assert lead.state.tasks["answer"].count == 1, "the first in its visit"
    lead.signal("stop")
    assert lead.effects[-1].key == "L1/pipeline/0/notify:owner/1"


def test_a_final_stage_closes_and_leaves_nothing_armed() -> None:
    """**final**: on_enter runs, nothing stays armed but what is to be sent and the day of erasure."""
    lead = Lead("""
quiet_hours: "20:00-09:00"
when: [{after: 30 days, do: [{notify: owner}]}]
stages:
  one:
    on_enter: [{create_task: {id: file, title: File, due: 1 hour, keep: true}}]
    exits: [{signal: go, goto: two}]
  two:
    final: success
    on_enter: [{send_email: thanks}, {create_task: {id: archive, title: Archive, due: 1 hour}}]
    erase_after: 30 days
""").create(fields=EMAIL)
    lead.until("21:00").signal("go")
    assert (lead.state.closed, lead.state.closed_at) == ("success", "2026-11-23T18:00:00Z")
    assert {one.kind for one in lead.state.deadlines.values()} == {"send", "erase"}
    assert lead.open == ["file", "archive"], "what is open can still be done"
    lead.until("2026-11-24 09:00")
    assert lead.sent == ["send_email:thanks"]
    assert lead.task("archive") == []
    assert lead.task("archive") == ["closed"]
    lead.until("2027-01-01 00:00")
    assert lead.state.erased == "2026-12-23T18:00:00Z"
    assert lead.state.fields == {}
    assert lead.next == ""


def test_a_kept_tasks_letters_end_with_the_lead() -> None:
    """**final**: a message of no visit does not outlive the lead either."""
    lead = Lead("""
quiet_hours: "20:00-09:00"
stages:
  one:
    on_enter:
      - create_task: {id: file, title: File, due: 1 minute, keep: true, overdue: [{send_email: hello}]}
    exits: [{signal: go, goto: two}]
  two: {final: success}
""")
    lead.until("20:30").create(fields=EMAIL)
    lead.until("20:31")
    assert len(lead.waiting) == 1
    lead.signal("go")
    assert (lead.waiting, lead.next) == ([], "")


def test_reopening_is_a_new_visit_that_keeps_fields() -> None:
    """**reopen**: by supervisor or admin; version, visits and keys go on."""
    lead = Lead("""
stages:
  one: {exits: [{signal: go, goto: two}]}
  two: {final: failure, reopen: one, on_enter: [{create_task: {id: why, title: Why}}]}
""").create(fields={"note": "x"})
    assert lead.reopen() == ["not_expected"]
    lead.signal("go")
    assert lead.reopen(by=ANNA) == ["not_allowed"]
    assert lead.reopen(by=OLGA) == []
    assert (lead.stage, lead.state.closed, lead.state.visit) == ("one", "", 3)
    assert (lead.state.fields, lead.open) == ({"note": "x"}, [])


def test_a_clients_answer_reopens_past_the_gates() -> None:
    """**reopen**: the client's ``replied`` or ``repeated``; a person meets the stage's gates, a client does not."""
    lead = Lead("""
stages:
  one: {enter_requires: [email], exits: [{signal: go, goto: two}]}
  two: {final: failure, reopen: one}
  three: {final: failure}
""").create()
    lead.signal("go")
    assert lead.reopen() == ["email"]
    assert lead.fact("signed") == []
    assert lead.stage == "two"
    assert lead.fact("replied", channel="email") == []
    assert lead.stage == "one"


def test_a_closed_lead_refuses_decisions_and_takes_edits() -> None:
    """Meaning 3: fields of a closed lead may be edited, nothing follows; every other decision is refused: ``closed``."""
    lead = Lead("""
when: [{changed: note, do: [{notify: owner}]}]
stages:
  one: {exits: [{signal: go, goto: two}]}
  two: {final: failure}
""").create()
    assert lead.signal("go") == []
    assert lead.set(note="x") == []
    assert lead.told.effects == ()
    assert lead.state.fields["note"] == "x"
    assert lead.set(note=5) == ["bad_value"]
    assert lead.signal("go") == ["closed"]
    assert lead.tick("asked") == ["closed"]
    assert lead.move("one") == ["closed"]
    assert lead.assign("boris") == ["closed"]
    assert lead.snooze("2026-12-01 10:00") == ["closed"]
    assert lead.wake() == ["closed"]
    assert lead.reopen() == ["not_expected"]
    assert lead.fact("paid", amount="10") == []
    assert lead.state.paid == "10"
