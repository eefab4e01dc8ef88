"""Buttons (language.md, **Task**, Meaning 3, 8 and 9): a manager's own sends, and what completes the task."""

from leadflow.engine.effects import NotifyPeople, SendMessage
from tests.support.lead import STRANGER, Lead

FILLED = {"email": "a@example.com", "phone": {"number": "+79161234567"}}
STAGES = """
quiet_hours: "20:00-09:00"
stages:
  one:
    on_enter:
      - create_task:
          id: offer
          title: Offer
          outcomes: {sent_: Sent, told: Told}
          buttons:
            - {label: Both, outcome: sent_, do: [{send_email: offer}, {send_sms: short}, {notify: owner}]}
            - {label: Mail, outcome: sent_, do: [{send_email: offer}]}
            - {label: Told, outcome: told, do: [{set: {note: told}}]}
            - {label: Dear, outcome: sent_, do: [{send_email: offer, if: lead.price > 100}]}
    exits:
      - {task: offer, outcome: sent_, goto: two}
      - {task: offer, outcome: told, goto: two, requires: [price]}
  two: {final: success}
"""


def test_without_an_address_the_button_is_off() -> None:
    """Meaning 3, S36: refused with the missing addresses; nothing is sent."""
    lead = Lead(STAGES).create()
    assert lead.press("offer", "Both") == ["email", "phone"]
    assert lead.sent == []


def test_a_send_whose_condition_does_not_hold_needs_no_address() -> None:
    """Meaning 3: only what would go needs an address; with nothing to send the task is done at once."""
    lead = Lead(STAGES).create()
    assert lead.press("offer", "Dear") == []
    assert lead.stage == "two"


def test_the_last_send_completes_the_task_in_the_step_of_its_sent() -> None:
    """Meaning 8: a button's sends go together; a word to our own people is not waited for."""
    lead = Lead(STAGES).create(fields=FILLED)
    assert lead.press("offer", "Both") == []
    assert lead.sent == ["send_email:offer", "send_sms:short"]
    assert lead.state.tasks["offer"].pressed == "Both"
    assert lead.press("offer", "Mail") == ["not_now"]
    messages = [effect.key for effect in lead.asked(SendMessage)]
    lead.arrive(messages[1])
    assert lead.open == ["offer"]
    lead.arrive(messages[0])
    assert (lead.stage, lead.state.tasks["offer"].outcome) == ("two", "sent_")
    assert lead.state.tasks["offer"].by == "anna"
    assert len(lead.asked(NotifyPeople)) == 1


def test_a_managers_own_send_passes_quiet_hours_and_opt_out() -> None:
    """Meaning 9: a manager's own sends pass quiet hours, opt-out, consent."""
    lead = Lead(STAGES)
    lead.until("21:00").create(fields=FILLED)
    lead.fact("unsubscribed")
    lead.press("offer", "Mail")
    (mail,) = lead.asked(SendMessage)
    assert (mail.manual, mail.quiet_hours) == (True, None)
    assert lead.waiting == []


def test_gates_after_the_task_keep_the_button_off() -> None:
    """Meaning 3: the way that the task's end takes is asked beforehand."""
    lead = Lead(STAGES).create()
    assert lead.press("offer", "Told") == ["price"]
    assert "note" not in lead.state.fields
    lead.set(price="5")
    assert lead.press("offer", "Told") == []
    assert (lead.stage, lead.state.fields["note"]) == ("two", "told")


def test_a_send_that_fails_leaves_the_task_open() -> None:
    """Meaning 8: done only when all have succeeded; then the button may be pressed again."""
    lead = Lead(STAGES).create(fields=FILLED)
    lead.press("offer", "Both")
    messages = [effect.key for effect in lead.asked(SendMessage)]
    lead.arrive(messages[0], "refused", reason="no such user")
    lead.arrive(messages[1])
    assert (lead.open, lead.state.tasks["offer"].pressed) == (["offer"], "")
    assert lead.press("offer", "Mail") == []
    lead.arrive([e.key for e in lead.asked(SendMessage)][-1])
    assert lead.stage == "two"


def test_an_unsure_send_holds_the_task_until_it_is_settled() -> None:
    """**if_unsure**: until settled it is neither sent nor failed: the task stays open, ``sent`` waits."""
    lead = Lead(STAGES).create(fields=FILLED)
    lead.press("offer", "Mail")
    lead.arrive(lead.out[0], "ambiguous")
    assert lead.open == ["offer", "settle"]
    lead.task("settle", "sent")
    assert lead.stage == "two"


def test_presses_that_may_not_be() -> None:
    """Refusals: another's task, an unknown button, bad values, a closed lead."""
    lead = Lead(STAGES).create(fields=FILLED)
    assert lead.press("offer", "Mail", by=STRANGER) == ["not_allowed"]
    assert lead.press("offer", "Other") == ["not_expected"]
    assert lead.press("other", "Mail") == ["not_expected"]
    closed = Lead("""
stages:
  one: {exits: [{signal: go, goto: two}]}
  two:
    final: success
    on_enter: [{create_task: {id: bye, title: Bye, buttons: [{label: Bye, do: [{notify: owner}]}]}}]
""").create()
    closed.signal("go")
    assert closed.press("bye", "Bye") == ["closed"]
    assert closed.told.refusals[0].message == (
        "the lead is closed, and 'two' is not a stage to reopen from"
    )
