"""The responsible: routing, assignment, reassignment (language.md, **routing**, **reassign**; S12, S13)."""

from __future__ import annotations

from leadflow.engine.clock import iso
from leadflow.engine.clocks import arm, disarm, plus
from leadflow.engine.conditions import holds
from leadflow.engine.draft import PIPELINE, Cause, Draft
from leadflow.engine.effects import FindOwner, OwnerChanged
from leadflow.engine.people import known
from leadflow.engine.pipeline import Assignee
from leadflow.engine.refs import REASSIGN
from leadflow.engine.scope import scope
from leadflow.engine.state import Deadline
from leadflow.engine.tasks import hand_over


def route(d: Draft) -> None:
    """The first rule whose condition holds; by none, whoever entered the lead keeps it (S12: every lead has one)."""
    see = scope(d)
    for rule in d.pipeline.routing:
        if rule.condition is None or holds(rule.condition, see):
            assign(d, rule.to, "routing")
            return
    if d.s.creator:
        give(d, d.s.creator, "creator")


def assign(d: Draft, to: Assignee, why: str, never: tuple[str, ...] = ()) -> None:
    """Gives the lead to a person known already, or asks the commit to find one."""
    user = known(d, to)
    if user is not None:
        give(d, user, why)
        return
    d.s.finding = d.key(PIPELINE, f"owner:{why}")
    d.effects.append(FindOwner(key=d.s.finding, to=to, never=never, why=why))


def give(d: Draft, user: str, why: str) -> None:
    """The lead is this user's from now on, and an answer still on its way is too late."""
    effect = OwnerChanged(key=d.key(PIPELINE, "owner"), owner=user, why=why)
    d.s.finding = ""
    if take_over(d, user, why):
        d.effects.append(effect)


def take_over(d: Draft, user: str, why: str) -> bool:
    """Writes the owner; ``False`` if nothing changes. The clock of ``reassign`` begins anew (after assignment)."""
    s = d.s
    rule = d.pipeline.reassign
    disarm(d, REASSIGN)
    if rule is not None and user and s.reassigns < rule.times:
        due = iso(plus(d, d.now, rule.after))
        arm(
            d,
            REASSIGN,
            Deadline(
                due=due,
                kind="reassign",
                ref=REASSIGN,
                scope=PIPELINE,
                unit=rule.after,
                pos=rule.pos,
            ),
        )
    s.assigned = d.at
    if user == s.owner:
        return False
    before, s.owner = s.owner, user
    if before:
        s.former_owners = (*(one for one in s.former_owners if one not in {before, user}), before)
    d.note("assigned", user, why=why, before=before)
    hand_over(d)
    if before and user:
        d.queue.append(Cause(keys=(("signal", "reassigned"),), name="reassigned"))
    return True


def watch_reassign(d: Draft) -> None:
    """``while``: once false, off until the next assignment."""
    rule = d.pipeline.reassign
    if (
        rule is not None
        and rule.condition is not None
        and REASSIGN in d.s.deadlines
        and not holds(rule.condition, scope(d))
    ):
        disarm(d, REASSIGN)
