"""Tracks: stages side by side inside a stage (language.md, **tracks**, Meaning 1)."""

from leadflow.engine.effects import TaskOpened
from tests.support.lead import Lead

STAGES = """
stages:
  one:
    tracks:
      docs:
        title: Documents
        stages:
          asked:
            on_enter: [{create_task: {id: ask, title: Ask}}]
            on_leave: [{notify: owner, id: left}]
            exits: [{task: ask, goto: got}, {signal: refuse, goto: none}, {signal: both, goto: got}]
          got: {final: success, on_enter: [{notify: owner, id: got}]}
          none: {final: failure}
      money:
        stages:
          billed: {requires: [price], exits: [{signal: pay, goto: paid}, {signal: both, goto: paid}]}
          paid: {final: success}
    exits:
      - {if: track.docs is done and track.money is done, goto: two}
      - {if: track.docs is failed, goto: three}
      - {signal: both, goto: three}
      - {signal: stop, goto: three}
  two: {final: success}
  three: {final: failure}
"""


def test_tracks_begin_with_their_stage_each_in_a_visit_of_its_own() -> None:
    """**tracks**: side by side; keys of scope ``track.ID`` (Meaning 11)."""
    lead = Lead(STAGES).create()
    assert {track: run.stage for track, run in lead.state.tracks.items()} == {
        "docs": "docs.asked",
        "money": "money.billed",
    }
    assert lead.asked(TaskOpened)[0].key == "L1/track.docs/1/create_task:ask/1"


def test_a_final_stage_ends_its_track_and_conditions_see_it() -> None:
    """**tracks**: a ``final`` ends its track; ``track.ID is done`` lets the stage go on by itself."""
    lead = Lead(STAGES).create(fields={"price": "1"})
    lead.task("ask")
    assert lead.state.tracks["docs"].done == "success"
    assert [e.key for e in lead.told.effects][-2:] == [
        "L1/track.docs/2/left/1",
        "L1/track.docs/2/got/1",
    ]
    assert lead.stage == "one"
    lead.signal("pay")
    assert (lead.stage, lead.state.tracks) == ("two", {})


def test_a_failed_track() -> None:
    """**Conditions**: ``track.ID is failed``."""
    lead = Lead(STAGES).create()
    lead.signal("refuse")
    assert lead.stage == "three"


def test_one_exit_in_each_track_goes_before_the_stages() -> None:
    """Meaning 1 (c): one in each track; the stage's own exit for the same signal is not looked at."""
    lead = Lead(STAGES).create(fields={"price": "1"})
    assert lead.signal("both") == []
    assert lead.stage == "two"


def test_the_end_of_the_stage_ends_its_tracks() -> None:
    """Meaning 5: the visit's end cancels tasks of tracks, and leaves their stages (``on_leave``)."""
    lead = Lead(STAGES).create()
    lead.signal("stop")
    assert (lead.open, lead.state.tracks) == ([], {})
    assert [e.key for e in lead.told.effects][-1] == "L1/stage/2/left/1"


def test_a_tracks_gates_are_its_own() -> None:
    """**stage** requires: a gate of the track's stage is for its ways out, not for the stage around it."""
    lead = Lead(STAGES).create()
    assert lead.signal("pay") == ["price"]
    assert lead.signal("stop") == []


def test_a_tracks_pending_exit_goes_in_its_own_visit() -> None:
    """Meaning 3: within the visit, here of the track; the order is tracks, stage, pipeline."""
    lead = Lead("""
exits: [{signal: signed, goto: three, requires: [note]}]
stages:
  one:
    tracks:
      t:
        stages:
          a: {exits: [{signal: replied, goto: b, requires: [note]}]}
          b: {exits: [{signal: next, goto: c}]}
          c: {final: success}
    exits: [{signal: paid, goto: two, requires: [email]}]
  two: {final: success}
  three: {final: success}
""").create()
    lead.fact("signed")
    lead.fact("paid")
    lead.fact("replied")
    assert [one.scope for one in lead.state.pending] == ["stage/1", "stage/1", "track.t/1"]
    lead.set(note="x")
    assert lead.noted("exit")[0].subject == "t.b", "the track's goes first"
    assert lead.stage == "three"


def test_tracks_come_anew_with_each_visit() -> None:
    """Meaning 5: a new visit is all anew; a track's visits go on counting, so that keys stay unique."""
    lead = Lead("""
stages:
  one:
    tracks:
      t:
        stages:
          a: {on_enter: [{notify: owner}], exits: [{signal: next, goto: b}]}
          b: {final: success}
    exits: [{signal: again, goto: one}, {signal: end, goto: two}]
  two: {final: success}
""").create()
    lead.signal("next")
    lead.signal("again")
    assert (lead.state.tracks["t"].stage, lead.state.tracks["t"].visit) == ("t.a", 3)
    assert lead.effects[-1].key == "L1/track.t/3/notify:owner/1"
