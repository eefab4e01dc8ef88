"""Verbs about files: check, graph, schema, test, simulate, publish."""

from __future__ import annotations

import pytest

from tests.cli.program import Here
from tests.cli.samples import PIPELINE, SCENARIOS, project

BROKEN = PIPELINE.replace("goto: offered", "goto: offred")


def test_a_good_project_has_no_problems(here: Here) -> None:
    """Nothing to report: status 0, an empty list, and a summary beside it."""
    project(here.folder)
    assert here("check") == (0, "", "1 pipeline: no problems\n")
    assert here("check", "--format", "json").json == []


def test_a_mistake_is_told_where_it_stands(here: Here) -> None:
    """A wrong name is found at its line and column, as text and as data, and the status is 1."""
    project(here.folder, BROKEN)
    line = next(n for n, text in enumerate(BROKEN.splitlines(), 1) if "offred" in text)
    column = BROKEN.splitlines()[line - 1].index("offred") + 1
    done = here("check", "specs")
    assert done.status == 1
    assert done.out.startswith(f"specs/calls.yaml:{line}:{column}: LF")
    assert "did you mean 'offered'?" in done.out
    (found, *_) = here("check", "--json").json
    assert found.keys() == {"path", "line", "column", "code", "severity", "message", "hint"}
    assert (found["line"], found["column"], found["severity"]) == (line, column, "error")


def test_scenarios_are_checked_too(here: Here) -> None:
    """A stage that does not exist is told in the scenario's own line; nothing is played."""
    project(here.folder, scenarios=SCENARIOS.replace("stage: offered", "stage: offred"))
    done = here("check", "specs/calls.yaml")
    assert done.status == 1
    assert done.out.startswith("specs/calls.test.yaml:")
    assert "LF202 unknown stage 'offred'\n    hint: did you mean 'offered'?" in done.out
    project(here.folder, scenarios=SCENARIOS.replace("stage: offered", "stage: won"))
    assert here("check").status == 0


def test_a_file_that_is_not_there_is_a_problem_too(here: Here) -> None:
    """A wrong path is reported in the same form."""
    done = here("check", "nope.yaml")
    assert done.status == 1
    assert done.out.startswith("nope.yaml:1:1: LF001")


@pytest.mark.parametrize(("form", "begins"), [("mermaid", "flowchart"), ("svg", "<svg")])
def test_a_graph_is_drawn(here: Here, form: str, begins: str) -> None:
    """The graph goes to stdout, or into the file named."""
    project(here.folder)
    drawn = here("graph", "specs/calls.yaml", "--format", form)
    assert drawn.status == 0
    assert drawn.out.startswith(begins)
    written = here("graph", "specs/calls.yaml", "--format", form, "-o", "graph.out")
    assert (written.out, written.err) == ("", "written: graph.out\n")
    assert (here.folder / "graph.out").read_text("utf-8").strip() == drawn.out.strip()


def test_of_several_pipelines_one_must_be_named(here: Here) -> None:
    """A folder with two pipelines: --pipeline chooses, a wrong name gets its near miss and status 3."""
    project(here.folder)
    here.write("specs/other.yaml", PIPELINE.replace("pipeline: calls", "pipeline: other"))
    assert here("graph").status == 3
    assert here("graph", "--pipeline", "other").out.startswith("flowchart")
    assert "did you mean 'calls'?" in here("graph", "--pipeline", "cals").err


def test_the_schema_is_json(here: Here) -> None:
    """Editors get JSON Schema, of pipelines and of settings."""
    assert here("schema").json["$schema"] == here("schema", "settings").json["$schema"]
    assert here("schema").json != here("schema", "settings").json


def test_scenarios_pass(here: Here) -> None:
    """Scenarios that hold: status 0 and their count; coverage on demand."""
    project(here.folder)
    assert here("test").out == "1 passed\n"
    covered = here("test", "specs/calls.yaml", "--coverage", "--json").json
    assert (covered["passed"], covered["failed"], covered["failures"]) == (1, 0, [])
    assert covered["coverage"]["calls"]["stages"]["total"] == 4


def test_a_scenario_that_fails_shows_its_timeline(here: Here) -> None:
    """Expected against found, and status 1."""
    project(here.folder, scenarios=SCENARIOS.replace("stage: offered", "stage: won"))
    done = here("test")
    assert done.status == 1
    assert "stage: expected won, found offered" in done.out
    (failure,) = here("test", "--format", "json").json["failures"]
    assert failure["scenario"] == "an offer is sent after the call"


def test_simulation_is_the_same_for_a_seed(here: Here) -> None:
    """Where leads ended and what was sent; the same seed gives the same answer."""
    project(here.folder)
    arguments = ("simulate", "specs/calls.yaml", "--leads", "20", "--days", "10")
    first, again = here(*arguments, "--json").json, here(*arguments, "--json").json
    assert first == again
    assert sum(first[0]["ended"].values()) == 20
    assert "20 leads over 10 days" in here(*arguments).out


def test_a_broken_pipeline_is_not_simulated(here: Here) -> None:
    """Its problems are told, with status 1."""
    project(here.folder, PIPELINE.replace("type: money", "type: monny"))
    done = here("simulate", "specs/calls.yaml")
    assert done.status == 1
    assert "specs/calls.yaml:8:17: LF105" in done.err


def test_publishing_numbers_versions(here: Here) -> None:
    """A first version is 1, a changed one 2; the same again keeps its number; who did it must be known."""
    project(here.folder)
    assert here("publish").out.startswith("calls: version 1 (")
    assert here("publish", "specs/calls.yaml", "--by", "olga").out.startswith("calls: version 1 (")
    project(here.folder, PIPELINE.replace("title: Заявки", "title: Заявки с сайта"))
    assert [each["version"] for each in here("publish", "--json").json] == [2]
    unknown = here("publish", "--by", "olgaa")
    assert (unknown.status, unknown.err) == (
        3,
        "error: unknown user 'olgaa'\nhint: did you mean 'olga'?\n",
    )


def test_warnings_are_told_before_what_is_published(here: Here) -> None:
    """As `check` tells them, beside the result; they do not stop it."""
    careless = PIPELINE.replace("{signal: agreed,", "{signal: agrees, if: lead.price,")
    scenarios = (
        SCENARIOS + "  - {name: nothing, start: {at: 2026-11-23 10:00}, steps: [{wait: 1 hour}]}\n"
    )
    project(here.folder, careless, scenarios)
    checked, done = here("check"), here("publish")
    assert (checked.status, checked.out.count("LF119"), checked.out.count("LF707")) == (0, 1, 1)
    assert done.err == checked.out + checked.err
    assert checked.err == "1 pipeline: 2 warnings\n"
    assert done.out.startswith("calls: version 1 (")


@pytest.mark.parametrize(
    ("pipeline", "scenarios"),
    [(BROKEN, SCENARIOS), (PIPELINE, SCENARIOS.replace("stage: offered", "stage: won"))],
    ids=["a problem", "a failing scenario"],
)
def test_nothing_bad_is_published(here: Here, pipeline: str, scenarios: str) -> None:
    """A problem or a failing scenario refuses the publication; what was published stays the newest."""
    project(here.folder)
    assert here("publish").status == 0
    project(here.folder, pipeline, scenarios)
    done = here("publish")
    assert (done.status, done.out) == (1, "")
    assert "hint: " in done.err
    project(here.folder)
    assert [each["version"] for each in here("publish", "--json").json] == [1]
