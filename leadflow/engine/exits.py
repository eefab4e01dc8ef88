"""Steps (c) and (d): the exit a cause takes, and what follows by itself (language.md, Meaning 1 to 3)."""

from __future__ import annotations

from collections.abc import Iterable

from leadflow.engine import convert
from leadflow.engine.decision import Refusal
from leadflow.engine.draft import Cause, Draft
from leadflow.engine.gates import gates, missing
from leadflow.engine.levels import keys, levels, meant, stands, true, visit_of
from leadflow.engine.people import may, not_allowed
from leadflow.engine.pipeline import Exit
from leadflow.engine.state import Pending
from leadflow.engine.visits import take
from leadflow.engine.write import assign

DECIDED = frozenset({"signal", "task"})
"""Triggers that a person may pull."""


def first(d: Draft, ways: Iterable[Exit]) -> Exit | None:
    """Choosing: the first in the file whose trigger and `if` hold (Meaning 2)."""
    for way in ways:
        if meant(d, way) and stands(d, way) and true(d, way.condition):
            return way
    return None


def chosen(d: Draft) -> list[tuple[Exit, str]]:
    """One exit in each track; if none, one in the stage; if none, one in the pipeline. With the scopes they leave."""
    wanted = keys(d)
    found: list[tuple[Exit, str]] = []
    for level, scope in levels(d) if wanted else ():
        if found and not scope.startswith("track."):
            break
        way = first(d, level.exits.find(wanted))
        if way is not None:
            found.append((way, scope))
    return found


def choose(d: Draft) -> tuple[bool, list[Refusal]]:
    """Step (c). Whether there was an exit, and why a decision may not take it."""
    refusals: list[Refusal] = []
    ways = chosen(d)
    for way, scope in ways:
        decision = d.cause.decision and way.trigger.kind in DECIDED
        if decision and way.trigger.kind == "signal" and not may(way.by, d.cause.actor, d.s):
            refusals.append(not_allowed(way.by, f"'{way.label or d.cause.name}'"))
            continue
        refusals += attempt(d, way, scope, d.cause, decision=decision)
    return bool(ways), refusals


def attempt(d: Draft, way: Exit, scope: str, cause: Cause, *, decision: bool) -> list[Refusal]:
    """Takes a way if its gates hold after its ``set``; else a decision is refused, and anything else stays pending."""
    fields, touched = d.s.fields.copy(), d.touched.copy()
    assign(d, way.set)
    conversion = convert.pick(d, way, cause)
    if isinstance(conversion, Refusal):
        return [conversion]
    lacking = missing(d, gates(d, way, conversion))
    if not lacking and conversion is None:
        take(d, way)
        return []
    if not lacking and conversion is not None:
        convert.begin(d, way, conversion, cause)
    d.s.fields, d.touched = fields, touched
    if lacking and not decision:
        hang(d, way, scope, cause, lacking)
        return []
    return lacking


def hang(d: Draft, way: Exit, scope: str, cause: Cause, lacking: list[Refusal]) -> None:
    """An exit whose gates are shut waits, within the visit (Meaning 3)."""
    owner = visit_of(d, scope)
    if any(one.ref == way.ref and one.scope == owner for one in d.s.pending):
        return
    pending = Pending(
        ref=way.ref,
        scope=owner,
        event=cause.name,
        data=cause.data,
        convert=cause.convert,
        goes_to=cause.goes_to,
    )
    d.s.pending = (*d.s.pending, pending)
    ids: list[str] = [one.id for one in lacking]
    d.note("pending", way.goto, way.ref, way.pos, missing=list(ids))


def settle(d: Draft) -> bool:
    """Step (d), once: the first automatic exit that can go, else the first pending one; whether one went."""
    before = d.exits
    _automatic(d, before)
    if d.s.pending:
        for one in sorted(d.s.pending, key=lambda one: _order(d, one)):
            if _still(d, before) and not one.failed:
                _retry(d, one)
    return d.exits > before


def _still(d: Draft, exits: int) -> bool:
    """Whether no exit has gone since, and none waits for its conversion."""
    return d.exits == exits and d.s.converting is None


def _automatic(d: Draft, exits: int) -> None:
    for level, scope in levels(d):
        if not level.auto_exits:
            continue
        way = first(d, level.auto_exits)
        if way is not None and _still(d, exits) and not _hangs(d, way):
            attempt(d, way, scope, d.cause, decision=False)


def _hangs(d: Draft, way: Exit) -> bool:
    return any(one.ref == way.ref for one in d.s.pending)


def _retry(d: Draft, one: Pending) -> None:
    present, d.cause = d.cause, of_pending(one)
    way = d.index.exit(one.ref)
    attempt(d, way, one.scope, d.cause, decision=False)
    d.cause = present


def of_pending(one: Pending) -> Cause:
    """What a pending exit was about, when it goes at last."""
    return Cause(name=one.event, data=one.data, convert=one.convert, goes_to=one.goes_to)


def _order(d: Draft, one: Pending) -> tuple[int, int]:
    if one.ref in d.index.whole_refs:
        return 2, d.index.rank(one.ref)
    return (0 if one.scope.startswith("track.") else 1), d.index.rank(one.ref)


def expects(d: Draft) -> bool:
    """Whether any way of the present levels is set in motion by the cause, whatever its `if` says."""
    return any(
        meant(d, way) and stands(d, way)
        for level, _ in levels(d)
        for table in (level.exits, level.whens)
        for way in table.find(d.cause.keys)
    )
