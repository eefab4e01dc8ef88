"""How effects end (language.md, **Trigger** sent, **if_unsure**, facts): accepted, refused, skipped, unsure, settled."""

from leadflow.engine.effects import NotifyPeople, SettleSend, TaskChanged, TaskOpened
from leadflow.engine.events import DocumentMade, Numbered, OwnerFound
from tests.support.lead import Lead

EMAIL = {"email": "a@example.com"}
STAGES = """
stages:
  one:
    on_enter: [{send_email: offer, else: [{set: {note: else}}]}]
    when:
      - {signal: send_failed, do: [{set: {client: legal}}], if: signal.channel == "email"}
      - {signal: more, do: [{send_email: hello}]}
    exits: [{sent: offer, goto: two}, {signal: go, goto: three}]
  two: {final: success}
  three: {exits: [{signal: go, goto: two}]}
"""


def test_sent_moves_the_lead() -> None:
    """**Trigger** sent: the template that has been handed over."""
    lead = Lead(STAGES).create(fields=EMAIL)
    lead.arrive()
    assert (lead.stage, lead.state.sends) == ("two", {})


def test_refused_is_a_fact_and_done_otherwise() -> None:
    """A refusal is the fact ``send_failed`` with its data, in the same step; ``else`` when failed for good."""
    lead = Lead(STAGES).create(fields=EMAIL)
    lead.arrive(result="refused", reason="no such user")
    assert lead.state.fields == {**EMAIL, "note": "else", "client": "legal"}
    assert lead.noted("refused")[0].detail["reason"] == "no such user"
    assert lead.stage == "one"


def test_skipped_at_the_hand_over() -> None:
    """A text with an empty value goes to nobody: skipped, the owner told, done otherwise."""
    lead = Lead(STAGES).create(fields=EMAIL)
    lead.arrive(result="skipped", reason="empty_value")
    assert lead.reasons() == [("offer", "empty_value")]
    assert [effect.about for effect in lead.asked(NotifyPeople)] == ["not_sent:empty_value"]
    assert lead.state.fields["note"] == "else"


def test_a_result_for_an_ended_visit_moves_nothing() -> None:
    """Meaning 5: what was called back and still went is noted, ``sent`` means nothing any more, nor does ``else``."""
    lead = Lead(STAGES).create(fields=EMAIL)
    key = lead.out[0]
    lead.signal("go")
    lead.arrive(key)
    assert (lead.stage, lead.noted("sent")[0].subject) == ("three", "offer")
    other = Lead(lead.pipeline).create(fields=EMAIL)
    other.signal("go")
    other.arrive(other.out[0], "skipped", reason="opted_out")
    assert "note" not in other.state.fields


def test_what_was_called_back_is_not_put_off() -> None:
    """Meaning 5: the hand-over would try again in the morning: its visit has ended, so it does not go at all."""
    lead = Lead(STAGES).create(fields=EMAIL)
    key = lead.out[0]
    lead.signal("go")
    lead.arrive(key, "postponed", at="2026-11-24T06:00:00Z")
    assert (lead.state.sends, lead.next) == ({}, "")


def test_an_unknown_result_is_only_recorded() -> None:
    """A repeated or late answer changes nothing but the version."""
    lead = Lead(STAGES).create(fields=EMAIL)
    lead.arrive("L1/stage/9/send_email:offer/1")
    assert (lead.stage, lead.told.notes[0].kind) == ("one", "recorded")


def test_unsure_opens_a_task_and_waits() -> None:
    """**if_unsure** ask: a task ``settle`` stands open, neither sent nor failed; saying so again changes nothing."""
    lead = Lead(STAGES).create(fields=EMAIL)
    key = lead.out[0]
    lead.arrive(key, "ambiguous", reason="lost after the dot")
    (task,) = lead.asked(TaskOpened)
    assert (task.task, task.about, task.settles) == ("settle", "settle", key)
    assert task.frozen.values == {"reason": ("text", "lost after the dot")}
    lead.arrive(key, "ambiguous")
    assert lead.open == ["settle"]
    lead.arrive(key, "postponed", at="2026-11-24T06:00:00Z")
    assert (lead.stage, lead.next) == ("one", "")


def test_settled_as_sent() -> None:
    """**if_unsure**: ``sent``: the ledger's row follows, the exit goes."""
    lead = Lead(STAGES).create(fields=EMAIL)
    key = lead.out[0]
    lead.arrive(key, "ambiguous")
    assert lead.task("settle", "maybe") == ["bad_value"]
    assert lead.task("settle", "sent") == []
    assert [(e.key, e.verdict) for e in lead.asked(SettleSend)] == [(key, "sent")]
    assert lead.stage == "two"


def test_settled_as_dropped() -> None:
    """**if_unsure**: ``drop``: it never went, and nothing is done instead."""
    lead = Lead(STAGES).create(fields=EMAIL)
    lead.arrive(result="ambiguous")
    lead.task("settle", "drop")
    assert (lead.stage, lead.state.sends, lead.state.fields) == ("one", {}, EMAIL)


def test_settled_by_sending_again() -> None:
    """**if_unsure**: ``resend``: the same key goes again, its result is awaited."""
    lead = Lead(STAGES).create(fields=EMAIL)
    key = lead.out[0]
    lead.arrive(key, "ambiguous")
    lead.task("settle", "resend")
    assert lead.out == [key]
    lead.arrive(key)
    assert lead.stage == "two"


def test_settled_elsewhere() -> None:
    """A look-up or the operator's outbox settles it too: the task is done with it."""
    lead = Lead(STAGES).create(fields=EMAIL)
    key = lead.out[0]
    lead.arrive(key, "ambiguous")
    lead.arrive(key, "accepted")
    assert (lead.open, lead.stage) == ([], "two")
    assert lead.asked(TaskChanged)[-1].status == "done"


def test_two_unsure_sends_are_two_tasks() -> None:
    """Each unsure message has a task of its own; both outlive the visit and the lead."""
    lead = Lead(STAGES).create(fields=EMAIL)
    lead.signal("more")
    first, second = lead.out
    lead.arrive(first, "ambiguous")
    lead.arrive(second, "ambiguous")
    assert lead.open == ["settle", "settle_2"]
    lead.signal("go")
    lead.signal("go")
    assert (lead.state.closed, lead.open) == ("success", ["settle", "settle_2"])
    assert lead.task("settle_2", "sent") == []
    assert [e.key for e in lead.asked(SettleSend)] == [second]
    assert lead.task("settle", "drop") == []
    assert (lead.state.sends, lead.open) == ({}, [])


def test_a_failed_word_to_our_own_people() -> None:
    """A notification has its ``else`` too, but is no message to the client; each recipient's row ends in the user."""
    lead = Lead("""
stages:
  one:
    on_enter: [{notify: sales, else: [{set: {note: alone}}]}]
    when: [{signal: send_failed, do: [{set: {client: legal}}]}]
    exits: [{signal: go, goto: two}]
  two: {final: success}
""").create()
    key = lead.out[0]
    lead.arrive(f"{key}/anna", "refused")
    assert (lead.state.fields, lead.state.sends) == ({"note": "alone"}, {})
    lead.arrive(f"{key}/boris", "accepted")
    assert lead.told.notes[0].kind == "recorded"
    other = Lead(lead.pipeline).create()
    other.arrive(other.out[0], "postponed", at="2026-11-24T06:00:00Z")
    assert other.next == ""


def test_our_own_words_are_asked_about_too() -> None:
    """Nothing waits for the second recipient's row any more; unsure it has a task all the same, until somebody knows."""
    lead = Lead("""
stages:
  one:
    on_enter: [{notify: sales}]
    exits: [{signal: go, goto: two}]
  two: {final: success}
""").create()
    key = lead.out[0]
    lead.arrive(f"{key}/anna", "accepted")
    lead.arrive(f"{key}/boris", "ambiguous", reason="lost after the dot")
    (task,) = lead.asked(TaskOpened)
    assert (task.settles, lead.open) == (key, ["settle"])
    lead.arrive(f"{key}/boris", "ambiguous")
    assert lead.open == ["settle"]
    assert lead.task("settle", "resend") == []
    assert [(e.key, e.verdict) for e in lead.asked(SettleSend)] == [(key, "resend")]
    assert (lead.stage, lead.open) == ("one", [])


def test_an_old_doubt_is_not_asked_about_again() -> None:
    """Told once more that nobody knows, after somebody has said so: nothing; sent again and unsure again: a new task."""
    lead = Lead(STAGES).create(fields=EMAIL)
    key = lead.out[0]
    lead.arrive(key, "ambiguous")
    lead.task("settle", "drop")
    lead.arrive(key, "ambiguous")
    assert lead.open == []
    word = "L1/stage/1/remind:call/1"
    lead.arrive(word, "ambiguous")
    lead.task("settle", "resend")
    lead.arrive(word, "ambiguous")
    assert lead.open == ["settle"]


def test_our_own_words_that_arrived_after_all() -> None:
    """A reminder of the engine's own: the late truth ends the task that asked about it."""
    lead = Lead(STAGES).create(fields=EMAIL)
    lead.arrive("L1/stage/1/remind:call/1", "ambiguous")
    assert lead.open == ["settle"]
    lead.arrive("L1/stage/1/remind:call/1", "accepted")
    assert lead.open == []


def test_what_a_document_is_called() -> None:
    """A document's number comes back from the commit; ``sent`` means a message that has it attached."""
    top = "documents: {contract: {title: Contract, number: 'N {0001}'}}"
    lead = Lead(f"""
{top}
stages:
  one:
    on_enter: [{{create_document: contract}}]
    when:
      - {{if: document.contract.number is set, do: [{{send_email: {{template: offer, attach: [contract]}}}}]}}
    exits: [{{sent: contract, goto: two}}]
  two: {{final: success}}
""").create(fields=EMAIL)
    assert lead.sent == []
    lead.tell(DocumentMade(id="d", key=lead.effects[-1].key, document="contract", number="N 0001"))
    assert lead.state.documents == {"contract": "N 0001"}
    lead.arrive(lead.out[-1])
    assert lead.stage == "two"


def test_what_the_commit_found() -> None:
    """Numbers and owners come back; an answer nobody asked for is only recorded."""
    lead = Lead(STAGES).create()
    lead.tell(Numbered(id="n", number=7))
    assert lead.state.number == 7
    lead.tell(OwnerFound(id="o", key="L1/pipeline/0/owner:routing/1", owner="boris"))
    assert lead.state.owner == "anna"
    assert lead.told.notes[0].subject == "owner_found"
