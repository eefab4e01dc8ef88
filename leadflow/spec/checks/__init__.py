"""The static checks: what is wrong with a pipeline although its shape is right, one module an area."""

from __future__ import annotations

from leadflow.spec.checks import (
    choosing,
    conditions,
    flow,
    gates,
    messages,
    names,
    others,
    people,
    tasks,
    texts,
    times,
    unused,
)
from leadflow.spec.checks.subject import Subject
from leadflow.spec.compile.pipeline import Compiled
from leadflow.spec.problems import Problem, has_errors
from leadflow.spec.project import Project

__all__ = ["check_pipeline"]

_ALWAYS = (names, conditions, texts, choosing, times, messages, people, others)
_WHOLE = (flow, tasks, gates)
"""Look at all ways at once: a way whose end is misspelt would make them tell what is not so."""
_LOST_WAYS = frozenset({"LF202", "LF316"})
_LOST_ENDS = frozenset({"LF203", "LF204"})
"""With a misspelt task or outcome its true one seems to lead nowhere."""


def check_pipeline(compiled: Compiled, project: Project) -> list[Problem]:
    """Everything the checks find in a compiled pipeline of a project."""
    subject = Subject(compiled, project)
    found = [problem for area in _ALWAYS for problem in area.check(subject)]
    if _LOST_WAYS.isdisjoint(problem.code for problem in found):
        whole = [problem for area in _WHOLE for problem in area.check(subject)]
        if not _LOST_ENDS.isdisjoint(problem.code for problem in found):
            whole = [problem for problem in whole if problem.code != "LF305"]
        found += whole
    if not has_errors(found):
        found += unused.check(subject)
    return found
