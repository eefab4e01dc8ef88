"""An index over a pipeline: nodes by ref, ways by what sets them in motion. Built once a pipeline, then only read."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, TypeVar

from leadflow.engine.moments import Moment
from leadflow.engine.pipeline import (
    Action,
    Exit,
    Pipeline,
    Program,
    Reassign,
    Send,
    Stage,
    Step,
    Trigger,
    When,
)
from leadflow.errors import EngineError

Key = tuple[str, str]
"""What sets a way in motion: ``("signal", "replied")``, ``("task", "contact")``, ``("sent", "offer")``,
``("changed", "price")``, ``("timer", ref)``."""

Way = TypeVar("Way", When, Exit)

TIMED = frozenset({"after", "at"})
CACHED = 64
"""Pipelines whose index is kept."""

AUTO: Key = ("auto", "")
"""Of ways without a trigger."""


class Table(Generic[Way]):
    """Ways of one place by what sets them in motion."""

    __slots__ = ("_by_key", "_order", "ways")

    def __init__(self, ways: tuple[Way, ...]) -> None:
        self.ways: tuple[Way, ...] = ways
        self._order = {way.ref: place for place, way in enumerate(ways)}
        self._by_key: dict[Key, list[Way]] = {}
        for way in ways:
            for key in _keys(way.trigger, way.ref):
                self._by_key.setdefault(key, []).append(way)

    def find(self, keys: tuple[Key, ...]) -> Sequence[Way]:
        """Those that one of the keys may set in motion, in the order of the file."""
        if self._by_key.keys().isdisjoint(keys):
            return ()
        lists = [self._by_key[key] for key in keys if key in self._by_key]
        if len(lists) == 1:
            return lists[0]
        found = {way.ref: way for ways in lists for way in ways}
        return sorted(found.values(), key=lambda way: self._order[way.ref])


class Level:
    """The ways of one stage, or those of the pipeline as a whole."""

    __slots__ = ("auto_exits", "auto_whens", "exits", "signals", "stage", "timed", "whens")

    def __init__(
        self, stage: Stage | None, whens: tuple[When, ...], exits: tuple[Exit, ...]
    ) -> None:
        self.stage = stage
        """``None``: the pipeline's."""
        self.whens: Table[When] = Table(whens)
        self.exits: Table[Exit] = Table(exits)
        self.auto_whens = self.whens.find((AUTO,))
        """Those without a trigger."""
        self.auto_exits = self.exits.find((AUTO,))
        ways: list[When | Exit] = [*exits, *whens]
        signalled = (way.trigger.names for way in ways if way.trigger.kind == "signal")
        self.signals = tuple(dict.fromkeys(name for names in signalled for name in names))
        """That its ways take."""
        ways = [*whens, *exits]
        self.timed = tuple(way for way in ways if way.trigger.kind in TIMED)


class Index:
    """See the module. Raises `EngineError` where a state names a node that the pipeline does not have."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.levels = {
            stage.id: Level(stage, stage.whens, stage.exits) for stage in pipeline.stages.values()
        }
        self.whole = Level(None, pipeline.whens, pipeline.exits)
        self.open = {s: level for s, level in self.levels.items() if not pipeline.stages[s].final}
        """Of the stages that a lead can leave."""
        levels = (self.whole, *self.levels.values())
        self.waits_for_truth = any(level.auto_whens for level in levels)
        """Whether any reaction has no trigger and so runs when its `if` turns true."""
        whole: list[When | Exit] = [*pipeline.whens, *pipeline.exits]
        self.whole_refs = frozenset(way.ref for way in whole)
        """Of ways that belong to the pipeline and not to a visit."""
        self.first = next(iter(pipeline.stages), "")
        self.track_of = {
            inner: (stage.id, track.id)
            for stage in pipeline.stages.values()
            for track in stage.tracks
            for inner in track.stages
        }
        self.exits: dict[str, Exit] = {}
        self.whens: dict[str, When] = {}
        self.actions: dict[str, Action] = {}
        self.programs: dict[str, Program] = {}
        self.steps: dict[str, Step] = {}
        self._positions: dict[str, str] = {}
        for node in _walk(pipeline):
            self._add(node)
        for task in pipeline.tasks.values():  # a due date's ref is its task's id
            self._positions[task.id] = task.pos
        self._rank = {
            ref: rank for rank, ref in enumerate(sorted(self._positions, key=self._place))
        }
        self.followed = frozenset(_followed(pipeline, self))
        """Fields that a moment somewhere counts from."""
        self.moments = dict(_moments(self))
        """Of actions that wait for a moment, by their refs: what it is (of a step, of a reaction)."""

    def _add(self, node: Exit | When | Action | Program | Step) -> None:
        self._positions[node.ref] = node.pos
        match node:
            case Exit():
                self.exits[node.ref] = node
            case When():
                self.whens[node.ref] = node
            case Action():
                self.actions[node.ref] = node
            case Program():
                self.programs[node.ref] = node
            case _:
                self.steps[node.ref] = node

    def _place(self, ref: str) -> tuple[str, int, int]:
        path, _, rest = self._positions[ref].partition(":")
        line, _, column = rest.partition(":")
        return path, _number(line), _number(column)

    def rank(self, ref: str) -> int:
        """The order of the file: timers due at one instant run in it (Meaning 8)."""
        return self._rank.get(ref, -1)

    def level(self, stage: str) -> Level:
        """The ways of a stage."""
        return _found(self.levels, stage, "stage")

    def stage(self, stage: str) -> Stage:
        """The stage itself."""
        return _found(self.pipeline.stages, stage, "stage")

    def exit(self, ref: str) -> Exit:
        """The exit by its ref."""
        return _found(self.exits, ref, "exit")

    def action(self, ref: str) -> Action:
        """The action by its ref."""
        return _found(self.actions, ref, "action")

    def program(self, ref: str) -> Program:
        """The program by its ref."""
        return _found(self.programs, ref, "program")

    def send(self, ref: str) -> Send | None:
        """The message an action sends; ``None`` for any other verb."""
        do = self.action(ref).do
        return do if isinstance(do, Send) else None

    def message(self, ref: str) -> Send:
        """The message that a waiting send is."""
        do = self.send(ref)
        if do is None:
            message = f"'{ref}' sends no message, though one waits for it"
            raise EngineError(message)
        return do


Found = TypeVar("Found")


def _found(table: dict[str, Found], ref: str, kind: str) -> Found:
    try:
        return table[ref]
    except KeyError:
        message = f"the pipeline has no {kind} '{ref}', which the lead's state names"
        raise EngineError(message) from None


_cache: OrderedDict[int, Index] = OrderedDict()


def index(pipeline: Pipeline) -> Index:
    """The index of a pipeline object, remembered: share one object a version, as the worker does."""
    known = _cache.get(id(pipeline))
    if known is not None:  # it holds the pipeline, so nobody else can have this id
        return known
    while len(_cache) >= CACHED:
        _cache.popitem(last=False)
    return _cache.setdefault(id(pipeline), Index(pipeline))


def _keys(trigger: Trigger, ref: str) -> Iterator[Key]:
    if trigger.kind in TIMED:
        yield "timer", ref
    elif trigger.kind == "auto":
        yield AUTO
    for name in trigger.names:
        yield trigger.kind, name


def _walk(pipeline: Pipeline) -> Iterator[Exit | When | Action | Program | Step]:
    """Every node with a ref, in the order of the IR; first the ways that no author wrote."""
    for stage in pipeline.stages.values():
        if stage.always:
            yield always(stage)
    for stage in pipeline.stages.values():
        yield from _actions((*stage.on_enter, *stage.on_leave))
        yield from _ways((*stage.whens, *stage.exits))
        for program in stage.programs:
            yield from _program(program)
    yield from _ways((*pipeline.whens, *pipeline.exits))
    for task in pipeline.tasks.values():
        for button in task.buttons:
            yield from _actions(button.do)
        if task.overdue is not None:
            yield from _program(task.overdue)


def always(stage: Stage) -> Exit:
    """The way into an ``always`` stage by hand, from anywhere."""
    return Exit(
        ref=f"always/{stage.id}", id=stage.id, trigger=Trigger(), goto=stage.id, pos=stage.pos
    )


def _ways(ways: Iterable[When | Exit]) -> Iterator[When | Exit | Action]:
    for way in ways:
        yield way
        yield from _actions(way.do)


def _actions(actions: Iterable[Action]) -> Iterator[Action]:
    for action in actions:
        yield action
        yield from _actions(action.otherwise)


def _program(program: Program) -> Iterator[Exit | When | Action | Program | Step]:
    yield program
    for step in program.steps:
        yield step
        yield from _actions(_of_step(step))
    if program.finished is not None:
        yield from _ways([program.finished])


def _of_step(step: Step) -> list[Action]:
    inner = [variant.action for variant in step.variants]
    return [step.action, *inner] if step.action else inner


def _followed(pipeline: Pipeline, index: Index) -> Iterator[str]:
    ways: list[Exit | When] = [*index.exits.values(), *index.whens.values()]
    moments = [
        *(way.trigger.at for way in ways),
        *(step.at for step in index.steps.values()),
        *(task.due for task in pipeline.tasks.values()),
    ]
    yield from (moment.field for moment in moments if moment and moment.field)


def _moments(index: Index) -> Iterator[tuple[str, Moment]]:
    """Not of exits: what goes with one belongs to the new visit and waits for no field."""
    for when in index.whens.values():
        if when.trigger.at is not None:
            yield from ((action.ref, when.trigger.at) for action in _actions(when.do))
    for step in index.steps.values():
        if step.at is not None:
            yield from ((action.ref, step.at) for action in _actions(_of_step(step)))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


REASSIGN = "reassign"


def reassign(pipeline: Pipeline) -> Reassign:
    """The rule that takes a lead from a slow owner."""
    if pipeline.reassign is None:
        message = "a reassignment is armed, but the pipeline has no such rule"
        raise EngineError(message)
    return pipeline.reassign
