"""Reports for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from leadflow.simulate.coverage import KINDS, Coverage
from leadflow.simulate.play import Failure
from leadflow.simulate.runner import Report
from leadflow.simulate.story import Line
from leadflow.simulate.words import clock
from leadflow.spec.problems import Problem

_TEXT = 60
"""Columns of the timeline's words before the line of the file."""


def as_text(report: Report, *, covered: bool = False) -> str:
    """What ``leadflow test`` prints: problems, failures with their timelines, then the count.

    Args:
        report: how it went.
        covered: with what no scenario has reached.
    """
    parts = [str(problem) for problem in report.problems]
    parts += [failure_text(failure) for failure in report.failures]
    parts += [coverage_text(each) for each in report.coverage] if covered else []
    count = f"{report.passed} passed" + (f", {report.failed} failed" if report.failed else "")
    return "\n\n".join([*parts, count])


def failure_text(failure: Failure) -> str:
    """A failure: the step, expected against found, and what happened until then."""
    return "\n".join(_failure(failure))


def _failure(failure: Failure) -> Iterator[str]:
    yield f"FAILED {failure.scenario}"
    yield f"  {failure.path}:{failure.line}:{failure.column}  {failure.step}"
    for one in failure.differences:
        yield f"    {one.key}: expected {one.expected}, found {one.found}"
    if failure.message:
        yield f"    {failure.message}"
    yield f"  what happened ({failure.timezone}):"
    several = len({line.lead for line in failure.timeline if line.lead}) > 1
    before = ""
    for line in failure.timeline:
        at = clock(line.at, failure.timezone)
        yield f"    {'' if at == before else at:16}  {_line(line, several=several)}".rstrip()
        before = at


def _line(line: Line, *, several: bool) -> str:
    text = f"{line.lead}: {line.text}" if several and line.lead else line.text
    if line.step:
        text = f"> {text}"
    return f"{text:{_TEXT}}  {_place(line.pos)}" if line.pos else text


def _place(pos: str) -> str:
    """``path:line`` is enough to find it."""
    return pos.rpartition(":")[0]


def coverage_text(covered: Coverage) -> str:
    """A percentage each, and what is missing."""
    return "\n".join(_coverage(covered))


def _coverage(covered: Coverage) -> Iterator[str]:
    yield f"coverage of {covered.pipeline}"
    for kind in KINDS:
        total, missed = covered.total(kind), covered.missed(kind)
        yield f"  {kind:10} {covered.percent(kind):3} %  ({total - len(missed)} of {total})"
        for point in missed:
            yield f"    not reached: {point.text:{_TEXT - 15}}  {_place(point.pos)}"


def as_json(report: Report, *, covered: bool = False) -> dict[str, Any]:
    """The same as plain data: ``passed``, ``failed``, ``failures``; with ``coverage`` where asked."""
    failures = [_problem(each) for each in report.problems if each.severity == "error"]
    failures += [_plain(failure) for failure in report.failures]
    data: dict[str, Any] = {
        "passed": report.passed,
        "failed": report.failed,
        "failures": failures,
    }
    if covered:
        data["coverage"] = {each.pipeline: _coverage_json(each) for each in report.coverage}
    return data


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "scenario": "",
        "path": problem.path,
        "line": problem.line,
        "column": problem.column,
        "step": "",
        "message": f"{problem.code} {problem.message}",
        "hint": problem.hint,
        "differences": [],
        "timeline": [],
    }


def _plain(failure: Failure) -> dict[str, Any]:
    return {
        "scenario": failure.scenario,
        "path": failure.path,
        "line": failure.line,
        "column": failure.column,
        "step": failure.step,
        "message": failure.message,
        "hint": "",
        "differences": [one._asdict() for one in failure.differences],
        "timeline": [
            {"at": line.at, "lead": line.lead, "text": line.text, "pos": line.pos}
            for line in failure.timeline
        ],
    }


def _coverage_json(covered: Coverage) -> dict[str, Any]:
    return {
        kind: {
            "percent": covered.percent(kind),
            "total": covered.total(kind),
            "missed": [{"text": p.text, "pos": p.pos} for p in covered.missed(kind)],
        }
        for kind in KINDS
    }
