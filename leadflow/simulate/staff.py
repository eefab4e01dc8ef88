"""Who is meant, and whose turn it is: what the store's commit finds out, in memory and by the same rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from leadflow.engine.fields import Value
from leadflow.engine.pipeline import Assignee
from leadflow.installation import Installation


class Roles(NamedTuple):
    """Whom the roles of a lead mean."""

    owner: str = ""
    creator: str = ""


class Found(NamedTuple):
    """``user`` is empty when nobody could be found; ``why`` says why this one (X11)."""

    user: str
    why: str


class Staff:
    """The people of a world, with the turns they take. Equal in its answers to the store (a test holds them together)."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self._last: dict[str, str] = {}
        """Whose turns (`_in_turn`) → who had the last one."""

    def named(self, names: Iterable[str], roles: Roles) -> list[str]:
        """The users that roles, teams and names mean for a lead, each once, in the order written."""
        found = (user for name in names for user in self._of(name, roles))
        return [user for user in dict.fromkeys(found) if user in self.installation.users]

    def _of(self, name: str, roles: Roles) -> Iterable[str]:
        match name:
            case "owner":
                return (roles.owner,)
            case "creator":
                return (roles.creator,)
            case "supervisor":
                return self.supervisors(roles.owner)
            case "admin":
                return self.admins()
            case _:
                return self.installation.teams.get(name, (name,))

    def supervisors(self, owner: str) -> list[str]:
        """The owner's; of a lead without owner everybody who supervises; where there is none, the admins."""
        users = self.installation.users
        person = users.get(owner)
        bosses = [each.supervisor for each in ([person] if person else users.values())]
        return [boss for boss in dict.fromkeys(bosses) if boss in users] or self.admins()

    def admins(self) -> list[str]:
        """Who may do everything."""
        return [user for user, person in self.installation.users.items() if person.admin]

    def find(
        self,
        to: Assignee,
        people: list[str],
        turn: str,
        never: Iterable[str],
        load: Callable[[str], int],
    ) -> Found:
        """A responsible.

        Args:
            to: how to choose.
            people: the users it means.
            turn: whose turns: pipeline and, for tasks, which one.
            never: former owners, not again.
            load: a user → how many open leads are theirs.
        """
        named = " ".join(to.people.names)
        free = [user for user in people if user not in set(never)]
        if to.how == "nobody" or not free:
            had = "everybody there has had it" if people else "there is no such user"
            return Found("", f"nobody of '{named}': {had}" if to.how != "nobody" else "nobody")
        match to.how:
            case "round_robin":
                return self._in_turn(f"{turn}/{named}", named, people, free)
            case "least_busy":
                user = min(free, key=load)  # of equals the first listed
                return Found(user, f"least busy of {named}: {load(user)} open")
            case _:
                return Found(free[0], named)

    def _in_turn(self, turn: str, named: str, listed: list[str], free: list[str]) -> Found:
        """The next after the last one; begins with the first listed."""
        last = self._last.get(turn, "")
        start = listed.index(last) + 1 if last in listed else 0
        user = next(user for user in (*listed[start:], *listed[:start]) if user in free)
        self._last[turn] = user
        return Found(user, f"round robin of {named}: {f'after {last}' if last else 'the first'}")

    def name(self, user: str) -> str:
        """As colleagues and clients read it."""
        person = self.installation.users.get(user)
        return person.name if person and person.name else user

    def values(self, user: str) -> dict[str, tuple[str, Value]]:
        """What a text may name of the owner."""
        person = self.installation.users.get(user)
        phone: Value = {"number": person.phone} if person and person.phone else None
        return {
            "owner": ("user", user or None),
            "owner.name": ("text", self.name(user) or None),
            "owner.email": ("email", person.email or None if person else None),
            "owner.phone": ("phone", phone),
        }
