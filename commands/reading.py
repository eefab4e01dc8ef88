"""Pipelines read from files: what `check`, `graph` and `publish` begin with."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from leadflow.errors import Refused
from leadflow.simulate.files import check_all
from leadflow.spec.check import CheckResult
from leadflow.spec.compile.pipeline import Compiled


def summary(found: CheckResult) -> str:
    """One line: how many pipelines, how many problems."""
    counts = Counter(problem.severity for problem in found.problems)
    told = [_count(number, severity) for severity, number in sorted(counts.items())]
    return f"{_count(len(found.compiled), 'pipeline')}: {', '.join(told) or 'no problems'}"


def usable(paths: Sequence[Path]) -> CheckResult:
    """The pipelines of files and folders, none of which has an error.

    Raises:
        Refused: there is one, or there is no pipeline.
    """
    found = check_all(paths, os.environ)
    if found.errors:
        raise Refused(found.text(), "mend these first; nothing was changed")
    if not found.compiled:
        message = "there is no pipeline here"
        raise Refused(message, "a pipeline's file begins with 'pipeline:'")
    return found


def named(compiled: Sequence[Compiled], name: str) -> Compiled | None:
    """The pipeline of that name; without a name the only one there is."""
    if not name and len(compiled) == 1:
        return compiled[0]
    return next((each for each in compiled if each.pipeline.id == name), None)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
