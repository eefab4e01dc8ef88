"""Sequences, SLAs and messages under another version: at the same step, nothing twice, nothing unheard of."""

from __future__ import annotations

from typing import Any

import pytest

from leadflow.engine.effects import CancelSends
from tests.support.lead import TOP, Lead
from tests.unit.engine.test_migrate import moved, reasons
from tests.unit.engine.test_migrate_time import OUT, stage

MAIL = {"email": "a@example.com"}
ONE = "{after: 1 day, send_email: hello}"
TWO = "{after: 1 day, send_email: offer}"
THREE = "{after: 1 day, send_email: thanks}"
NEW = "{after: 1 day, notify: owner}"


def steps(*some: str, more: str = "") -> str:
    """A stage with a sequence of these steps."""
    return stage(f"sequence: {{{more}steps: [{', '.join(some)}]}}", OUT)


def after_one(spec: str, **more: Any) -> Lead:
    """Its first step has arrived, an hour ago."""
    lead = Lead(spec).create(fields=MAIL, **more).until("2026-11-24 10:00")
    lead.arrive()
    return lead.until("2026-11-24 11:00")


def test_a_sequence_goes_on_at_its_step() -> None:
    """Wherever that stands now; what the new version puts behind it comes in its turn, what is before it does not."""
    lead = after_one(steps(ONE, TWO, THREE))
    moved(lead, steps(NEW, ONE, TWO, NEW.replace("owner", "supervisor"), THREE))
    assert lead.next == "2026-11-25 10:00"
    lead.until("2026-11-25 10:00").arrive()
    assert lead.next == "2026-11-26 10:00"
    lead.until("2026-11-27 12:00")
    lead.arrive(lead.out[-1])
    assert lead.sent == [f"send_email:{name}" for name in ("hello", "offer", "thanks")]


def test_a_step_under_way_is_waited_for() -> None:
    """Its message is out: the next counts from its arrival, by the new version."""
    lead = Lead(steps(ONE, TWO)).create(fields=MAIL).until("2026-11-24 10:00")
    moved(lead, steps(NEW, ONE.replace("1 day", "9 days"), TWO.replace("1 day", "3 days")))
    assert lead.next == ""
    lead.arrive()
    assert lead.next == "2026-11-27 10:00"


def test_a_step_is_due_by_the_new_spec() -> None:
    """From the end of the step before it; in the window; not before the date that a client has named."""
    lead = after_one(steps(ONE, TWO))
    assert moved(lead, steps(ONE, TWO.replace("1 day", "3 days"))).next == "2026-11-27 10:00"
    window = 'window: {hours: "12:00-14:00"}, '
    assert moved(lead, steps(ONE, TWO, more=window)).next == "2026-11-25 12:00"
    named = "postpone_when: {out_of_office: 1 week}, "
    lead = after_one(steps(ONE, TWO, NEW, more=named))
    lead.fact("out_of_office", until="2026-12-01T09:00:00Z")
    moved(lead, steps(ONE, TWO.replace("1 day", "2 hours"), NEW, more=named))
    assert lead.next == "2026-12-01 12:00"


def test_what_is_no_message_ignores_the_window() -> None:
    """As ever: only what goes to the client is moved into it."""
    window = 'window: {hours: "12:00-14:00"}, '
    lead = Lead(steps("{after: 1 day, notify: owner, id: one}", more=window)).create()
    moved(lead, steps("{after: 2 days, notify: owner, id: one}", more=window))
    assert lead.next == "2026-11-25 10:00"


def test_while_it_sleeps_a_step_has_more_left() -> None:
    """And nothing in the window is looked for before it wakes."""
    lead = after_one(steps(ONE, TWO))
    lead.snooze("2026-11-30 10:00")
    moved(lead, steps(ONE, TWO.replace("1 day", "3 days")))
    assert lead.next == "2026-11-30 10:00"
    lead.until("2026-11-30 10:00")
    assert lead.next == "2026-12-03 09:00"


def test_a_step_that_waits_for_a_moment() -> None:
    """From a span to a moment and back; of an empty field nobody knows when."""
    at = "{at: visit, send_email: offer}"
    lead = after_one(steps(ONE, TWO))
    moved(lead, steps(ONE, at))
    assert lead.next == ""
    lead.set(visit="2026-11-30T10:00:00Z")
    assert lead.next == "2026-11-30 13:00"
    assert moved(lead, steps(ONE, TWO)).next == "2026-11-25 10:00"
    moved(lead, steps(ONE, at.replace("visit", "1 day before visit")))
    assert lead.next == "2026-11-29 13:00"


def test_another_calendar_moves_a_step() -> None:
    """A working day more."""
    lead = after_one(steps(ONE, TWO.replace("1 day", "1 working day")))
    closed = 'hours: "09:00-19:00", closed: ["2026-11-25"]'
    moved(
        lead,
        steps(ONE, TWO.replace("1 day", "1 working day")),
        TOP.replace('hours: "09:00-19:00"', closed),
    )
    assert lead.next == "2026-11-26 10:00"


def test_a_step_that_is_gone_is_refused() -> None:
    """Nobody can say where the lead stands in the sequence."""
    lead = after_one(steps(ONE, TWO, THREE))
    moved(lead, steps(ONE, THREE))
    assert reasons(lead) == ["'new' is at a step that is gone: 'send_email:offer'"]


def test_nothing_comes_a_second_time() -> None:
    """A done step that stands behind the present one would be sent again."""
    lead = after_one(steps(ONE, TWO, THREE))
    moved(lead, steps(TWO, ONE, THREE))
    assert reasons(lead) == ["'send_email:hello' is done, and would come again"]


def test_a_sequence_that_is_gone_is_over() -> None:
    """Nothing more comes of it; one that waits for the morning neither."""
    quiet = 'quiet_hours: "09:00-12:00"\n'
    lead = Lead(
        steps(ONE, TWO),
    ).create(fields=MAIL)
    moved(lead, stage(OUT))
    assert (lead.next, lead.state.programs) == ("", {})
    lead = Lead("\n" + quiet + steps(ONE, TWO)).create(fields=MAIL).until("2026-11-24 10:30")
    assert len(lead.waiting) == 1
    moved(lead, "\n" + quiet + stage(OUT))
    assert (lead.next, lead.waiting) == ("", [])
    assert [note.detail["reason"] for note in lead.noted("stopped")] == ["migrated", "migrated"]


def test_a_new_sequence_begins_with_the_next_visit() -> None:
    """A client is not written to because somebody has edited a file."""
    lead = Lead(stage(OUT)).create(fields=MAIL)
    assert moved(lead, steps(ONE)).next == ""


def test_a_sequence_that_has_ended_stays_ended() -> None:
    """Also when the new version has more steps; a later visit takes it up where it was, behind what was done."""
    resumed = "resume: true, "
    back = "exits: [{signal: again, goto: new}, {signal: go, goto: won}]"

    def resuming(*some: str) -> str:
        return steps(*some, more=resumed).replace(OUT, back)

    lead = after_one(resuming(ONE))
    moved(lead, resuming(ONE, TWO))
    assert lead.next == ""
    lead.signal("again")
    assert lead.next == "2026-11-25 11:00"
    lead.signal("again")
    assert lead.state.resumes == {"new/sequence": 1}
    two = "  next: {exits: [{signal: back, goto: new}]}\n  won:"
    there = (
        resuming(ONE, TWO).replace("  won:", two).replace("again, goto: new", "again, goto: next")
    )
    moved(lead, there)
    lead.signal("again")
    moved(lead, there.replace("steps: [", "steps: [" + NEW + ", "))
    assert lead.state.resumes == {"new/sequence": 2}
    moved(lead, there.replace(steps(ONE, TWO, more=resumed).splitlines()[3], "    title: New"))
    assert lead.state.resumes == {}


SLA = "sla: {{within: {}, pause_while: lead.note is set, overdue: [{{notify: owner}}, {{after: 1 day, notify: supervisor}}]}}"


def sla(span: str) -> str:
    return stage(SLA.format(span), OUT)


def test_an_sla_counts_from_the_entry() -> None:
    """Longer, shorter, paused, missed; a new one only if it can still be met."""
    lead = Lead(sla("2 days")).create().until("2026-11-24 10:00")
    assert moved(lead, sla("3 days")).next == "2026-11-26 10:00"
    assert moved(lead, sla("3 days").replace("owner", "admin")).next == "2026-11-26 10:00"
    lead.set(note="x")
    moved(lead, sla("4 days"))
    assert lead.next == ""
    lead.until("2026-11-25 10:00")
    lead.set(note=None)
    assert lead.next == "2026-11-28 10:00"
    lead.until("2026-11-28 10:00")
    assert lead.next == "2026-11-29 10:00"
    assert moved(lead, sla("1 day")).next == "2026-11-29 10:00"
    plain = Lead(stage(OUT)).create().until("2026-11-24 10:00")
    assert moved(plain, sla("1 hour")).next == ""
    assert moved(plain, stage(OUT)).next == ""
    assert moved(plain, sla("2 days")).next == "2026-11-25 10:00"


def test_a_message_that_waits_and_is_gone_does_not_go() -> None:
    """One that the new version has goes when its time comes, though it stands elsewhere."""
    quiet = '\nquiet_hours: "09:00-12:00"\n'
    body = quiet + stage("on_enter: [{send_email: hello}]", OUT)
    lead = Lead(body).create(fields=MAIL)
    moved(lead, body.replace("[{send_email", "[{send_email: offer}, {send_email"))
    assert lead.until("12:00").sent == ["send_email:hello"]
    lead = Lead(body).create(fields=MAIL)
    moved(lead, body.replace("send_email: hello", "send_email: offer"))
    assert (lead.waiting, lead.until("13:00").sent) == ([], [])
    lead = Lead(body).create(fields=MAIL)
    moved(
        lead,
        body.replace(
            "send_email: hello", "notify: owner, id: send_email:hello".replace(":hello", "_hello")
        ),
    )
    assert lead.waiting == []


@pytest.mark.parametrize("result", ["", "ambiguous"])
def test_a_message_that_is_out_and_unheard_of_is_refused(result: str) -> None:
    """What follows from its result would be unknown; once it has one, the lead moves."""
    lead = Lead(stage("on_enter: [{send_email: hello}]", OUT)).create(fields=MAIL)
    if result:
        lead.arrive(result=result)
    other = stage("on_enter: [{send_email: offer}]", OUT)
    moved(lead, other)
    assert lead.refused == ["not_now"]
    assert "'send_email:hello'" in reasons(lead)[0]
    if result:
        lead.task("settle", "sent")
    else:
        lead.arrive()
    assert moved(lead, other).refused == []


def test_a_button_that_is_pressed_must_be_there() -> None:
    """Its last message to arrive completes the task."""
    body = stage(
        "on_enter: [{create_task: {id: offer, title: Offer, buttons: [{label: Send, do: [{send_email: hello}]}]}}]",
        "exits: [{task: offer, goto: won}]",
    )
    lead = Lead(body).create(fields=MAIL)
    lead.press("offer", "Send")
    other = body.replace("label: Send,", "label: Post,")
    assert "what the button 'Send' sends is on its way" in reasons(moved(lead, other))
    moved(lead, body.replace("title: Offer", "title: An offer"))
    lead.arrive()
    assert lead.stage == "won"
    lead = Lead(body).create(fields=MAIL)
    assert moved(lead, other).refused == []


def test_what_the_task_was_overdue_for_ends_with_it() -> None:
    """The steps that followed are those of the new version."""
    overdue = "on_enter: [{{create_task: {{id: call, title: C, due: 1 hour, overdue: [{{notify: owner}}, {{after: {}, notify: supervisor}}]}}}}]"
    lead = Lead(stage(overdue.format("1 day"), OUT)).create().until("12:00")
    assert lead.next == "2026-11-24 11:00"
    assert moved(lead, stage(overdue.format("2 days"), OUT)).next == "2026-11-25 11:00"
    lead.arrive()
    assert (
        moved(lead, stage("on_enter: [{create_task: {id: call, title: C, due: 1 hour}}]", OUT)).next
        == ""
    )


def test_nothing_is_called_back_for_a_message_that_stays() -> None:
    """A migration cancels nothing that the new version has."""
    lead = Lead(steps(ONE, TWO)).create(fields=MAIL).until("2026-11-24 10:00")
    moved(lead, steps(ONE, TWO, THREE))
    assert [e for e in lead.told.effects if isinstance(e, CancelSends)] == []
    assert len(lead.out) == 1
