"""Where ways stand: in the tracks, in the stage, in the pipeline as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from leadflow.engine.conditions import holds
from leadflow.engine.draft import PIPELINE, Draft, track_scope
from leadflow.engine.expr import Expr
from leadflow.engine.pipeline import Exit, When
from leadflow.engine.refs import Key, Level
from leadflow.engine.scope import scope as see
from leadflow.engine.write import changed


def levels(d: Draft) -> tuple[tuple[Level, str], ...]:
    """The levels that stand now, each with the scope of its visit, in the order they are asked (Meaning 1).

    None before the creation and in a final stage.
    """
    if d.standing is None:
        level = d.index.open.get(d.s.stage)
        own = ((level, d.stage_scope), (d.index.whole, PIPELINE)) if level is not None else ()
        d.standing = (*_tracks(d), *own) if own and d.s.tracks else own
    return d.standing


def _tracks(d: Draft) -> Iterator[tuple[Level, str]]:
    for track, run in d.s.tracks.items():
        if not run.done:
            yield d.index.level(run.stage), track_scope(track, run.visit)


def visit_of(d: Draft, scope: str) -> str:
    """The visit that what a level does belongs to: the pipeline's own ways live in the present one."""
    return d.stage_scope if scope == PIPELINE else scope


def stands(d: Draft, way: When | Exit) -> bool:
    """Whether a way of the pipeline stands in the present stage."""
    return not way.stages or d.s.stage in way.stages


def true(d: Draft, condition: Expr | None) -> bool:
    """Whether an optional condition holds now."""
    return condition is None or holds(condition, see(d))


def keys(d: Draft) -> tuple[Key, ...]:
    """What may set a way in motion now: the cause, fields changed in the step."""
    if not d.touched:
        return d.cause.keys
    return (*d.cause.keys, *(("changed", field) for field in changed(d)))


def meant(d: Draft, way: When | Exit) -> bool:
    """Whether a way found by its key is meant: by the task's outcome."""
    return not way.trigger.outcomes or d.cause.outcome in way.trigger.outcomes
