"""Messages to the client (language.md, Meaning 8 and 9): may they go, when, and what becomes of those that wait."""

from datetime import timedelta

from leadflow.engine.clock import iso
from leadflow.engine.decide import next_deadline
from leadflow.engine.effects import CancelSends, NotifyPeople, SendMessage
from leadflow.engine.events import OwnerFound, Timer
from tests.support.lead import TOP, Lead, pipeline

EMAIL = {"email": "a@example.com"}
QUIET = """
quiet_hours: "20:00-09:00"
"""


def on_enter(actions: str, top: str = QUIET) -> Lead:
    return Lead(f"""
{top}
stages:
  one: {{on_enter: [{actions}], exits: [{{signal: go, goto: two}}, {{signal: end, goto: three}}]}}
  two: {{exits: [{{signal: end, goto: three}}]}}
  three: {{final: success}}
""")


def test_a_message_carries_all_that_is_needed_to_send_it() -> None:
    """An effect is complete: address, texts by name, values frozen, what is asked again at the hand-over."""
    lead = on_enter("{send_email: priced}").create(
        fields={**EMAIL, "price": "100"}, language="en", timezone="Asia/Omsk"
    )
    (mail,) = lead.asked(SendMessage)
    assert (mail.key, mail.ref) == ("L1/stage/1/send_email:priced/1", "one/on_enter/0")
    assert (mail.to, mail.to_field, mail.channel) == ("a@example.com", "email", "email")
    assert mail.body.template == "priced"
    assert mail.frozen.values == {"lead.price": ("money", "100")}, (
        "the owner's name is the commit's"
    )
    assert (mail.language, mail.timezone, mail.sender) == ("en", "Asia/Omsk", "anna")
    assert (mail.scope, mail.quiet_hours, mail.manual) == ("stage/1", (1200, 540), False)
    assert mail.not_after == "2026-11-24T07:00:00Z"


def test_an_owner_still_to_be_found_signs() -> None:
    """The row that plans a send takes the owner whom the same commit finds."""
    lead = on_enter("{send_email: offer}", "routing: [{assign: {round_robin: sales}}]")
    lead.create(fields=EMAIL)
    assert lead.asked(SendMessage)[0].sender == "owner"
    lead.tell(OwnerFound(id="o", key=lead.state.finding, owner="boris"))
    assert lead.state.owner == "boris"


def test_quiet_hours_on_the_clients_clock() -> None:
    """Meaning 8: moved to their end, in the client's zone; ``max_late`` counts from there."""
    lead = on_enter("{send_email: offer}")
    lead.until("14:30").create(fields=EMAIL, timezone="Asia/Vladivostok")
    assert lead.sent == []
    assert lead.next == "2026-11-24 02:00", "09:00 in Vladivostok"
    lead.until("2026-11-24 02:00")
    assert lead.asked(SendMessage)[0].not_after == "2026-11-24T23:00:00Z"


def test_without_an_address_a_message_is_skipped() -> None:
    """Meaning 9: skipped with its reason; ``else`` is done instead."""
    lead = on_enter("{send_email: offer, else: [{send_sms: short}]}")
    lead.create(fields={"phone": {"number": "+79161234567"}})
    assert lead.reasons() == [("offer", "no_address")]
    assert lead.sent == ["send_sms:short"]
    assert lead.asked(SendMessage)[0].to == "+79161234567"


def test_an_opted_out_client_gets_nothing_automatic() -> None:
    """Meaning 9: by the channel named, or by all; ``service`` passes."""
    lead = on_enter(
        "{send_email: offer}, {send_email: {template: thanks, service: true}}, {send_sms: short}",
        QUIET + "when: [{signal: more, do: [{send_email: offer}, {send_sms: short}]}]",
    )
    lead.create(fields={**EMAIL, "phone": {"number": "+79161234567"}})
    lead.fact("unsubscribed", channel="email")
    assert list(lead.state.opted_out) == ["email"]
    lead.signal("more")
    assert lead.reasons() == [("offer", "opted_out")]
    lead.fact("complained")
    assert list(lead.state.opted_out) == ["all", "email"]
    lead.signal("more")
    assert lead.reasons()[1:] == [("offer", "opted_out"), ("short", "opted_out")]
    assert lead.sent == [
        "send_email:offer",
        "send_email:thanks",
        "send_sms:short",
        "send_sms:short",
    ]


def test_opting_out_stops_what_waits_and_what_is_planned() -> None:
    """P5, *stop means stop*: of that channel, but not ``service`` and not a manager's own."""
    lead = on_enter("{send_email: offer}, {send_email: {template: thanks, service: true}}")
    lead.until("21:00").create(fields=EMAIL)
    assert len(lead.waiting) == 2
    lead.fact("unsubscribed")
    assert lead.reasons() == [("offer", "opted_out")]
    lead.until("2026-11-24 10:00")
    assert lead.sent == ["send_email:thanks"]

    day = on_enter("{send_email: offer}").create(fields=EMAIL)
    day.fact("unsubscribed", channel="email")
    (stopped,) = day.asked(CancelSends)
    assert (stopped.keys, stopped.reason) == (tuple(day.out), "opted_out")


def test_opt_in_needs_recorded_consent() -> None:
    """**consent** ``opt_in``: for the channel or for all; ``service`` passes; a message may say otherwise."""
    top = QUIET + "consent: opt_in"
    sends = "{send_email: offer}, {send_email: {template: thanks, service: true}}"
    assert on_enter(sends, top).create(fields=EMAIL).sent == ["send_email:thanks"]
    for consent in ("email", "all"):
        assert len(on_enter(sends, top).create(fields=EMAIL, consent=(consent,)).sent) == 2
    for one in ("{template: offer, consent: opt_in}", "{template: offer, consent: opt_out}"):
        lead = on_enter(f"{{send_email: {one}}}", QUIET).create(fields=EMAIL)
        assert lead.sent == ([] if "opt_in" in one else ["send_email:offer"])


def test_what_waits_is_asked_again_when_its_time_has_come() -> None:
    """Meaning 8: the address may have gone meanwhile: skipped then, with its ``else``."""
    lead = on_enter("{send_email: offer, else: [{notify: owner}]}")
    lead.until("21:00").create(fields=EMAIL)
    lead.set(email=None)
    lead.until("2026-11-24 09:00")
    assert (lead.sent, lead.reasons()) == ([], [("offer", "no_address")])
    assert [e.to.names for e in lead.asked(NotifyPeople)] == [("owner",)]


def test_too_late_is_dropped_and_the_owner_told() -> None:
    """**max_late**: later than that after it first could go it is dropped with its reason, and its owner told."""
    lead = on_enter("{send_email: {template: offer, max_late: 2 hours}}")
    lead.until("21:00").create(fields=EMAIL)
    key = lead.waiting[0]
    lead.now = lead.now.replace(day=24, hour=9)  # nobody looked for three hours after the opening
    lead.tell(Timer(id="t", due="2026-11-24T06:00:00Z"))
    assert (lead.reasons(), lead.waiting) == ([("offer", "too_late")], [])
    (told,) = lead.asked(NotifyPeople)
    assert (told.about, told.to.names) == ("not_sent:too_late", ("owner",))
    assert key not in lead.state.sends


def late(hours: int, step: str, top: str = "") -> Lead:
    """A lead created at 10:00 whose step nobody saw in time: it comes so many hours after 10:00."""
    lead = Lead(f"""
{top}
stages:
  one: {{sequence: {{steps: [{{{step}}}]}}, exits: [{{signal: go, goto: two}}]}}
  two: {{final: success}}
""").create(fields=EMAIL)
    due = next_deadline(lead.state)
    assert due is not None
    lead.now += timedelta(hours=hours)
    lead.tell(Timer(id="t", due=iso(due)))
    return lead


def test_after_an_outage_a_step_counts_from_the_time_it_missed() -> None:
    """P4, **max_late**: a step that nobody was there to see is dropped like a message that waited too long."""
    step = "after: 1 hour, send_email: {template: offer, max_late: 2 hours}"
    assert late(3, step).sent == ["send_email:offer"]
    lead = late(4, step)
    assert (lead.sent, lead.reasons()) == ([], [("offer", "too_late")])
    assert lead.asked(NotifyPeople)[0].about == "not_sent:too_late"


def test_after_an_outage_quiet_hours_hold() -> None:
    """P4: seen at 21:00 only, the step of 18:00 waits for the morning; how late it may be counts from 18:00."""
    lead = late(11, "after: 8 hours, send_email: offer", QUIET)
    assert (lead.sent, lead.next) == ([], "2026-11-24 09:00")
    (run,) = lead.state.sends.values()
    assert run.not_after == "2026-11-24T15:00:00Z"


def test_a_send_of_a_step_before_a_field_is_dropped_past_the_field() -> None:
    """Meaning 8: past the FIELD of its ``before`` it is dropped: quiet hours end after the visit."""
    lead = Lead("""
quiet_hours: "20:00-12:00"
stages:
  one:
    sequence: {steps: [{at: 1 hour before visit, send_email: offer}, {after: 1 hour, notify: owner}]}
    exits: [{signal: go, goto: two}]
  two: {final: success}
""").create(fields={**EMAIL, "visit": "2026-11-24T08:00:00Z"})
    lead.until("2026-11-24 10:00")
    assert lead.reasons() == [("offer", "too_late")]
    assert lead.asked(NotifyPeople)[0].about == "not_sent:too_late"
    assert lead.next == "2026-11-24 11:00", "the next step counts from there"


def reminded(visit: str) -> Lead:
    """A lead at 08:40 of the 24th, which a reaction reminds of its visit an hour before; quiet until nine."""
    lead = Lead("""
quiet_hours: "20:00-09:00"
stages:
  one:
    when: [{at: 1 hour before visit, do: [{send_email: offer}]}]
    exits: [{signal: go, goto: two}]
  two: {final: success}
""")
    return lead.create(fields={**EMAIL, "visit": visit}).until("2026-11-24 08:40")


def test_a_send_of_a_reaction_before_a_field_is_dropped_past_the_field() -> None:
    """Meaning 8: the ``before`` of a ``when`` too: quiet hours end after the visit."""
    lead = reminded("2026-11-24T05:30:00Z").until("2026-11-24 12:00")
    assert (lead.reasons(), lead.sent) == ([("offer", "too_late")], [])


def test_a_waiting_send_of_a_reaction_follows_its_field() -> None:
    """Meaning 7: moved, it comes at the new time and once; cleared, not at all."""
    lead = reminded("2026-11-24T06:30:00Z")
    assert len(lead.waiting) == 1
    lead.set(visit="2026-11-25T09:00:00Z")
    assert (lead.waiting, lead.next) == ([], "2026-11-25 11:00")
    assert lead.until("2026-11-26 12:00").sent == ["send_email:offer"]
    other = reminded("2026-11-24T06:30:00Z")
    other.set(visit=None)
    assert (other.waiting, other.next) == ([], "")


def test_a_waiting_send_ends_with_the_new_instant_of_its_field() -> None:
    """Meaning 8: moved so near that its own time has passed, it still goes, but never past the field."""
    lead = reminded("2026-11-24T06:30:00Z")
    lead.set(visit="2026-11-24T05:50:00Z")
    assert lead.until("2026-11-24 09:00").reasons() == [("offer", "too_late")]
    other = reminded("2026-11-24T06:30:00Z")
    other.set(visit="2026-11-24T06:20:00Z")
    assert other.until("2026-11-24 09:00").sent == ["send_email:offer"]


def test_a_message_that_waits_remembers_its_signal() -> None:
    """What its text says of a signal is what that signal said, however long it waits."""
    lead = Lead("""
quiet_hours: "20:00-09:00"
stages:
  one:
    when: [{signal: paid, do: [{send_email: {subject: Paid, text: "{{ signal.amount }}"}}]}]
    exits: [{signal: go, goto: two}]
  two: {final: success}
""")
    lead.until("21:00").create(fields=EMAIL)
    lead.fact("paid", amount="50")
    lead.fact("signed", amount="7")
    lead.until("2026-11-24 09:00")
    assert lead.asked(SendMessage)[0].frozen.values == {"signal.amount": ("money", "50")}


def test_the_owner_of_a_closed_lead_is_told_too() -> None:
    """**max_late**: a message of the final stage that did not go is told of like any other."""
    lead = Lead("""
stages:
  one: {exits: [{signal: go, goto: two}]}
  two: {final: success, on_enter: [{send_email: thanks}]}
""").create(fields=EMAIL)
    lead.signal("go")
    lead.arrive(lead.out[0], "skipped", reason="empty_value")
    assert [effect.about for effect in lead.asked(NotifyPeople)] == ["not_sent:empty_value"]


def test_the_hand_over_may_put_it_off() -> None:
    """Meaning 8: a hand-over that found quiet hours says when to try again: the same key, once more."""
    lead = on_enter("{send_email: offer}").create(fields=EMAIL)
    key = lead.out[0]
    lead.arrive(key, "postponed", at="2026-11-24T06:00:00Z")
    assert (lead.waiting, lead.next) == ([key], "2026-11-24 09:00")
    lead.until("2026-11-24 09:00")
    assert [e.key for e in lead.asked(SendMessage)] == [key, key]
    lead.arrive(key, "postponed", at="whenever")
    assert lead.next == "2026-11-24 09:00", "an answer without a time is tried again at once"


def test_of_several_addresses_the_first_is_taken() -> None:
    """A field with ``many``: one message has one recipient."""
    top = TOP.replace("label: Phone}", "label: Phone, many: true}")
    body = """
stages:
  one: {on_enter: [{send_sms: short}], exits: [{signal: go, goto: two}]}
  two: {final: success}
"""
    lead = Lead(pipeline(body, top))
    lead.create(fields={"phone": [{"number": "+79161234567"}, {"number": "+79160000000"}]})
    assert lead.asked(SendMessage)[0].to == "+79161234567"


def test_a_window_within_quiet_hours_lets_nothing_pass() -> None:
    """A message whose window never opens outside quiet hours waits and is dropped; nothing spins."""
    lead = Lead("""
quiet_hours: "08:00-20:00"
stages:
  one:
    sequence: {window: {hours: "09:00-19:00"}, steps: [{after: 1 hour, send_email: offer}]}
    exits: [{signal: go, goto: two}]
  two: {final: success}
""").create(fields=EMAIL)
    lead.until("2026-11-27 12:00")
    assert lead.sent == []
