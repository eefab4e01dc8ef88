"""Where leads can go: the stages of a pipeline and the ways between them, as a graph."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from leadflow.engine.pipeline import Exit, Pipeline, Stage, When

BY_HAND = ""
"""Stands for "in some open stage": from there a person may move a lead to each `always` stage."""


class Way(NamedTuple):
    """An exit from one of the stages it stands in to the stage it leads to; both exist."""

    exit: Exit
    source: str
    target: str

    @property
    def finished(self) -> bool:
        """Whether it is taken at the end of a sequence."""
        return self.exit.ref.endswith("/sequence/finished")

    @property
    def timed(self) -> bool:
        """Whether nobody decides on it: the clock does."""
        return self.finished or self.exit.trigger.kind in {"after", "at"}


class Graph:
    """The ways of one pipeline."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.stages = pipeline.stages
        self.start = next(iter(pipeline.stages), "")
        self.always = [s.id for s in self.stages.values() if s.always and not s.track]
        """Stages that a person may move a lead to from any open one."""
        self.ways = {name: tuple(self._ways(stage)) for name, stage in self.stages.items()}

    @cached_property
    def heard(self) -> tuple[tuple[Exit | When, tuple[str, ...]], ...]:
        """All exits and reactions of `exits`, `when` and `attempts`, each with the stages in which it stands."""
        found: list[tuple[Exit | When, tuple[str, ...]]] = []
        for name, stage in self.stages.items():
            found += [(when, (name,)) for when in stage.whens]
            found += [(exit_, (name,)) for exit_ in stage.exits]
        found += [(when, self.standing(when)) for when in self.pipeline.whens]
        found += [(exit_, self.standing(exit_)) for exit_ in self.pipeline.exits]
        return tuple(found)

    def standing(self, way: Exit | When) -> tuple[str, ...]:
        """The open stages in which one of the pipeline's own ways stands."""
        open_ones = (s.id for s in self.stages.values() if not s.final and not s.track)
        return tuple(name for name in open_ones if not way.stages or name in way.stages)

    def exits(self, stage: Stage) -> Iterator[Exit]:
        """A stage's own exits: those of `exits` and `attempts`, and a sequence's `finished`."""
        yield from stage.exits
        yield from (program.finished for program in stage.programs if program.finished)

    def _ways(self, stage: Stage) -> Iterator[Way]:
        wide = [exit_ for exit_ in self.pipeline.exits if stage.id in self.standing(exit_)]
        for exit_ in (*self.exits(stage), *wide):
            if exit_.goto in self.stages:
                yield Way(exit_, stage.id, exit_.goto)

    def after(self, name: str) -> Iterator[str]:
        """The stages that can come right after one, tracks that begin in it among them; also `BY_HAND`."""
        if name == BY_HAND:
            yield from self.always
            return
        stage = self.stages[name]
        if stage.final:
            yield from (back for back in [stage.reopen] if back in self.stages)
            return
        yield from (way.target for way in self.ways[name])
        yield from (track.stages[0] for track in stage.tracks if track.stages)
        yield stage.parent or BY_HAND

    def reached(self, *names: str) -> frozenset[str]:
        """The stages in which a lead can be from these on, themselves among them."""
        return frozenset(closure(names, self.after)) - {BY_HAND}

    def leading_to(self, names: Iterable[str]) -> frozenset[str]:
        """The stages from which one of these can be reached, themselves among them."""
        before: dict[str, list[str]] = {}
        for name in (*self.stages, BY_HAND):
            for target in self.after(name):
                before.setdefault(target, []).append(name)
        return frozenset(closure(names, lambda name: before.get(name, ()))) - {BY_HAND}

    def whole(self, name: str) -> str:
        """The pipeline's stage that a stage is or, in a track, stands in."""
        return self.stages[name].parent or name


def closure(
    first: Iterable[str],
    after: Callable[[str], Iterable[str]],
    *,
    known: Container[str] = frozenset(),
) -> set[str]:
    """Everything that can be reached from the first ones, what is known already left out."""
    found: set[str] = set()
    pending = list(first)
    while pending:
        name = pending.pop()
        if name not in found and name not in known:
            found.add(name)
            pending.extend(after(name))
    return found
