"""Actions (language.md, **action**): what each verb asks for, ``if``, ``else``, ``once``."""

from leadflow.engine.effects import (
    AudienceChange,
    EraseLead,
    NotifyPeople,
    Pin,
    PostWebhook,
    StartOther,
    WatchChanged,
)
from tests.support.lead import Lead

FIELDS = {
    "email": "a@example.com",
    "phone": {"number": "+79161234567"},
    "price": "100",
    "who": "carl",
}


def do(actions: str) -> Lead:
    return Lead(f"""
stages:
  one:
    when: [{{signal: go, do: [{actions}]}}]
    exits: [{{signal: end, goto: two}}]
  two: {{final: success}}
""").create(fields=FIELDS)


def test_notify_and_watch() -> None:
    """People by role, team and field; texts with their values."""
    lead = do(
        '{notify: {to: [owner, sales, lead.who], text: "{{ lead.price }}"}}, {watch: [olga, lead.who]}'
    )
    lead.signal("go")
    (told,) = lead.asked(NotifyPeople)
    assert (told.to.names, told.users, told.if_unsure) == (("owner", "sales"), ("carl",), "resend")
    assert told.frozen.values == {"lead.price": ("money", "100")}
    (watched,) = lead.asked(WatchChanged)
    assert watched.to.names == ("olga", "carl")
    assert lead.state.watchers == {"olga": "stage/1", "carl": "stage/1"}


def test_pin_replaces_what_was_pinned() -> None:
    """**pin_comment**: the state keeps the key of the last."""
    lead = do('{pin_comment: "Price: {{ lead.price }}"}')
    lead.signal("go")
    lead.signal("go")
    assert [pin.key for pin in lead.asked(Pin)] == [
        "L1/stage/1/pin_comment/1",
        "L1/stage/1/pin_comment/2",
    ]
    assert lead.state.pinned == "L1/stage/1/pin_comment/2"


def test_audiences() -> None:
    """In with the addresses there are, each audience once; out again."""
    lead = do("{add_to_audience: warm}, {add_to_audience: cold}, {remove_from_audience: warm}")
    lead.signal("go")
    lead.signal("go")
    first = lead.asked(AudienceChange)[0]
    assert (first.email, first.phone, first.remove) == ("a@example.com", "+79161234567", False)
    assert lead.asked(AudienceChange)[2].remove is True
    assert lead.state.audiences == ("cold",)


def test_an_erased_person_leaves_every_audience() -> None:
    """**erase_after**: each audience is left with the addresses there were, before they are forgotten; then none is left."""
    lead = Lead("""
stages:
  one:
    on_enter: [{add_to_audience: warm}, {add_to_audience: cold}]
    exits: [{signal: go, goto: two}]
  two: {final: failure, erase_after: 30 days}
""").create(fields={"email": "a@example.com", "phone": {"number": "+79161234567"}})
    lead.signal("go")
    lead.until("2026-12-24 12:00")
    left = [one for one in lead.asked(AudienceChange) if one.remove]
    assert [(one.name, one.email, one.phone) for one in left] == [
        ("warm", "a@example.com", "+79161234567"),
        ("cold", "a@example.com", "+79161234567"),
    ]
    assert [type(one) for one in lead.told.effects] == [AudienceChange, AudienceChange, EraseLead]
    assert (lead.state.audiences, lead.state.fields) == ((), {})


def test_webhooks_and_other_pipelines() -> None:
    """**call_webhook** freezes its body's values; **start_pipeline** maps fields that are filled."""
    lead = do(
        '{call_webhook: {connection: erp, body: {sum: "{{ lead.price }}"}}},'
        " {start_pipeline: {pipeline: other, map: {their_price: price, their_note: note}}}"
    )
    lead.signal("go")
    (hook,) = lead.asked(PostWebhook)
    assert (hook.connection, hook.frozen.values) == ("erp", {"lead.price": ("money", "100")})
    (started,) = lead.asked(StartOther)
    assert (started.pipeline, started.fields) == ("other", {"their_price": "100"})


def test_if_and_else() -> None:
    """**if** beside a verb; ``else`` when it is skipped."""
    lead = do("{set: {note: dear}, if: lead.price > 500, else: [{set: {note: cheap}}]}")
    lead.signal("go")
    assert lead.state.fields["note"] == "cheap"
    lead.set(price="1000")
    lead.signal("go")
    assert lead.state.fields["note"] == "dear"


def test_once_is_once_in_the_leads_life() -> None:
    """**once**: per lead, ever; its key has visit 0 (Meaning 11). What was skipped has not been done."""
    lead = Lead("""
stages:
  one:
    on_enter: [{send_email: offer, once: true}]
    exits: [{signal: again, goto: one}, {signal: end, goto: two}]
  two: {final: success}
""").create()
    assert lead.reasons() == [("offer", "no_address")]
    lead.signal("again", fields={"email": "a@example.com"})
    lead.signal("again")
    keys = [effect.key for effect in lead.effects if effect.key.endswith("send_email:offer/1")]
    assert keys == ["L1/stage/0/send_email:offer/1"]
    assert lead.sent == ["send_email:offer"]


def test_once_is_known_by_its_name_wherever_it_stands() -> None:
    """**once**: the same letter in two stages goes once; another name is another thing (Meaning 11)."""
    lead = Lead("""
when: [{signal: replied, do: [{send_email: offer, once: true}]}]
stages:
  one:
    on_enter: [{send_email: offer, once: true}, {send_email: offer, once: true, id: second}]
    exits: [{signal: go, goto: two}]
  two: {on_enter: [{send_email: offer, once: true}], exits: [{signal: end, goto: three}]}
  three: {final: success}
""").create(fields={"email": "a@example.com"})
    assert lead.sent == ["send_email:offer", "second"]
    lead.fact("replied")
    lead.signal("go")
    assert lead.sent == ["send_email:offer", "second"]
