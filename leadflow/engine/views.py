"""Looking at a state: what other parts of the program ask of one."""

from __future__ import annotations

from collections.abc import Iterator

from leadflow.engine.pipeline import Exit, Pipeline, When
from leadflow.engine.refs import Level, index
from leadflow.engine.state import State
from leadflow.engine.tasks import open_tasks

__all__ = ["expected_signals", "levels", "open_tasks", "overdue"]


def expected_signals(pipeline: Pipeline, state: State) -> frozenset[str]:
    """Signals, decisions and facts, that mean something to the lead where it stands."""
    found = {
        name
        for level in levels(pipeline, state)
        for way in _ways(level)
        if way.trigger.kind == "signal" and (not way.stages or state.stage in way.stages)
        for name in way.trigger.names
    }
    nodes = index(pipeline)
    for ref, run in state.programs.items():
        if run.status == "running":
            program = nodes.program(ref)
            found.update(program.stop_when, program.postpone_when)
    return frozenset(found)


def levels(pipeline: Pipeline, state: State) -> Iterator[Level]:
    """The levels that stand now: tracks, stage, pipeline."""
    nodes = index(pipeline)
    level = nodes.open.get(state.stage)
    if level is None:
        return
    for run in state.tracks.values():
        if not run.done:
            yield nodes.level(run.stage)
    yield level
    yield nodes.whole


def _ways(level: Level) -> Iterator[Exit | When]:
    yield from level.exits.ways
    yield from level.whens.ways


def overdue(pipeline: Pipeline, state: State) -> list[str]:
    """Open tasks past their due date, then stages past their SLA (S31)."""
    late = [run.id for run in open_tasks(state) if run.overdue]
    nodes = index(pipeline)
    for ref, run in state.programs.items():
        if run.started and run.status != "stopped" and nodes.program(ref).kind == "sla":
            late.append(ref.rpartition("/")[0])
    return late
