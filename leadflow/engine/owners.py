"""The responsible: routing, assignment, reassignment (language.md, **routing**, **reassign**; S12, S13)."""

from __future__ import annotations

from leadflow.engine.clock import iso
from leadflow.engine.clocks import arm, disarm, plus
from leadflow.engine.conditions import holds
from leadflow.engine.draft import PIPELINE, Cause, Draft
from leadflow.engine.effects import FindOwner, NotifyPeople, OwnerChanged
from leadflow.engine.people import known
from leadflow.engine.pipeline import Assignee, Reassign
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


def assign(d: Draft, to: Assignee, why: str) -> None:
    """Gives the lead to a person known already, or asks the commit to find one."""
    user = known(d, to)
    if user is None:
        _find(d, to, why)
    else:
        give(d, user, why)


def _find(d: Draft, to: Assignee, why: str, never: tuple[str, ...] = ()) -> None:
    d.s.finding = d.key(PIPELINE, f"owner:{why}")
    d.effects.append(FindOwner(key=d.s.finding, to=to, never=never, why=why))


def found(d: Draft, user: str, why: str) -> None:
    """The commit's answer; where it found nobody, the lead stays whose it is."""
    rule, asked = d.pipeline.reassign, d.s.finding
    d.s.finding = ""
    changed = take_over(d, user or d.s.owner, why)
    if rule is not None and asked.startswith(f"{d.s.lead}/{PIPELINE}/owner:{REASSIGN}/"):
        _tell(d, rule, changed=changed)


def hand_on(d: Draft, rule: Reassign) -> None:
    """The owner was too slow: somebody else who never had the lead; if nobody is left, it stays where it is (S13)."""
    never = tuple(dict.fromkeys((*d.s.former_owners, d.s.owner)))
    user = known(d, rule.to)
    if user is None:
        _find(d, rule.to, REASSIGN, never)
    elif user in never or (not user and rule.to.how != "nobody"):
        _tell(d, rule, changed=take_over(d, d.s.owner, REASSIGN))
    else:
        give(d, user, REASSIGN)
        _tell(d, rule, changed=True)


def _tell(d: Draft, rule: Reassign, *, changed: bool) -> None:
    """``notify``: who has the lead now is seen on it; that nobody could take it has to be said."""
    if rule.notify is None:
        return
    d.effects.append(
        NotifyPeople(
            key=d.key(PIPELINE, REASSIGN),
            pos=rule.pos,
            scope=PIPELINE,
            to=rule.notify,
            about="reassigned" if changed else "nobody_left",
            if_unsure="resend",
        )
    )


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
