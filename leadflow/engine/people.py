"""Who may do what, and whom an action means, as far as the engine knows; the database knows the rest."""

from __future__ import annotations

from collections.abc import Iterable

from leadflow.engine.conditions import evaluate
from leadflow.engine.decision import Refusal
from leadflow.engine.draft import Draft
from leadflow.engine.events import Actor
from leadflow.engine.expr import Expr
from leadflow.engine.pipeline import Assignee
from leadflow.engine.scope import scope
from leadflow.engine.state import State, TaskRun

BOSSES = ("owner", "supervisor", "admin")
"""Who decides where the pipeline does not say."""


def may(by: Iterable[str], actor: Actor, s: State) -> bool:
    """Whether a person is one of these: a role towards the lead, a user or a team. Nobody's act is nobody's decision."""
    return any(_is(name, actor, s) for name in by)


def _is(name: str, actor: Actor, s: State) -> bool:
    if name == "owner":
        return actor.user != "" and actor.user == s.owner
    if name == "creator":
        return actor.user != "" and actor.user == s.creator
    if name == "supervisor":
        return s.owner in actor.supervises if s.owner else bool(actor.supervises)
    if name == "admin":
        return actor.admin
    return actor.user == name or name in actor.teams


def may_do(by: Iterable[str], actor: Actor, s: State, run: TaskRun, to: Assignee) -> bool:
    """The same for a task, whose assignee may be another than the owner."""
    if "assignee" not in by:
        return may(by, actor, s)
    if run.assignee:
        assignee: tuple[str, ...] = (run.assignee,)
    elif to.how == "person":
        assignee = to.people.names
    else:
        assignee = (*to.people.names, "owner")  # nobody found yet: anyone it may be
    return may((*assignee, *(name for name in by if name != "assignee")), actor, s)


def not_allowed(by: Iterable[str], what: str) -> Refusal:
    """The refusal for everybody else."""
    names = " or ".join(by) or "nobody"
    return Refusal("not_allowed", f"{what} is for {names}")


def follows_owner(to: Assignee) -> bool:
    """Whether a task's assignee is whoever owns the lead."""
    return to.how == "person" and to.people.names == ("owner",) and not to.people.exprs


def known(d: Draft, to: Assignee) -> str | None:
    """The user an assignment means, ``""`` for nobody; ``None``: the database has to find one."""
    if to.how == "nobody":
        return ""
    if to.how != "person":
        return None
    names = (*to.people.names, *users(d, to.people.exprs))
    for name in names:
        user = {"owner": d.s.owner, "creator": d.s.creator}.get(name, name)
        if user in {"supervisor", "admin"}:
            return None
        if user:
            return user
    return ""


def users(d: Draft, exprs: Iterable[Expr]) -> tuple[str, ...]:
    """The users that expressions name now."""
    see = scope(d)
    found: list[str] = []
    for expr in exprs:
        value = evaluate(expr, see)
        found.extend(
            item
            for item in (value if isinstance(value, list) else [value])
            if isinstance(item, str)
        )
    return tuple(user for user in found if user)
