"""Trials (`leadflow.engine.trial`): what would happen, by whoever may, without changing a lead."""

from leadflow.engine.events import SYSTEM
from leadflow.engine.trial import Step, applied, least, mark, moves
from leadflow.engine.why import why
from tests.support.lead import Lead


def answers(lead: Lead) -> dict[str, bool]:
    """Signals the lead waits for: whether somebody can give them."""
    waits = why(lead.pipeline, lead.state, lead.now).waits
    return {wait.subject: bool(wait.unblock) for wait in waits}


def test_whoever_may_is_found_for_the_trial() -> None:
    """Trials are made by somebody whom the pipeline lets: its creator, a user it names; a lead without an owner too."""
    lead = Lead("""
stages:
  one: {exits: [{signal: go, by: [creator], goto: two}, {signal: up, by: [boris], goto: two}]}
  two: {final: success}
""").create(owner="carl")
    assert answers(lead) == {"go": True, "up": True}
    alone = Lead(lead.pipeline).create(by=SYSTEM)
    assert answers(alone) == {"go": False, "up": True}


def test_a_long_checklist_is_answered_whole() -> None:
    """Ten ticks and a signal are one answer, in which nothing can be spared; what is ticked is not asked for."""
    ticks = [f"i{n}" for n in range(10)]
    listed = ", ".join(f"{item}: Item" for item in ticks)
    lead = Lead(f"""
stages:
  one: {{exits: [{{signal: go, goto: two}}, {{signal: stop, goto: lost}}]}}
  two: {{enter_checklist: {{{listed}}}, exits: [{{signal: on, goto: lost}}]}}
  lost: {{final: failure}}
""").create()
    whole = (*(Step(do="tick", id=item) for item in ticks), Step(do="signal", id="go"))
    assert why(lead.pipeline, lead.state, lead.now).waits[0].unblock == (whole,)
    trial = (lead.pipeline, lead.state)
    spare = (Step(do="tick", id="other"), *whole, Step(do="fill", id="note", value="x"))
    assert list(least(*trial, spare, lead.now)) == [whole]
    stop = (*whole[:-1], Step(do="signal", id="stop"))
    ref = lead.pipeline.stages["one"].exits[1].ref
    assert list(least(*trial, stop, lead.now, ref)) == [stop[-1:]]
    assert list(least(*trial, whole, lead.now, "another/way")) == []


def test_what_moves_nothing_is_no_answer() -> None:
    """However many steps it has; nor is a trial that breaks the engine."""
    steps = tuple(Step(do="tick", id=f"i{n}") for n in range(7))
    lead = Lead("""
stages:
  one: {exits: [{if: lead.note is set, goto: two}]}
  two: {exits: [{if: lead.note is set, goto: one}, {signal: go, goto: three}]}
  three: {final: success}
""").create()
    assert list(least(lead.pipeline, lead.state, steps, lead.now)) == []
    loop = (Step(do="fill", id="note", value="x"),)
    assert not moves(lead.pipeline, lead.state, loop, lead.now)
    assert mark(lead.state)[0] == 1


def test_a_long_wait_passes_many_timers() -> None:
    """A trial ends, however many deadlines lie on its way."""
    lead = Lead("""
stages:
  one:
    exits: [{after: 1 hour, goto: two}]
  two: {exits: [{after: 1 hour, goto: one}, {signal: go, goto: three}]}
  three: {final: success}
""").create()
    until = "2027-11-23T07:00:00Z"
    state = applied(lead.pipeline, lead.state, (Step(do="wait", until=until),), lead.now)
    assert state.visit == 201
