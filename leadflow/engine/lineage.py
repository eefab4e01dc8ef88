"""Which node of a new version is which of the old one, though it may stand elsewhere now.

Refs count places in lists, so they shift when a line is added. What stays is what the author calls a thing: a stage, a
task, an action, a step by its name (Meaning 11), a way by its id, else by what sets it in motion. Where several are
alike the wholly unchanged ones are found first, then the others in order.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec

from leadflow.engine.pipeline import Action, Button, Exit, Pipeline, Program, Send, Step, When
from leadflow.engine.refs import always

Lineage = dict[str, str]
"""Old ref → new ref: of ways, actions, programs and steps that both versions have."""

CACHED = 16
"""Pairs of versions; a migration has one."""

N = TypeVar("N", bound=msgspec.Struct)

_cache: OrderedDict[tuple[int, int], tuple[Pipeline, Pipeline, Lineage]] = OrderedDict()


def lineage(old: Pipeline, new: Pipeline) -> Lineage:
    """The nodes that two versions have in common, remembered: share one object a version, as the worker does."""
    key = id(old), id(new)
    known = _cache.get(key)
    if known is not None:  # it holds both pipelines, so nobody else can have these ids
        return known[2]
    while len(_cache) >= CACHED:
        _cache.popitem(last=False)
    found = {before.ref: after.ref for before, after in _nodes(old, new)}
    return _cache.setdefault(key, (old, new, found))[2]


def _nodes(old: Pipeline, new: Pipeline) -> Iterator[tuple[Any, Any]]:
    yield from _ways(old.whens, new.whens)
    yield from _ways(old.exits, new.exits)
    for name, before in old.stages.items():
        after = new.stages.get(name)
        if after is not None:
            if before.always and after.always:
                yield always(before), always(after)
            yield from _actions(before.on_enter, after.on_enter)
            yield from _actions(before.on_leave, after.on_leave)
            yield from _ways(before.whens, after.whens)
            yield from _ways(before.exits, after.exits)
            yield from _programs(before.programs, after.programs)
    for name, task in old.tasks.items():
        same = new.tasks.get(name)
        if same is not None:
            yield from _programs(_some(task.overdue), _some(same.overdue))
            for button, other in _pairs(task.buttons, same.buttons, _label):
                yield from _actions(button.do, other.do)


def _ways(old: Sequence[When | Exit], new: Sequence[When | Exit]) -> Iterator[tuple[Any, Any]]:
    for before, after in _pairs(old, new, _own_id, _meaning, _trigger_and_goal, _trigger):
        yield before, after
        yield from _actions(before.do, after.do)


def _actions(old: Iterable[Action], new: Iterable[Action]) -> Iterator[tuple[Any, Any]]:
    for before, after in _pairs(old, new, _name):
        yield before, after
        yield from _actions(before.otherwise, after.otherwise)


def _programs(old: Iterable[Program], new: Iterable[Program]) -> Iterator[tuple[Any, Any]]:
    for before, after in _pairs(old, new, _kind):
        yield before, after
        yield from _ways(_some(before.finished), _some(after.finished))
        for step, other in _pairs(before.steps, after.steps, _node):
            yield step, other
            yield from _actions(_done_by(step), _done_by(other))


def _done_by(step: Step) -> list[Action]:
    return [*_some(step.action), *(variant.action for variant in step.variants)]


def _some(one: N | None) -> tuple[N, ...]:
    return () if one is None else (one,)


def _pairs(
    old: Iterable[N], new: Iterable[N], *likenesses: Callable[[N], Hashable]
) -> Iterator[tuple[N, N]]:
    """Pairs by the first likeness, the rest by the next; of several that are alike the first with the first."""
    left, right = list(old), list(new)
    for likeness in likenesses:
        free: dict[Hashable, list[N]] = {}
        for node in right:
            free.setdefault(likeness(node), []).append(node)
        free.pop(None, None)  # says nothing about this one
        for node in tuple(left):
            if same := free.get(likeness(node)):
                other = same.pop(0)
                left.remove(node)
                right.remove(other)
                yield node, other


def _own_id(way: When | Exit) -> Hashable:
    return way.id if way.id != way.ref else None


def _meaning(way: When | Exit) -> Hashable:
    return msgspec.json.encode(_bare(msgspec.to_builtins(way)))


def _bare(value: Any) -> Any:
    """Without where it stands: what it means."""
    if isinstance(value, dict):
        return {k: _bare(part) for k, part in value.items() if k not in {"ref", "id", "pos"}}
    return [_bare(part) for part in value] if isinstance(value, list | tuple) else value


def _trigger(way: When | Exit) -> Hashable:
    """What sets it in motion; of a way without trigger nothing does."""
    trigger = way.trigger
    if trigger.kind == "auto":
        return None
    field = trigger.at.field if trigger.at is not None else ""
    return type(way), trigger.kind, trigger.names, trigger.outcomes, field


def _trigger_and_goal(way: When | Exit) -> Hashable:
    if isinstance(way, Exit):
        return way.goto, way.trigger.kind, _trigger(way)
    return None


def _name(action: Action) -> Hashable:
    """Of a message the channel, too: what waits by one cannot go by another."""
    do = action.do
    return action.node, type(do), do.channel if isinstance(do, Send) else ""


def _kind(program: Program) -> Hashable:
    return program.ref, program.kind


def _node(step: Step) -> Hashable:
    return step.node


def _label(button: Button) -> Hashable:
    return button.label
