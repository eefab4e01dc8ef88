"""Gates: what is missing before a way may be taken (language.md, **Gate**, Meaning 3)."""

from __future__ import annotations

from collections.abc import Iterable

from leadflow.engine.conditions import holds
from leadflow.engine.decision import Refusal
from leadflow.engine.draft import Draft
from leadflow.engine.pipeline import Conversion, Exit, Gate
from leadflow.engine.scope import scope


def gates(d: Draft, way: Exit, conversion: Conversion | None = None) -> Iterable[Gate]:
    """All that stands in a way: out of the stage left (not into ``always``), its own, into the target, the conversion's."""
    target = d.index.stage(way.goto)
    if not target.always:
        yield from d.index.stage(left_stage(d, way)).leave
    yield from way.requires
    yield from target.enter
    if conversion is not None:
        yield from conversion.requires


def left_stage(d: Draft, way: Exit) -> str:
    """The stage that a way leaves: the track's, if it leads to one of a track's."""
    _, track = d.index.track_of.get(way.goto, ("", ""))
    run = d.s.tracks.get(track)
    return run.stage if run is not None else d.s.stage


def missing(d: Draft, standing: Iterable[Gate]) -> list[Refusal]:
    """The gates that do not hold now, each named once."""
    see = scope(d)
    found: dict[str, Refusal] = {}
    for gate in standing:
        if gate.condition is not None and not holds(gate.condition, see):
            continue
        if not met(d, gate):
            found.setdefault(gate.id, _refusal(d, gate))
    return list(found.values())


def met(d: Draft, gate: Gate) -> bool:
    """Whether a gate that counts holds."""
    if gate.fields:
        return not d.s.fields.keys().isdisjoint(gate.fields)
    if gate.item:
        return gate.item in d.s.ticks
    return gate.check is None or holds(gate.check, scope(d))


def _refusal(d: Draft, gate: Gate) -> Refusal:
    if gate.fields:
        labels = (f"'{label(d, field)}'" for field in gate.fields)
        return Refusal(
            gate.id, gate.say or f"fill in {' or '.join(labels)}", gate.fields[0], gate.pos
        )
    if gate.item:
        return Refusal(gate.id, gate.say or f"tick '{item_text(d, gate.item)}'", pos=gate.pos)
    return Refusal(gate.id, gate.say or f"'{gate.id}' does not hold", pos=gate.pos)


def label(d: Draft, field: str) -> str:
    """A field in words."""
    known = d.pipeline.fields.get(field)
    return known.label if known is not None else field


def item_text(d: Draft, item: str) -> str:
    """A checklist item in words."""
    lists = (stage.checklist for stage in d.pipeline.stages.values())
    return next((items[item] for items in lists if item in items), item)
