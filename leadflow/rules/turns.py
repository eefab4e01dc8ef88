"""Finding a responsible: in turn, by load, or the person named (S12–S14), with the reason why this one (X11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from leadflow.engine.pipeline import Assignee


class Found(NamedTuple):
    """``user`` is empty when nobody could be found."""

    user: str
    why: str


class Turns(Protocol):
    """What has to be remembered. ``turn`` names a list that people are chosen from; it is ours until the commit ends."""

    def last(self, turn: str) -> str:
        """Who had the last turn; empty: nobody yet."""
        ...

    def took(self, turn: str, user: str) -> None:
        """This one has had it now."""
        ...

    def open_leads(self, turn: str, users: Sequence[str]) -> Mapping[str, int]:
        """User → how many open leads are theirs; who is not there has none."""
        ...


def choose(
    to: Assignee, listed: Sequence[str], never: Iterable[str], turn: str, turns: Turns
) -> Found:
    """A responsible among those an assignment means.

    Args:
        to: how to choose.
        listed: the users it means, in the order written.
        never: former owners: not again.
        turn: whose turns: pipeline and, for tasks, which one.
        turns: what is remembered of them.
    """
    named = " ".join(to.people.names)
    passed_over = frozenset(never)
    free = [user for user in listed if user not in passed_over]
    if to.how == "nobody":
        return Found("", "nobody")
    if not free:
        had = "everybody there has had it" if listed else "there is no such user"
        return Found("", f"nobody of '{named}': {had}")
    turn = f"{turn}/{named}"
    match to.how:
        case "round_robin":
            last = turns.last(turn)
            user = _after(last, listed, free)
            turns.took(turn, user)
            return Found(
                user, f"round robin of {named}: {f'after {last}' if last else 'the first'}"
            )
        case "least_busy":
            load = turns.open_leads(turn, free)
            user = min(free, key=lambda one: load.get(one, 0))  # of equals the first listed
            return Found(user, f"least busy of {named}: {load.get(user, 0)} open")
        case _:
            return Found(free[0], named)


def _after(last: str, listed: Sequence[str], free: Sequence[str]) -> str:
    """The next after the last one, and around; it begins with the first listed."""
    start = listed.index(last) + 1 if last in listed else 0
    return next(user for user in (*listed[start:], *listed[:start]) if user in free)
