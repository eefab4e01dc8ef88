"""The law of why (X01): applying an answer always moves the lead, no smaller part of it does."""

from datetime import timedelta
from itertools import combinations

from hypothesis import HealthCheck, given, settings, strategies as st

from leadflow.engine import events as ev
from leadflow.engine.clock import iso
from leadflow.engine.decide import decide, next_deadline
from leadflow.engine.pipeline import Pipeline
from leadflow.engine.trial import Steps, moves
from leadflow.engine.why import why
from leadflow.errors import EngineError
from tests.support import happenings, pipelines
from tests.support.lead import ANNA, Lead


def living(spec: Pipeline, told: list[ev.AnyEvent], hours: int) -> Lead | None:
    """A lead after some events and some time; none where the pipeline loops."""
    lead = Lead(spec)
    try:
        lead.create(by=ANNA, fields={"price": "5"})
        for event in told:
            lead.state = decide(spec, lead.state, event, lead.now).state
        lead.now += timedelta(hours=hours)
        for _ in range(20):
            due = next_deadline(lead.state)
            if due is None or due > lead.now:
                break
            lead.state = decide(spec, lead.state, ev.Timer(id="t", due=iso(due)), lead.now).state
    except EngineError:
        return None
    return lead


def parts(steps: Steps) -> list[Steps]:
    return [some for size in range(len(steps)) for some in combinations(steps, size)]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    spec=pipelines.pipelines(),
    told=st.lists(happenings.events, max_size=5),
    hours=st.sampled_from([0, 5, 60]),
)
def test_an_answer_moves_the_lead_and_no_part_of_it_does(
    spec: Pipeline, told: list[ev.AnyEvent], hours: int
) -> None:
    """For every way out that a lead waits for, in any state; what only has to happen moves nothing by itself."""
    lead = living(spec, told, hours)
    if lead is None:
        return
    answered = why(spec, lead.state, lead.now)
    assert answered.waits
    for wait in answered.waits:
        for steps in wait.unblock if wait.goto else ():
            assert moves(spec, lead.state, steps, lead.now)
            assert not any(moves(spec, lead.state, part, lead.now) for part in parts(steps))
    sets = [steps for wait in answered.waits if wait.goto for steps in wait.unblock]
    assert not sets or len(answered.closest) == min(map(len, sets))
