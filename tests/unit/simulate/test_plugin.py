"""``pytest specs/``: each scenario an item, a failure shown by its timeline."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.simulate.playing import written

pytest_plugins = ["pytester"]

PIPELINE = "title: P\nstages: {new: {exits: [{signal: go, goto: done}]}, done: {final: success}}\n"
SCENARIOS = """
  - name: it goes
    start: {at: "2026-11-23 10:00"}
    steps:
      - {signal: go}
      - expect: {stage: done}
  - name: it stays
    start: {at: "2026-11-23 10:00"}
    steps:
      - {signal: go}
      - expect: {stage: new}
"""
QUIET = ("-p", "no:asyncio", "-p", "no:cacheprovider")


def test_each_scenario_is_an_item_and_a_failure_shows_its_timeline(
    pytester: pytest.Pytester,
) -> None:
    """One passes, one fails with the step, the difference and what happened; nothing of Python's is shown."""
    written(pytester.path, PIPELINE, SCENARIOS)
    result = pytester.runpytest_inprocess(*QUIET)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*scenario: it stays*",
            "FAILED it stays",
            "  p.test.yaml:14:7  expect",
            "    stage: expected new, found done",
            "  what happened (Europe/Moscow):",
            "*way to done taken*p.yaml:3",
            "FAILED p.test.yaml::it stays*",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_scenario_is_chosen_by_its_name(pytester: pytest.Pytester) -> None:
    """Like any test: by node id, or with ``-k``."""
    path = written(pytester.path, PIPELINE, SCENARIOS)
    pytester.runpytest_inprocess(*QUIET, f"{path.name}::it goes").assert_outcomes(passed=1)
    pytester.runpytest_inprocess(*QUIET, "-k", "goes").assert_outcomes(passed=1, deselected=1)


def test_problems_of_the_file_stop_its_collection(pytester: pytest.Pytester) -> None:
    """They are told as `check` tells them."""
    written(pytester.path, PIPELINE, SCENARIOS.replace("signal: go", "signal: og"))
    result = pytester.runpytest_inprocess(*QUIET)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["p.test.yaml:8:16: LF205 unknown signal 'og'"])


def test_other_files_are_left_alone(pytester: pytest.Pytester) -> None:
    """A pipeline is no test."""
    (written(pytester.path, PIPELINE, SCENARIOS)).unlink()
    assert pytester.runpytest_inprocess(*QUIET).ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_loading_the_plugin_loads_nothing_else_of_leadflow() -> None:
    """It is loaded into every run of pytest where leadflow is installed, so it has to be cheap."""
    code = (
        "import sys, leadflow.simulate.pytest_plugin\n"
        "print(sorted(name for name in sys.modules if name.startswith('leadflow')))"
    )
    root = Path(__file__).parents[3]
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == str(
        ["leadflow", "leadflow.simulate", "leadflow.simulate.pytest_plugin"]
    )
