"""The people of an installation: whom a role, a team or a name means for a lead (language.md, **People**)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from leadflow.engine.fields import Value
from leadflow.installation import Installation, User


class Roles(NamedTuple):
    """Whom the roles of a lead mean."""

    owner: str = ""
    creator: str = ""


class Staff(msgspec.Struct, frozen=True):
    """Users and teams; a name that is none of them means nobody."""

    installation: Installation = Installation()

    @property
    def users(self) -> Mapping[str, User]:
        """Everybody, by id."""
        return self.installation.users

    def named(self, names: Iterable[str], roles: Roles) -> list[str]:
        """The users that roles, teams and names mean for a lead, each once, in the order written."""
        found, users = (user for name in names for user in self._of(name, roles)), self.users
        return [user for user in dict.fromkeys(found) if user in users]

    def _of(self, name: str, roles: Roles) -> Iterable[str]:
        match name:
            case "owner":
                return (roles.owner,)
            case "creator":
                return (roles.creator,)
            case "supervisor":
                return self.supervisors(roles.owner)
            case "admin":
                return self._admins()
            case _:
                return self.installation.members(name)

    def supervisors(self, owner: str) -> list[str]:
        """The owner's; of a lead without owner everybody who supervises; where there is none, the admins.

        What is overdue is nobody's business otherwise (S31).
        """
        person = self.users.get(owner)
        bosses = [each.supervisor for each in ([person] if person else self.users.values())]
        return [boss for boss in dict.fromkeys(bosses) if boss in self.users] or self._admins()

    def _admins(self) -> list[str]:
        return [user for user, person in self.users.items() if person.admin]

    def name(self, user: str) -> str:
        """As colleagues and clients read it."""
        person = self.users.get(user)
        return person.name if person and person.name else user

    def values(self, user: str) -> dict[str, tuple[str, Value]]:
        """What a text may name of the owner: ``owner``, ``owner.name``, ``owner.email``, ``owner.phone``."""
        person = self.users.get(user) or User(id="", name="")
        phone: Value = {"number": person.phone} if person.phone else None
        return {
            "owner": ("user", user or None),
            "owner.name": ("text", self.name(user) or None),
            "owner.email": ("email", person.email or None),
            "owner.phone": ("phone", phone),
        }
