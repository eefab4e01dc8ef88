"""The door (design, *Engine*): birth, quarantine, release; and what comes from outside malformed."""

from datetime import timedelta

import msgspec
import pytest

from leadflow.engine import events as ev
from leadflow.engine.decide import begin, decide, is_decision, next_deadline, quarantine
from leadflow.engine.pipeline import Action, CreateTask, Exit, Pipeline, Stage, Trigger, When
from leadflow.engine.state import Deadline
from leadflow.errors import EngineError
from tests.support.lead import ANNA, MONDAY, Lead, pipeline

STAGES = """
stages:
  one:
    when: [{signal: replied, do: [{add: {count: 1}}]}]
    exits: [{signal: go, goto: two}, {after: 1 hour, goto: two}]
  two: {final: success}
"""


def test_nothing_happens_before_the_creation_and_that_once() -> None:
    """A lead is created first, and once."""
    lead = Lead(STAGES)
    assert lead.signal("go") == ["not_expected"]
    assert lead.fact("replied") == ["not_expected"]
    lead.create()
    lead.create()
    assert lead.refused == ["not_expected"]


def test_a_lead_begins_where_a_scenario_says() -> None:
    """**start** stage; one that is not there is not taken."""
    lead = Lead("""
stages:
  one: {exits: [{signal: go, goto: two}]}
  two:
    tracks: {t: {stages: {a: {exits: [{signal: x, goto: b}]}, b: {final: success}}}}
    exits: [{signal: go, goto: three}]
  three: {final: success}
""")
    assert Lead(lead.pipeline).create(stage="two").stage == "two"
    assert Lead(lead.pipeline).create(stage="nowhere").stage == "one"
    assert Lead(lead.pipeline).create(stage="t.a").stage == "one"


def test_circumstances_are_kept() -> None:
    """What the door knows of the lead; a time zone that is none is left out."""
    lead = Lead(STAGES).create(
        channel="call",
        source="site",
        form="f",
        title="T",
        language="en",
        timezone="Mars/X",
        number=3,
    )
    s = lead.state
    assert (s.channel, s.source, s.form, s.title, s.language) == ("call", "site", "f", "T", "en")
    assert (s.timezone, s.number, s.creator, s.created) == ("", 3, "anna", "2026-11-23T07:00:00Z")


def test_defaults() -> None:
    """**Field** default: written at the creation unless a value is given."""
    top = """
pipeline: test
fields: {note: {type: text, default: new}, count: number}
"""
    spec = pipeline(STAGES, top)
    assert Lead(spec).create().state.fields == {"note": "new"}
    assert Lead(spec).create(fields={"note": "x"}).state.fields == {"note": "x"}


def test_a_quarantined_lead_refuses_decisions_and_keeps_facts() -> None:
    """Parked: no timer, decisions refused, facts held; released, they are applied in order."""
    lead = Lead(STAGES).create()
    lead.state = quarantine(lead.state, "broken", ev.Signal(id="f", name="replied"))
    assert (lead.state.version, len(lead.state.held), next_deadline(lead.state)) == (2, 1, None)
    assert lead.signal("go") == ["not_now"]
    lead.tell(ev.Timer(id="t", due="2026-11-23T09:00:00Z"))
    assert lead.refused == ["not_now"]
    lead.fact("replied")
    assert [type(event) for event in lead.state.held] == [ev.Signal, ev.Signal]
    lead.tell(ev.Released(id="r"))
    assert (lead.state.quarantined, lead.state.fields["count"]) == ("", "2")
    assert [event.id for event in lead.state.held] == []
    assert lead.told.notes[0].kind == "released"
    assert lead.next == "2026-11-23 11:00"
    lead.tell(ev.Released(id="r2"))
    assert lead.refused == ["not_expected"]


def test_parking_holds_no_decision_and_no_tick() -> None:
    """The decision that met the error is simply not taken; a tick comes again by itself."""
    lead = Lead(STAGES).create()
    for event in (ev.Signal(id="s", name="go"), ev.Timer(id="t", due=""), None):
        parked = quarantine(lead.state, "", event)
        assert (parked.held, parked.quarantined) == ((), "unknown")
    assert lead.state.quarantined == ""


def test_a_release_in_vain_leaves_the_lead_parked() -> None:
    """What is held still breaks the engine: the error is raised, the state given is as good as before."""
    lead = Lead("""
stages:
  one: {exits: [{signal: replied, goto: two}]}
  two: {exits: [{if: lead.note is empty, goto: three}]}
  three: {exits: [{if: lead.note is empty, goto: two}, {signal: go, goto: four}]}
  four: {final: success}
""").create()
    parked = quarantine(lead.state, "broken", ev.Signal(id="f", name="replied"))
    with pytest.raises(EngineError):
        decide(lead.pipeline, parked, ev.Released(id="r"), MONDAY)
    assert len(parked.held) == 1


def test_what_is_a_decision() -> None:
    """Facts among the signals, and answers, are none."""
    assert is_decision(ev.Signal(id="", name="go"))
    assert not is_decision(ev.Signal(id="", name="replied"))
    assert is_decision(ev.Moved(id="", stage="two"))
    assert not is_decision(ev.Numbered(id="", number=1))


def test_a_pipeline_that_is_not_the_leads_breaks_the_engine() -> None:
    """A state that names what the pipeline lacks is an engine error, and says what it misses."""
    lead = Lead(STAGES).create()
    other = Pipeline(id="other", title="Other", fields={}, stages={"x": Stage(id="x", title="X")})
    with pytest.raises(EngineError, match="no stage 'one'"):
        decide(other, lead.state, ev.FieldsSet(id="", actor=ANNA), MONDAY)


def test_nodes_that_are_not_there_break_the_engine() -> None:
    """A pipeline the compiler would not make: an action without its task, a reassignment without its rule."""
    when = When(
        ref="w",
        id="w",
        trigger=Trigger(kind="signal", names=("replied",)),
        do=(Action(ref="a", node="a", do=CreateTask(task="none")),),
    )
    way = Exit(ref="e", id="e", trigger=Trigger(kind="signal", names=("go",)), goto="x")
    stage = Stage(id="x", title="X", whens=(when,), exits=(way,))
    bare = Pipeline(id="p", title="P", fields={}, stages={"x": stage})
    state = decide(bare, begin(bare, "L1"), ev.Created(id="c"), MONDAY).state
    with pytest.raises(EngineError, match="no task 'none'"):
        decide(bare, state, ev.Signal(id="s", name="replied"), MONDAY)
    due = "2026-11-23T07:00:00Z"
    state.deadlines["reassign"] = Deadline(
        due=due, kind="reassign", ref="reassign", scope="pipeline/0"
    )
    with pytest.raises(EngineError, match="no such rule"):
        decide(bare, state, ev.Timer(id="t", due=due), MONDAY)


def test_working_time_without_a_calendar_breaks_the_engine() -> None:
    """What cannot be computed at all quarantines instead of inventing a time."""
    lead = Lead(STAGES.replace("1 hour", "1 working hour"))
    bare = msgspec.structs.replace(lead.pipeline, calendar=None)
    with pytest.raises(EngineError, match="needs a calendar"):
        decide(bare, begin(bare, "L1"), ev.Created(id="c", actor=ANNA), MONDAY)


def test_a_late_or_early_tick_counts_as_its_instant() -> None:
    """The clock that fired a moment early is set to the deadline: a tick must not leave it in place."""
    lead = Lead(STAGES).create()
    decision = decide(
        lead.pipeline,
        lead.state,
        ev.Timer(id="t", due="2026-11-23T08:00:00Z"),
        MONDAY + timedelta(minutes=59, seconds=59, microseconds=900_000),
    )
    assert (decision.state.stage, decision.state.entered) == ("two", "2026-11-23T08:00:00Z")
