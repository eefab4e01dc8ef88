"""Coverage, and reports for people and programs."""

import json
from pathlib import Path

from leadflow.simulate.coverage import Coverage, Point
from leadflow.simulate.report import as_json, as_text, coverage_text
from leadflow.simulate.runner import Report, run_paths
from tests.unit.simulate.playing import played, written

PIPELINE = """
title: P
calendar: {timezone: Europe/Moscow, days: mon-fri, hours: "10:00-19:00"}
fields: {visit: datetime}
reassign: {after: 1 hour, to: anna}
stages:
  new:
    on_enter: [{create_task: {id: call, title: Раз, due: 1 hour, remind: 10 minutes, outcomes: {yes_: Да, no_: Нет}}}]
    attempts: {task: call, outcome: no_, again: 1 hour, times: 2, exhausted: {goto: lost}}
    sla: {within: 1 day, overdue: [{notify: owner}]}
    sequence: {steps: [{after: 3 days, create_task: {id: last, title: Два}}], finished: {goto: lost}}
    when: [{at: visit, do: [{notify: owner}]}, {signal: hm, do: [{notify: owner}]}]
    exits: [{task: call, outcome: yes_, goto: won}, {after: 1 week, goto: lost}]
  won: {final: success}
  lost: {final: failure, always: true}
"""
ONE = """
  - name: one
    start: {at: "2026-11-23 10:00"}
    steps:
      - {wait: 1 hour}
      - {task: call, outcome: yes_}
      - expect: {stage: won}
"""


def covered(report: Report) -> Coverage:
    (one,) = report.coverage
    return one


def test_coverage_names_what_was_not_reached_with_its_line(tmp_path: Path) -> None:
    """A percentage each of stages, exits, outcomes and deadlines; the ways nobody wrote do not count."""
    found = covered(played(tmp_path, PIPELINE, ONE))
    assert {kind: (found.percent(kind), found.total(kind)) for kind in ("stages", "exits")} == {
        "stages": (66, 3),
        "exits": (25, 4),
    }
    assert [point.text for point in found.missed("outcomes")] == ["call: no_", "last: done"]
    assert [point.text for point in found.missed("deadlines")] == [
        "new: exit by time",
        "new: when by time",
        "new, again step 1: create_task:call",
        "new, sequence step 1: create_task:last",
        "new takes too long (sla)",
        "new, sla step 1: notify:owner",
        "the lead is given to another",
    ]
    (exhausted, *_) = found.missed("exits")
    assert exhausted.pos.endswith("p.yaml:10:78")


def test_every_deadline_counts_once_it_has_fired(tmp_path: Path) -> None:
    """A week without anybody doing anything reaches all that time alone can reach."""
    silent = """
  - name: silent
    start: {at: "2026-11-23 10:00", owner: boris, fields: {visit: "2026-11-24 12:00"}}
    steps:
      - {task: call, outcome: no_}
      - {wait: 2 weeks}
      - expect: {stage: lost}
"""
    found = covered(played(tmp_path, PIPELINE, silent))
    assert [point.text for point in found.missed("deadlines")] == ["new: exit by time"]


def test_nothing_to_reach_is_reached() -> None:
    """A pipeline without deadlines has all of them covered."""
    empty = Coverage("p", (Point("stages", "new", "new", "p.yaml:1:1"),), frozenset())
    assert (empty.percent("deadlines"), empty.percent("stages")) == (100, 0)
    assert coverage_text(empty).splitlines() == [
        "coverage of p",
        "  stages       0 %  (0 of 1)",
        f"    not reached: {'new':45}  p.yaml:1",
        "  exits      100 %  (0 of 0)",
        "  outcomes   100 %  (0 of 0)",
        "  deadlines  100 %  (0 of 0)",
    ]


def test_the_report_for_programs_is_plain_json(tmp_path: Path) -> None:
    """``passed``, ``failed``, ``failures``: the step's place, expected against found, the timeline in UTC."""
    report = played(
        tmp_path, PIPELINE, ONE + ONE.replace("name: one", "name: two").replace("won", "lost")
    )
    data = json.loads(json.dumps(as_json(report)))
    assert (data["passed"], data["failed"], set(data)) == (1, 1, {"passed", "failed", "failures"})
    (failure,) = data["failures"]
    assert (failure["scenario"], failure["line"], failure["step"]) == ("two", 17, "expect")
    assert failure["differences"] == [{"key": "stage", "expected": "lost", "found": "won"}]
    last = failure["timeline"][-1]
    assert (last["at"], last["text"]) == ("2026-11-23T08:00:00Z", "closed (success)")


def test_the_report_for_programs_has_the_coverage_when_asked(tmp_path: Path) -> None:
    """By pipeline and kind, with the lines."""
    data = as_json(played(tmp_path, PIPELINE, ONE), covered=True)
    stages = data["coverage"]["p"]["stages"]
    assert (stages["percent"], stages["total"]) == (66, 3)
    assert [missed["text"] for missed in stages["missed"]] == ["lost"]


def test_problems_of_the_files_fail_too(tmp_path: Path) -> None:
    """A scenario that cannot be read has not passed; the program's answer says where and why."""
    report = played(tmp_path, PIPELINE, ONE.replace("call", "cal"))
    assert (report.passed, report.failed, report.ok) == (0, 1, False)
    (failure,) = as_json(report)["failures"]
    assert failure["message"] == "LF203 unknown task 'cal'"
    assert failure["hint"] == "did you mean 'call'?"
    assert (failure["line"], failure["column"]) == (9, 14)


def test_a_warning_fails_nothing(tmp_path: Path) -> None:
    """A scenario that expects nothing is told about, and passes."""
    report = played(tmp_path, PIPELINE, ONE.replace("      - expect: {stage: won}\n", ""))
    assert report.ok
    assert as_text(report).splitlines()[0].endswith("LF707 nothing is expected here")
    assert as_text(report).splitlines()[-1] == "1 passed"


def test_a_pipeline_brings_its_scenarios_along(tmp_path: Path) -> None:
    """Asked for a pipeline, for its scenarios or for the folder, the same scenarios are played."""
    scenarios = written(tmp_path, PIPELINE, ONE)
    other = (
        "pipeline: q\ntitle: Q\nstages: {a: {exits: [{signal: b, goto: c}]}, c: {final: success}}\n"
    )
    (tmp_path / "q.yaml").write_text(other)
    asked = [scenarios, tmp_path / "p.yaml", tmp_path]
    assert [run_paths([path]).passed for path in asked] == [1, 1, 1]
    assert run_paths([tmp_path / "q.yaml"]).passed == 0


def test_a_pipeline_that_cannot_be_used_is_told_not_missed(tmp_path: Path) -> None:
    """Its own problems are told, not that it is not there."""
    written(tmp_path, PIPELINE.replace("goto: won", "gto: won"), ONE)
    (problem,) = run_paths([tmp_path / "p.test.yaml"]).problems
    assert (problem.code, problem.path) == ("LF101", str(tmp_path / "p.yaml"))


def test_a_pipeline_whose_values_are_wrong_is_not_played(tmp_path: Path) -> None:
    """What compiling finds stops its scenarios."""
    written(tmp_path, PIPELINE.replace("at: visit", "at: visit, id: a, if: lead.visit == 3 +"), ONE)
    report = run_paths([tmp_path])
    assert (report.passed, report.failed) == (0, 1)


def test_a_pipeline_that_check_refuses_is_not_played(tmp_path: Path) -> None:
    """A way to a stage that is not there is told where it stands, before any scenario runs into it."""
    report = played(tmp_path, PIPELINE.replace("yes_, goto: won", "yes_, goto: wonn"), ONE)
    assert [problem.code for problem in report.problems] == ["LF202"]


def test_settings_are_not_needed_to_play(tmp_path: Path) -> None:
    """Users and teams of the pipeline that no leadflow.yaml knows are publishing's business."""
    report = played(tmp_path, PIPELINE.replace("notify: owner", "notify: ghosts"), ONE)
    assert report.ok


def test_a_path_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    """No exception: the file's name, and what to do."""
    (problem,) = run_paths([tmp_path / "none.test.yaml"]).problems
    assert problem.code == "LF001"
