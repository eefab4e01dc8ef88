"""Sequences (language.md, **sequence**, Meaning 8 and 9): when each step comes, what ends and what moves them."""

from collections import Counter
from typing import Any

from leadflow.engine.effects import CancelSends, NotifyPeople, SendMessage
from tests.support.lead import Lead

EMAIL = {"email": "a@example.com"}


def sequence(keys: str, rest: str = "", two: str = "", top: str = "") -> Lead:
    return Lead(f"""
{top}
stages:
  one:
    sequence: {{{keys}}}
    exits: [{{signal: go, goto: two}}]
    {rest}
  two: {{exits: [{{signal: back, goto: one}}, {{signal: end, goto: three}}{two}]}}
  three: {{final: success}}
""")


def test_a_step_counts_from_the_hand_over_of_the_one_before() -> None:
    """Meaning 9: the next counts from the hand-over, the first from the start."""
    lead = sequence("steps: [{after: 1 hour, send_email: offer}, {after: 1 day, notify: owner}]")
    lead.create(fields=EMAIL).until("11:00")
    assert (lead.sent, lead.next) == (["send_email:offer"], "")
    lead.until("11:30").arrive()
    assert lead.next == "2026-11-24 11:30"
    lead.until("2026-11-24 11:30")
    assert len(lead.asked(NotifyPeople)) == 1
    assert lead.state.programs["one/sequence"].status == "finished"


def test_a_step_without_an_address_is_skipped() -> None:
    """Meaning 9: skipped with its reason; the next counts from there."""
    lead = sequence("steps: [{after: 1 hour, send_email: offer}, {after: 1 hour, notify: owner}]")
    lead.create().until("11:00")
    assert (lead.reasons(), lead.next) == ([("offer", "no_address")], "2026-11-23 12:00")


def test_a_steps_condition_is_judged_at_its_time() -> None:
    """Meaning 9: judged then; ``else`` otherwise, and the sequence goes on."""
    lead = sequence(
        "steps: [{after: 1 hour, notify: owner, if: lead.note is set, else: [{set: {count: 1}}]},"
        " {after: 1 hour, notify: owner, id: b}]"
    ).create()
    lead.until("11:00")
    assert (lead.asked(NotifyPeople), lead.state.fields) == ([], {"count": "1"})
    lead.until("12:00")
    assert len(lead.asked(NotifyPeople)) == 1


def test_an_unsure_send_does_not_hold_the_sequence() -> None:
    """**if_unsure**: a sequence goes on; settling it later does not make a step twice."""
    lead = sequence(
        "steps: [{send_email: offer}, {after: 1 hour, notify: owner}, {after: 1 hour, notify: owner, id: b}]"
    )
    lead.create(fields=EMAIL).until("10:00")
    lead.arrive(result="ambiguous")
    assert lead.next == "2026-11-23 11:00"
    lead.task("settle", "sent")
    assert lead.next == "2026-11-23 11:00"


def test_a_signal_stops_it() -> None:
    """**stop_when**: with what is not handed over; the signal is expected even if nothing else takes it."""
    lead = sequence(
        "stop_when: [replied, enough], steps: [{send_email: offer}, {after: 1 hour, notify: owner}]"
    )
    lead.create(fields=EMAIL).until("10:00")
    assert lead.signal("enough") == []
    assert lead.asked(CancelSends)[0].reason == "enough"
    lead.arrive(lead.out[0])
    assert lead.next == ""
    assert lead.signal("enough") == ["not_expected"]


def test_a_stopped_sequences_waiting_message_is_forgotten() -> None:
    """**stop_when** at night: the message that waits for the morning does not go."""
    lead = sequence(
        "stop_when: [replied], steps: [{send_email: offer}]", top='quiet_hours: "20:00-09:00"'
    )
    lead.until("21:00").create(fields=EMAIL).until("21:00")
    assert len(lead.waiting) == 1
    lead.fact("replied")
    assert (lead.waiting, lead.next, lead.noted("stopped")[0].subject) == ([], "", "offer")


def test_an_absence_postpones_the_next_step() -> None:
    """**postpone_when**: not before the date it names, else not for so long."""
    steps = "postpone_when: {out_of_office: 1 week}, steps: [{after: 1 day, notify: owner}]"
    for until, due in (
        ("2026-12-01", "2026-12-01 09:00"),
        ("2026-12-01T12:00:00Z", "2026-12-01 15:00"),
        ("9999-99-99", "2026-11-30 10:00"),
        (None, "2026-11-30 10:00"),
        ("2026-11-23", "2026-11-24 10:00"),
    ):
        lead = sequence(steps).create()
        lead.fact("out_of_office", **({"until": until} if until else {}))
        assert lead.next == due


def test_an_absence_moves_a_waiting_message_into_the_window() -> None:
    """**postpone_when**: a message that waits for the morning waits on; a later step does not come sooner either."""
    lead = sequence(
        "window: {days: mon-fri, hours: '10:00-12:00'}, postpone_when: {out_of_office: 1 day},"
        " steps: [{send_email: offer}, {send_email: thanks}]",
        top='quiet_hours: "09:00-11:00"',
    )
    lead.create(fields=EMAIL).until("10:00")
    assert (len(lead.waiting), lead.next) == (1, "2026-11-23 11:00")
    lead.fact("out_of_office", until="2026-11-27T20:00:00Z")
    assert lead.next == "2026-11-30 10:00", "Friday evening: the window opens on Monday"
    lead.until("2026-11-30 11:00")
    assert len(lead.sent) == 1
    lead.arrive()
    lead.until("2026-11-30 11:00")
    assert len(lead.sent) == 2


def test_a_postponed_send_that_is_out_leaves_its_step_alone() -> None:
    """**postpone_when** while a message is on its way: the step after it waits."""
    lead = sequence(
        "postpone_when: {out_of_office: 1 week}, steps: [{send_email: offer}, {notify: owner}]"
    )
    lead.create(fields=EMAIL).until("10:00")
    lead.fact("out_of_office")
    lead.arrive()
    assert lead.next == "2026-11-30 10:00"
    lead.until("2026-11-30 10:00")
    lead.fact("out_of_office")
    assert lead.next == "", "a finished sequence hears nothing"


def test_sending_steps_keep_to_the_window() -> None:
    """**window**, Meaning 9: a sending step's time is moved into it when armed; other steps ignore it."""
    lead = sequence(
        "window: {days: tue, hours: '12:00-13:00'}, steps: [{after: 1 hour, notify: owner}, {after: 1 hour, send_email: offer}]"
    ).create(fields=EMAIL, timezone="Asia/Omsk")
    assert lead.next == "2026-11-23 11:00"
    lead.until("11:00")
    assert lead.next == "2026-11-24 09:00", "12:00 in Omsk, three hours ahead"
    lead.until("2026-11-24 09:00")
    assert lead.asked(SendMessage)[0].window is True


def test_a_step_can_wait_for_its_task() -> None:
    """**steps** wait: till its task is done, however it ends."""
    steps = "steps: [{create_task: {id: t, title: T}, wait: true}, {after: 1 hour, notify: owner}]"
    lead = sequence(steps, "when: [{signal: no, do: [{cancel_task: t}]}]").create().until("10:00")
    assert (lead.open, lead.next) == (["t"], "")
    lead.until("15:00").task("t")
    assert lead.next == "2026-11-23 16:00"
    other = Lead(lead.pipeline).create().until("10:00")
    other.signal("no")
    assert other.next == "2026-11-23 11:00"


def test_finished_takes_its_exit() -> None:
    """**finished**: an exit like any other: its `if` judged then, its gates hold (Meaning 3)."""
    keys = "steps: [{after: 1 hour, notify: owner}], finished: {goto: three, if: lead.note is set, requires: [price]}"
    lead = sequence(keys).create(fields={"note": "x"}).until("11:00")
    assert (lead.stage, len(lead.pending)) == ("one", 1)
    lead.set(price="5")
    assert lead.stage == "three"
    other = Lead(lead.pipeline).create().until("11:00")
    assert (other.stage, other.pending) == ("one", [])


def test_finished_after_its_last_send() -> None:
    """**finished** comes when the last message has its result, in that step."""
    lead = sequence("steps: [{send_email: offer}], finished: {goto: three}").create(fields=EMAIL)
    lead.until("10:00")
    assert lead.stage == "one"
    lead.arrive()
    assert lead.stage == "three"


def test_resume_goes_on_where_it_was() -> None:
    """**resume**: a later visit goes on where it was, that step's ``after`` counting from its start."""
    steps = "resume: true, steps: [{after: 1 hour, notify: owner}, {after: 2 hours, notify: owner, id: b}], finished: {goto: three}"
    lead = sequence(steps).create().until("11:30")
    lead.signal("go")
    lead.until("15:00").signal("back")
    assert lead.next == "2026-11-23 17:00"
    lead.until("17:00")
    assert lead.stage == "three"


def test_a_finished_sequence_does_not_finish_again() -> None:
    """**resume** at the end: nothing is left to do; without it all comes anew."""
    steps = "steps: [{after: 1 hour, notify: owner}]"
    lead = sequence(f"resume: true, {steps}").create().until("11:30")
    lead.signal("go")
    lead.signal("back")
    assert (lead.next, lead.state.programs["one/sequence"].status) == ("", "finished")
    anew = sequence(steps).create().until("11:30")
    anew.signal("go")
    anew.signal("back")
    assert anew.next == "2026-11-23 12:30"


def test_resume_takes_a_message_on_its_way_for_done() -> None:
    """**resume**: what may have gone is not sent a second time; what only waited is."""
    steps = "resume: true, steps: [{send_email: offer}, {after: 1 hour, notify: owner}]"
    out = sequence(steps).create(fields=EMAIL).until("10:00")
    out.signal("go")
    assert out.state.resumes == {"one/sequence": 1}
    waiting = sequence(steps, top='quiet_hours: "20:00-09:00"')
    waiting.until("21:00").create(fields=EMAIL).until("21:00")
    waiting.signal("go")
    assert waiting.state.resumes == {"one/sequence": 0}


def test_steps_at_a_moment() -> None:
    """**steps** at: relative to a date field, moved with it; past, ``before`` is skipped, else due now (Meaning 7)."""
    steps = "steps: [{at: 2 hours before visit, notify: owner}, {at: 1 hour before visit, notify: owner, id: b}, {at: 1 hour after visit, notify: owner, id: c}]"
    lead = sequence(steps).create()
    assert lead.next == ""
    lead.set(visit="2026-11-24T10:00:00Z")
    assert lead.next == "2026-11-24 11:00"
    lead.set(visit="2026-11-23T08:30:00Z")
    assert lead.next == "2026-11-23 10:30"
    assert [note.detail["reason"] for note in lead.noted("skipped")] == ["past"]
    lead.until("10:30")
    lead.set(visit="2026-11-23T06:00:00Z")
    assert lead.next == "2026-11-23 10:30", "an hour after the visit was at 10:00: due now"
    lead.until("10:30")
    lead.set(visit="2026-12-01T06:00:00Z")
    assert lead.next == "", "all steps are done"


def test_a_step_of_another_kind_ignores_the_field() -> None:
    """Meaning 7: only what counts from a field follows it."""
    steps = "steps: [{after: 1 hour, notify: owner}, {at: visit, notify: owner, id: b}]"
    lead = sequence(steps).create()
    lead.set(visit="2026-11-24T10:00:00Z")
    assert lead.next == "2026-11-23 11:00"


def test_a_waiting_message_moves_along_with_its_field() -> None:
    """Meaning 7: a send still waiting moves along; cleared, it is off and the next step counts from there."""
    steps = "steps: [{at: 1 day before visit, send_email: offer}, {after: 1 hour, notify: owner}]"
    lead = sequence(steps, top='quiet_hours: "20:00-09:00"').create(
        fields={**EMAIL, "visit": "2026-11-24T18:00:00Z"}
    )
    lead.until("21:00")
    assert len(lead.waiting) == 1
    lead.set(visit="2026-11-27T10:00:00Z")
    assert lead.next == "2026-11-26 13:00"
    lead.set(visit="2026-11-24T09:00:00Z")
    assert lead.next == "2026-11-26 13:00", "what has passed keeps its time to wait"
    lead.set(visit=None)
    assert (lead.waiting, lead.next) == ([], "2026-11-23 22:00")


def test_variants_share_by_a_hash_of_lead_and_step() -> None:
    """**variants**: in proportion to the shares, the same for a lead every time; a scenario may name one."""
    steps = "steps: [{id: test, variants: [{id: a, share: 3, notify: anna}, {id: b, share: 1, notify: boris}]}]"
    lead = sequence(steps)
    told: Counter[Any] = Counter()
    for number in range(200):
        one = Lead(lead.pipeline)
        one.state.lead = f"L{number}"
        one.create().until("10:00")
        told[one.asked(NotifyPeople)[0].to.names[0]] += 1
    assert 120 < told["anna"] < 180
    named = Lead(lead.pipeline).create(variants={"test": "b"}).until("10:00")
    assert named.asked(NotifyPeople)[0].to.names == ("boris",)


def test_a_step_that_ends_its_own_visit() -> None:
    """A step may itself move the lead: nothing of the sequence stays behind."""
    lead = (
        Lead("""
stages:
  one:
    sequence: {steps: [{set: {note: x}}, {after: 1 hour, notify: owner}]}
    exits: [{changed: note, goto: two}]
  two: {exits: [{signal: end, goto: three}]}
  three: {final: success}
""")
        .create()
        .until("10:00")
    )
    assert (lead.stage, lead.next, lead.state.programs) == ("two", "", {})
