"""Of all ways on the one that is named as the shortest."""

from tests.support.lead import Lead
from tests.unit.engine.test_why import closest


def test_the_shortest_way_on_goes_on() -> None:
    """Of ways as short one that gives the lead up comes last, also behind one that only time brings; a longer one does not."""
    body = """
stages:
  one:
    exits:
      - {signal: lose, goto: lost}
      - {task: call, outcome: bad, goto: lost}
      %s
    on_enter: [{create_task: {id: call, title: Call, outcomes: {good: Good, bad: Bad}}}]
  two: {final: success}
  lost: {final: failure}
"""
    assert closest(Lead(body % "- {task: call, outcome: good, goto: two}").create()) == [
        "task call good"
    ]
    assert closest(Lead(body % "- {after: 1 day, goto: two}").create()) == [
        "wait  2026-11-24T07:00:00Z"
    ]
    assert closest(Lead(body % "- {signal: go, requires: [email], goto: two}").create()) == [
        "signal lose"
    ]


def test_a_track_that_goes_on_comes_before_one_that_fails() -> None:
    """The same within a track: its stages end in failure, too."""
    lead = Lead("""
stages:
  one:
    tracks:
      papers:
        stages:
          get: {exits: [{signal: missing, goto: failed}, {signal: got, goto: there}]}
          failed: {final: failure}
          there: {final: success}
    exits: [{if: track.papers is done, goto: two}]
  two: {final: success}
""").create()
    assert closest(lead) == ["signal got"]
