"""Gates (language.md, **Gate**, Meaning 3): what blocks, whom, and what becomes of it."""

from tests.support.lead import Lead

STAGES = """
stages:
  one:
    title: One
    requires: [name]
    checklist: {asked: Asked}
    exits:
      - {signal: go, goto: two, requires: [{any: [email, phone]}]}
      - {signal: replied, goto: two}
  two:
    enter_requires: [{field: price, if: lead.client == "legal"}]
    enter_checklist: {seen: Seen}
    exits: [{signal: end, goto: three}]
  three: {final: success}
  lost: {final: failure, always: true, enter_requires: [note]}
"""
FILLED = {"name": {"first": "Anna"}, "email": "a@example.com"}


def test_a_blocked_decision_is_refused_with_all_that_is_missing() -> None:
    """Meaning 3: the stage's way out, the exit's own, the target's way in, all at once; nothing changes."""
    lead = Lead(STAGES).create(fields={"client": "legal"})
    assert lead.signal("go", fields={"note": "x"}) == [
        "name",
        "asked",
        "email|phone",
        "price",
        "seen",
    ]
    assert "note" not in lead.state.fields
    said = [refusal.message for refusal in lead.told.refusals]
    assert said == [
        "fill in 'Name'",
        "tick 'Asked'",
        "fill in 'E-mail' or 'Phone'",
        "fill in 'Price'",
        "tick 'Seen'",
    ]
    assert [refusal.field for refusal in lead.told.refusals] == ["name", "", "email", "price", ""]


def test_gates_are_judged_with_what_the_decision_brings() -> None:
    """Meaning 3: after the values of the event; a gate with an `if` counts only while that holds."""
    lead = Lead(STAGES).create()
    lead.tick("asked", "seen")
    assert lead.signal("go", fields=FILLED) == []
    assert lead.stage == "two"


def test_a_tick_belongs_to_the_lead_and_can_be_taken_back() -> None:
    """**stage** checklist: ticks belong to the lead, not to the visit."""
    lead = Lead(STAGES).create(fields=FILLED)
    lead.tick("asked", "seen")
    lead.tick("asked", on=False)
    assert lead.signal("go") == ["asked"]
    assert lead.tick("unknown") == ["bad_value"]
    lead.tick("asked")
    lead.signal("go")
    assert set(lead.state.ticks) == {"asked", "seen"}


def test_a_blocked_fact_stays_pending_and_goes_when_the_gates_hold() -> None:
    """Meaning 3: a blocked fact stays true: shown what for, gone when the gates hold."""
    lead = Lead(STAGES).create()
    lead.fact("replied", channel="email")
    assert (lead.stage, lead.pending) == ("one", ["one/exits/1"])
    assert lead.noted("pending")[0].detail["missing"] == ["name", "asked", "seen"]
    lead.fact("replied", channel="email")
    assert len(lead.pending) == 1, "the same exit waits once"
    lead.set(name={"first": "Anna"})
    lead.tick("asked")
    assert lead.stage == "one"
    lead.tick("seen")
    assert (lead.stage, lead.pending) == ("two", [])


def test_a_pending_exit_ends_with_its_visit() -> None:
    """Meaning 3: within the visit."""
    lead = Lead(STAGES).create(fields={"note": "gone"})
    lead.fact("replied")
    lead.move("lost")
    assert (lead.stage, lead.pending) == ("lost", [])


def test_the_way_into_always_passes_the_gates_of_the_stage_left_only() -> None:
    """**stage** always: past the gates of the stage left; its own way in still holds."""
    lead = Lead(STAGES).create()
    assert lead.move("lost") == ["note"]
    assert lead.move("lost", fields={"note": "gone"}) == []
    assert lead.stage == "lost"


def test_an_exits_set_counts_and_is_taken_back_if_blocked() -> None:
    """Meaning 3: gates are judged after the exit's ``set``; what stays pending has written nothing."""
    lead = Lead("""
stages:
  one:
    exits: [{signal: replied, set: {note: told}, goto: two}]
  two: {enter_requires: [note, email], final: success}
""").create()
    lead.fact("replied")
    assert lead.noted("pending")[0].detail["missing"] == ["email"]
    assert lead.state.fields == {}
    lead.set(email="a@example.com")
    assert (lead.stage, lead.state.fields["note"]) == ("two", "told")


def test_of_several_pending_exits_the_first_in_the_file_goes() -> None:
    """Meaning 2: of pending exits the first whose gates hold goes, however they came."""
    lead = Lead("""
stages:
  one:
    exits:
      - {signal: replied, goto: two, requires: [email]}
      - {signal: signed, goto: three, requires: [email]}
  two: {final: success}
  three: {final: success}
""").create()
    lead.fact("signed")
    lead.fact("replied")
    assert len(lead.pending) == 2
    lead.set(email="a@example.com")
    assert lead.stage == "two"


def test_a_check_says_its_own_words() -> None:
    """**Gate** ``{id, check, say}``: a condition with a name."""
    lead = Lead("""
stages:
  one:
    requires: [{id: dear, check: lead.price >= 100, say: at least 100}, {id: known, check: lead.note is set, say: note}]
    exits: [{signal: go, goto: two}]
  two: {final: success}
""").create()
    assert lead.signal("go", fields={"price": "5"}) == ["dear", "known"]
    assert [refusal.message for refusal in lead.told.refusals] == ["at least 100", "note"]
    assert lead.signal("go", fields={"price": "100", "note": "x"}) == []


def test_a_blocked_automatic_exit_stays_pending_without_falling_through() -> None:
    """Meaning 2 and 3: automatic exits too are blocked, not passed over."""
    lead = Lead("""
stages:
  one:
    exits:
      - {if: lead.price > 1, goto: two, requires: [email]}
      - {if: lead.price > 1, goto: three}
  two: {final: success}
  three: {final: success}
""").create()
    lead.set(price="5")
    assert (lead.stage, len(lead.pending)) == ("one", 1)
    lead.set(note="x")
    assert len(lead.pending) == 1
    lead.set(email="a@example.com")
    assert lead.stage == "two"


def test_creation_is_never_gated() -> None:
    """Meaning 3: creation is never refused: bad and unknown values are left out and noted."""
    lead = Lead("""
stages:
  one: {enter_requires: [name], exits: [{signal: go, goto: two}]}
  two: {final: success}
""").create(fields={"price": "much", "colour": "red", "note": "x"}, left_out={"phone": "bad"})
    assert (lead.stage, lead.state.fields) == ("one", {"note": "x"})
    left_out = lead.noted("created")[0].detail["left_out"]
    assert isinstance(left_out, dict)
    assert set(left_out) == {"price", "colour", "phone"}


def test_a_task_that_cannot_go_on_stays_open() -> None:
    """Meaning 3: the task of a blocked decision stays open."""
    lead = Lead("""
stages:
  one:
    on_enter: [{create_task: {id: offer, title: Offer}}]
    exits: [{task: offer, goto: two, requires: [email]}]
  two: {final: success}
""").create()
    assert lead.task("offer") == ["email"]
    assert lead.open == ["offer"]
    lead.task("offer", fields={"email": "a@example.com"})
    assert (lead.stage, lead.open) == ("two", [])


def test_tracks_blocked_together_say_all_that_is_missing() -> None:
    """Meaning 3: one exit in each track, all their gates in one refusal."""
    lead = Lead("""
stages:
  one:
    tracks:
      a: {stages: {a1: {requires: [email], exits: [{signal: go, goto: a2}]}, a2: {final: success}}}
      b: {stages: {b1: {requires: [note], exits: [{signal: go, goto: b2}]}, b2: {final: success}}}
    exits: [{signal: end, goto: two}]
  two: {final: success}
""").create()
    assert lead.signal("go") == ["email", "note"]
