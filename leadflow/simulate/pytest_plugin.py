"""Scenarios as tests: pytest collects every ``*.test.yaml``, a scenario an item, a failure shown by its timeline.

Loaded into every run of pytest where leadflow is installed, so nothing of it is imported before a scenario is found.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typing_extensions import override

if TYPE_CHECKING:
    from leadflow.simulate.play import Failure
    from leadflow.simulate.runner import Case

ENDINGS = (".test.yaml", ".test.yml")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
    """Scenario files are collected by their name."""
    if file_path.name.endswith(ENDINGS):
        return ScenarioFile.from_parent(parent, path=file_path)
    return None


class ScenarioFile(pytest.File):
    """A file of scenarios."""

    @override
    def collect(self) -> Iterable[ScenarioItem]:
        from leadflow.simulate.runner import gather  # noqa: PLC0415 - only where there are scenarios
        from leadflow.spec.problems import has_errors, render_text  # noqa: PLC0415 - as above

        here = Path.cwd()
        shown = self.path.relative_to(here) if self.path.is_relative_to(here) else self.path
        cases, problems = gather([shown])
        if has_errors(problems):
            raise self.CollectError(render_text(problems))
        for case in cases:
            yield ScenarioItem.from_parent(self, name=str(case.scenario.name), case=case)


class ScenarioFailed(Exception):
    """A scenario did not go as written."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.scenario)
        self.failure = failure


class ScenarioItem(pytest.Item):
    """A scenario."""

    def __init__(self, *, case: Case, **more: Any) -> None:
        super().__init__(**more)
        self.case = case

    @override
    def runtest(self) -> None:
        failure = self.case.play().failure
        if failure is not None:
            raise ScenarioFailed(failure)

    @override
    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        from leadflow.simulate.report import failure_text  # noqa: PLC0415 - only where one failed

        if isinstance(excinfo.value, ScenarioFailed):
            return failure_text(excinfo.value.failure)
        return super().repr_failure(excinfo, style)

    @override
    def reportinfo(self) -> tuple[Path, int | None, str]:
        line = self.case.scenario.name.spot.position().line
        return self.path, line - 1, f"scenario: {self.name}"
