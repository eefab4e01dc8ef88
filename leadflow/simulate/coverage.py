"""What no scenario has reached: stages, exits, task outcomes, deadlines, each with its line of the pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from leadflow.engine.decision import Note
from leadflow.engine.pipeline import Exit, Pipeline, Program, Task, When
from leadflow.engine.refs import REASSIGN, TIMED, index

Kind = Literal["stages", "exits", "outcomes", "deadlines"]
KINDS: tuple[Kind, ...] = ("stages", "exits", "outcomes", "deadlines")


class Point(NamedTuple):
    """Something a scenario can reach."""

    kind: Kind
    id: str
    """Unique in its kind: stage, exit's ref, ``task: outcome``, ``kind ref`` of a deadline."""
    text: str
    """In words."""
    pos: str
    """``path:line:column``."""


class Coverage(NamedTuple):
    """How much of a pipeline its scenarios have reached."""

    pipeline: str
    points: tuple[Point, ...]
    reached: frozenset[tuple[Kind, str]]

    def missed(self, kind: Kind) -> list[Point]:
        """What was not reached, in the order of the file."""
        return [p for p in self.points if p.kind == kind and (kind, p.id) not in self.reached]

    def total(self, kind: Kind) -> int:
        """How many there are."""
        return sum(point.kind == kind for point in self.points)

    def percent(self, kind: Kind) -> int:
        """Whole percent, rounded down; of none 100."""
        total = self.total(kind)
        return 100 * (total - len(self.missed(kind))) // total if total else 100


def coverage(pipeline: Pipeline, notes: Iterable[Note]) -> Coverage:
    """The coverage of a pipeline by what has happened.

    Args:
        pipeline: it.
        notes: of all its leads, in all scenarios.
    """
    reached = frozenset(point for note in notes for point in _reached(note))
    return Coverage(pipeline.id, tuple(points(pipeline)), reached)


def _reached(note: Note) -> Iterator[tuple[Kind, str]]:
    match note.kind:
        case "entered":
            yield "stages", note.subject
        case "exit":
            yield "exits", note.ref
        case "task_done":
            yield "outcomes", f"{note.subject}: {note.detail.get('outcome') or 'done'}"
        case "due":
            yield "deadlines", f"{note.subject} {note.ref}"
        case _:
            pass


def points(pipeline: Pipeline) -> Iterator[Point]:
    """All that scenarios could reach."""
    nodes = index(pipeline)
    for stage in pipeline.stages.values():
        yield Point("stages", stage.id, stage.id, stage.pos)
    for task in pipeline.tasks.values():
        yield from _task(task)
    for one in nodes.exits.values():
        if not one.ref.startswith("always/"):  # nobody wrote it
            yield Point("exits", one.ref, f"{_stage(one.ref)} → {one.goto}", one.pos)
    ways: list[Exit | When] = [*nodes.exits.values(), *nodes.whens.values()]
    for way in ways:
        yield from _timed(way)
    for program in nodes.programs.values():
        yield from _program(program)
    if pipeline.reassign is not None:
        text = "the lead is given to another"
        yield Point("deadlines", f"reassign {REASSIGN}", text, pipeline.reassign.pos)


def _timed(way: Exit | When) -> Iterator[Point]:
    if way.trigger.kind in TIMED:
        kind = "exit" if isinstance(way, Exit) else "when"
        yield Point("deadlines", f"{kind} {way.ref}", f"{_stage(way.ref)}: {kind} by time", way.pos)


def _task(task: Task) -> Iterator[Point]:
    for outcome in task.outcomes or ("done",):
        name = f"{task.id}: {outcome}"
        yield Point("outcomes", name, name, task.pos)
    if task.due is not None:
        yield Point("deadlines", f"due {task.id}", f"task {task.id} is due", task.pos)
    if task.remind is not None:
        yield Point("deadlines", f"remind {task.id}", f"reminder of task {task.id}", task.pos)


def _program(program: Program) -> Iterator[Point]:
    if program.kind == "sla":
        text = f"{_stage(program.ref)} takes too long (sla)"
        yield Point("deadlines", f"sla {program.ref}", text, program.pos)
    for number, step in enumerate(program.steps, start=1):
        text = f"{_stage(program.ref)}, {program.kind} step {number}: {step.node}"
        yield Point("deadlines", f"step {step.ref}", text, step.pos)


def _stage(ref: str) -> str:
    """What a node belongs to: its stage or task; ``*`` is the pipeline."""
    place = ref.partition("/")[0]
    return "any stage" if place == "*" else place
