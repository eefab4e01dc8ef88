"""Leads at random: repeatable, and counted rightly."""

from datetime import timedelta
from pathlib import Path

import pytest

from leadflow.simulate.forecast import simulate, simulate_path
from leadflow.simulate.summary import Summary, as_text, duration
from leadflow.simulate.world import Spec
from leadflow.spec.compile.pipeline import SpecError, compile_text
from tests.simulate.test_corpus import PASSING

STRAIGHT = compile_text(
    """
pipeline: p
title: Прямая
fields: {email: email}
stages:
  new:
    title: Новый
    on_enter: [{send_email: {subject: Раз, text: Раз}, id: hello}, {notify: owner}]
    exits: [{after: 2 days, goto: done}]
  done: {title: Конец, final: success}
"""
)


def straight(leads: int = 50, seed: int = 1) -> Summary:
    specs = {"p": Spec(STRAIGHT.pipeline, STRAIGHT.blobs)}
    return simulate("p", specs, leads=leads, days=20, seed=seed)


@pytest.fixture(scope="module")
def workshop() -> Summary:
    (found,) = simulate_path(PASSING / "workshop.yaml", leads=150, days=40, seed=3)
    return found


def test_the_same_seed_gives_the_same_result() -> None:
    """Another seed, another result."""
    assert straight() == straight()
    assert straight() != straight(seed=2)


def test_every_lead_ends_somewhere(workshop: Summary) -> None:
    """Those won, lost and open are all that came; so are those that are in a stage now."""
    came = sum(workshop.ended.values())
    stages = [one for one in workshop.stages if "." not in one.stage]
    assert sum(one.here for one in stages) == came
    assert 100 < came <= 150
    assert min(workshop.ended["success"], workshop.ended["failure"]) > 0


def test_chance_meets_no_error_of_the_program(workshop: Summary) -> None:
    """150 leads through tracks, sequences, conversion and documents: no lead is parked."""
    assert workshop.broken == {}


def test_made_up_people_do_everything_a_stage_allows(workshop: Summary) -> None:
    """Tasks are done or overdue, buttons pressed, messages sent or skipped with a reason, every stage entered."""
    assert min(workshop.tasks.values()) > 0
    assert set(workshop.sent) == {"kp", "tomorrow"}
    assert set(workshop.skipped) >= {"empty_value"}
    assert workshop.notified > 0
    assert all(one.entered for one in workshop.stages)


def test_times_are_those_of_the_visits_that_ended() -> None:
    """A stage that lasts exactly two days has that median and that 90th percentile; a final stage has none."""
    new, done = straight().stages
    assert (new.median, new.p90) == (timedelta(days=2), timedelta(days=2))
    assert (done.median, done.p90) == (None, None)
    assert new.entered == new.here + done.entered


def test_the_summary_reads_as_a_table() -> None:
    """Exactly this, for this seed."""
    assert as_text(straight(leads=10)) == (
        """\
Прямая: 10 leads over 20 days (seed 1)

  open           3   30 %
  success        7   70 %
  failure        0    0 %

  stage   entered     now     median        p90
  Новый        10       3    2 d 0 h    2 d 0 h
  Конец         7       7          —          —

  tasks: 0 opened, 0 done, 0 overdue
  messages: hello 8
  not sent: no_address 2
  words to our own people: 10"""
    )


def test_a_length_of_time_shows_its_two_greatest_units() -> None:
    """Minutes, hours and minutes, days and hours."""
    spans = [timedelta(minutes=7), timedelta(hours=3, minutes=5), timedelta(days=2, hours=4), None]
    assert [duration(span) for span in spans] == ["7 min", "3 h 5 min", "2 d 4 h", "—"]


def test_a_broken_pipeline_is_not_simulated(tmp_path: Path) -> None:
    """Its problems are raised, all of them."""
    (tmp_path / "p.yaml").write_text("pipeline: p\nstages: {new: {exts: []}}\n")
    with pytest.raises(SpecError, match="LF101 unknown key 'exts'"):
        simulate_path(tmp_path / "p.yaml", leads=1, days=1, seed=1)
