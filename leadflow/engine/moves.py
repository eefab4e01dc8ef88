"""Decisions about the lead as a whole: moving, assigning, sleeping, reopening (Meaning 4 and 10)."""

from __future__ import annotations

from leadflow.engine import birth, clocks, owners
from leadflow.engine.acts import cause_of, closed, final, future
from leadflow.engine.clock import parse_iso
from leadflow.engine.decision import Refusal
from leadflow.engine.draft import Draft
from leadflow.engine.events import (
    FACTS,
    Assigned,
    Decision,
    Moved,
    Reopened,
    Snoozed,
    Woken,
)
from leadflow.engine.exits import attempt, chosen
from leadflow.engine.levels import levels, stands
from leadflow.engine.people import BOSSES, may, not_allowed
from leadflow.engine.react import Reactions
from leadflow.engine.step import follow, step, wake_up
from leadflow.engine.write import take

REOPENERS = ("supervisor", "admin")


def moved(d: Draft, event: Moved) -> list[Refusal]:
    """A drag takes the one signal that is a decision leading there, or ``always`` (Meaning 4), also where several do."""
    if final(d):
        return [closed(d)]
    if bad := take(d, event.fields):
        return bad
    leading, possible = _signals(d, event)
    if len(leading) == 1:
        keys = (("signal", leading[0]),)
        return step(d, cause_of(event, keys=keys, name=leading[0]))
    target = d.pipeline.stages.get(event.stage)
    if target is not None and target.always and target.id != d.s.stage:
        return _always(d, event)
    return [_no_way(event.stage, leading, possible=possible)]


def _no_way(stage: str, leading: list[str], *, possible: bool) -> Refusal:
    if leading:
        names = " or ".join(f"'{name}'" for name in leading)
        return Refusal("not_expected", f"several ways lead there; choose {names}")
    if possible:
        return Refusal("not_now", "the condition of the way there does not hold")
    return Refusal("not_expected", f"no decision leads from here to '{stage}'")


def _signals(d: Draft, event: Moved) -> tuple[list[str], bool]:
    """Signals whose exit leads to the stage now, and whether there are any whatever their `if` says."""
    names = {
        name: None
        for level, _ in levels(d)
        for way in level.exits.ways
        if way.goto == event.stage and way.trigger.kind == "signal" and stands(d, way)
        for name in way.trigger.names
        if name not in FACTS
    }
    leading = []
    for name in names:
        d.cause = cause_of(event, keys=(("signal", name),), name=name)
        if any(way.goto == event.stage for way, _ in chosen(d)):
            leading.append(name)
    return leading, bool(names)


def _always(d: Draft, event: Moved) -> list[Refusal]:
    if not may(BOSSES, event.actor, d.s):
        return [not_allowed(BOSSES, "moving a lead")]
    d.cause = cause_of(event)
    reactions = Reactions(d)
    way = d.index.exit(f"always/{event.stage}")
    refusals = attempt(d, way, d.stage_scope, d.cause, decision=True)
    if not refusals:
        follow(d, reactions)
    return refusals


def assigned(d: Draft, event: Assigned) -> list[Refusal]:
    """A person names the owner; a lead without one may be taken by anybody."""
    if d.s.owner and not may((*BOSSES, "creator"), event.actor, d.s):
        return [not_allowed(BOSSES, "assigning a lead")]
    if final(d):
        return [closed(d)]
    if bad := take(d, event.fields):
        return bad
    d.s.reassigns = 0
    owners.give(d, event.to, "by hand")
    return step(d, cause_of(event))


def snoozed(d: Draft, event: Snoozed) -> list[Refusal]:
    """The lead sleeps until an instant, at most as long as the pipeline allows."""
    longest = d.pipeline.snooze
    until = future(d, event.until)
    if refusal := _may_sleep(d, event):
        return [refusal]
    if longest is None:
        return [Refusal("not_expected", "leads of this pipeline do not sleep")]
    if isinstance(until, Refusal):
        return [until]
    if parse_iso(until) > clocks.plus(d, d.now, longest):
        return [Refusal("bad_value", "no lead of this pipeline sleeps so long")]
    if bad := take(d, event.fields):
        return bad
    clocks.snooze(d, parse_iso(until))
    return step(d, cause_of(event))


def _may_sleep(d: Draft, event: Decision) -> Refusal | None:
    if final(d):
        return closed(d)
    return None if may(BOSSES, event.actor, d.s) else not_allowed(BOSSES, "putting a lead to sleep")


def woken(d: Draft, event: Woken) -> list[Refusal]:
    """Woken by hand."""
    if refusal := _may_sleep(d, event):
        return [refusal]
    if d.s.sleep is None:
        return [Refusal("not_now", "the lead does not sleep")]
    if bad := take(d, event.fields):
        return bad
    wake_up(d)
    return step(d, cause_of(event))


def reopened(d: Draft, event: Reopened) -> list[Refusal]:
    """A closed lead begins again in the stage its final one names."""
    back = d.index.stage(d.s.stage).reopen if final(d) else ""
    if not back:
        why = "this stage is not one to reopen from" if final(d) else "the lead is not closed"
        return [Refusal("not_expected", why)]
    if not may(REOPENERS, event.actor, d.s):
        return [not_allowed(REOPENERS, "reopening a lead")]
    if bad := take(d, event.fields):
        return bad
    d.cause = cause_of(event)
    return birth.reopen(d, back, decision=True)
