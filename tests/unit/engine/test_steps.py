"""The law of a step (language.md, Meaning 1): values, reactions, one exit, what follows."""

import pytest

from leadflow.errors import EngineError
from tests.support.lead import Lead


def test_values_are_written_before_reactions_and_exits() -> None:
    """(a) comes first: the `if` of a reaction and of an exit see the fields the signal carries."""
    lead = Lead("""
stages:
  one:
    when:
      - {signal: go, if: lead.price > 100, do: [{set: {note: dear}}]}
    exits:
      - {signal: go, if: lead.price > 100, goto: two}
  two: {final: success}
""").create()
    assert lead.signal("go", fields={"price": "500"}) == []
    assert (lead.stage, lead.state.fields["note"]) == ("two", "dear")


def test_reactions_run_before_the_exit_and_feed_its_condition() -> None:
    """(b) before (c): an exit's `if` sees what a reaction to the same signal has set (Meaning 2)."""
    lead = Lead("""
stages:
  one:
    when:
      - {signal: go, do: [{set: {note: ready}}]}
    exits:
      - {signal: go, if: lead.note == "ready", goto: two}
  two: {final: success}
""").create()
    lead.signal("go")
    assert lead.stage == "two"


def test_reactions_of_tracks_stage_and_pipeline_run_in_this_order() -> None:
    """(b): tracks, stage, pipeline: each condition sees what the one before has written."""
    lead = Lead("""
when:
  - {signal: go, if: lead.count == 2, do: [{set: {count: 3}}]}
stages:
  one:
    tracks:
      side:
        stages:
          inner:
            when: [{signal: go, do: [{set: {count: 1}}]}]
            exits: [{signal: never, goto: ready}]
          ready: {final: success}
    when:
      - {signal: go, if: lead.count == 1, do: [{set: {count: 2}}]}
    exits: [{signal: end, goto: two}]
  two: {final: success}
""").create()
    lead.signal("go")
    assert lead.state.fields["count"] == "3"


def test_what_the_signal_meets_is_looked_at_once_in_the_order_of_the_file() -> None:
    """(b): a reaction passed over because of its `if` is not taken up again by a later one's doing."""
    lead = Lead("""
stages:
  one:
    when:
      - {signal: go, id: a, if: lead.note is set, do: [{set: {count: 1}}]}
      - {signal: go, id: b, do: [{set: {note: x}}]}
    exits: [{signal: end, goto: two}]
  two: {final: success}
""").create()
    lead.signal("go")
    assert lead.state.fields == {"note": "x"}


def test_changed_is_looked_at_again_after_each_reaction() -> None:
    """(b): ``changed`` is measured against ``was``, so what a reaction writes counts, in a chain; each runs once."""
    lead = Lead("""
stages:
  one:
    when:
      - {changed: note, do: [{add: {count: 1}}]}
      - {changed: client, do: [{set: {note: "x"}}]}
      - {signal: go, do: [{set: {client: legal}}]}
    exits: [{signal: end, goto: two}]
  two: {final: success}
""").create()
    lead.signal("go")
    assert lead.state.fields == {"client": "legal", "note": "x", "count": "1"}


def test_a_value_set_back_within_the_step_has_not_changed() -> None:
    """``changed`` compares with ``was``: the same value as before the step is no change."""
    lead = Lead("""
stages:
  one:
    when:
      - {signal: go, id: away, do: [{set: {note: b}}]}
      - {signal: go, id: back, do: [{set: {note: a}}]}
      - {changed: note, if: lead.note == "a", do: [{set: {count: 1}}]}
    exits: [{signal: end, goto: two}]
  two: {final: success}
""").create(fields={"note": "a"})
    lead.signal("go")
    assert "count" not in lead.state.fields


def test_a_reaction_without_trigger_runs_each_time_its_condition_turns_true() -> None:
    """**Trigger** none: a ``when`` runs each time it turns true, not while it stays so."""
    lead = Lead("""
stages:
  one:
    when: [{if: lead.price > 100, do: [{add: {count: 1}}]}]
    exits: [{signal: end, goto: two}]
  two: {final: success}
""").create()
    counts = []
    for price in ("50", "200", "300", "10", "200"):
        lead.set(price=price)
        counts.append(lead.state.fields.get("count"))
    assert counts == [None, "1", "1", "1", "2"]


def test_a_condition_that_holds_on_entry_has_turned_true() -> None:
    """(b): one without trigger that holds on entry has turned true, in every visit anew."""
    lead = Lead("""
stages:
  one:
    when: [{if: lead.price > 100, do: [{add: {count: 1}}]}]
    exits: [{signal: again, goto: one}, {signal: end, goto: two}]
  two: {final: success}
""").create(fields={"price": "200"})
    assert lead.state.fields["count"] == "1"
    lead.signal("again")
    assert lead.state.fields["count"] == "2"


def test_was_is_the_state_before_the_step() -> None:
    """**Conditions** see ``was``: here a price that has more than doubled in this step."""
    lead = Lead("""
stages:
  one:
    when: [{changed: price, if: lead.price > was.lead.price * 2, do: [{add: {count: 1}}]}]
    exits: [{signal: end, goto: two}]
  two: {final: success}
""").create(fields={"price": "100"})
    lead.set(price="150")
    assert "count" not in lead.state.fields
    lead.set(price="400")
    assert lead.state.fields["count"] == "1"


def test_automatic_exits_follow_to_a_fixed_point() -> None:
    """(d): an exit without trigger goes as soon as its `if` holds, through several stages in one step."""
    lead = Lead("""
stages:
  one: {exits: [{if: lead.price is set, goto: two}]}
  two: {exits: [{goto: three}]}
  three: {exits: [{if: lead.note is set, goto: four}]}
  four: {final: success}
""").create()
    assert lead.stage == "one"
    lead.set(price="1")
    assert (lead.stage, lead.state.visit) == ("three", 3)


def test_an_exit_set_is_a_change_that_the_pipeline_reacts_to() -> None:
    """What an exit's ``set`` writes has changed too, for reactions that stood when the step began."""
    lead = Lead("""
when: [{changed: note, do: [{add: {count: 1}}]}]
stages:
  one: {exits: [{signal: go, set: {note: x}, goto: two}]}
  two:
    when: [{changed: note, do: [{add: {count: 10}}]}]
    exits: [{signal: end, goto: three}]
  three: {final: success}
""").create()
    lead.signal("go")
    assert lead.state.fields["count"] == "1"


def test_a_loop_without_a_wait_breaks_the_engine() -> None:
    """50 exits in one event quarantine the lead: `EngineError`, the state given stays good (Meaning 1)."""
    lead = Lead("""
stages:
  one: {exits: [{if: lead.note is set, goto: two}]}
  two: {exits: [{if: lead.note is set, goto: one}, {signal: end, goto: three}]}
  three: {final: success}
""").create()
    with pytest.raises(EngineError, match="50 exits"):
        lead.set(note="x")
    assert (lead.stage, lead.state.version) == ("one", 1)


def test_effects_leave_in_the_order_they_were_decided() -> None:
    """Meaning 1: effects leave in order: the reaction's before those of the exit, ``do`` before ``on_enter``."""
    lead = Lead("""
stages:
  one:
    when: [{signal: go, do: [{notify: owner, id: a}]}]
    on_leave: [{notify: owner, id: b}]
    exits: [{signal: go, goto: two, do: [{notify: owner, id: c}]}]
  two: {on_enter: [{notify: owner, id: d}], exits: [{signal: end, goto: three}]}
  three: {final: success}
""").create()
    lead.signal("go")
    assert [effect.key for effect in lead.told.effects] == [
        "L1/stage/1/a/1",
        "L1/stage/2/b/1",
        "L1/stage/2/c/1",
        "L1/stage/2/d/1",
    ]
