"""The people of a scenario: those of the installation, and beside or instead of them its own ``people``."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from leadflow.engine.events import Actor
from leadflow.engine.state import State
from leadflow.installation import Installation, User
from leadflow.rules.staff import Roles, Staff
from leadflow.simulate.schema import Entry, Person
from leadflow.spec.installation import actor
from leadflow.spec.schema.base import Word

ADMIN = "admin"
ROLES = ("owner", "creator", "supervisor", ADMIN)
SOMEBODY = "somebody"
"""Who acts for a lead that nobody owns: with an admin's rights."""


def with_people(home: Installation, people: Mapping[Word, Entry]) -> Installation:
    """The installation with a scenario's people; who is only named in it is a user too, and ``admin`` names them all."""
    users = dict(home.users)
    teams = dict(home.teams)
    for word, entry in people.items():
        name = str(word)
        if name == ADMIN:
            admins = map(str, entry if isinstance(entry, list) else [])
            users = {user: replace(known, admin=False) for user, known in users.items()}
            users |= {user: User(id=user, name="", admin=True) for user in admins}
        elif isinstance(entry, Person):
            users[name] = User(
                id=name,
                name=str(entry.name or ""),
                email=str(entry.email or ""),
                phone=str(entry.phone or ""),
                supervisor=str(entry.supervisor or ""),
                admin=entry.admin,
            )
            teams.pop(name, None)
        else:
            teams[name] = tuple(map(str, entry))
            users.pop(name, None)
    mentioned = [user for members in teams.values() for user in members]
    mentioned += [user.supervisor for user in users.values() if user.supervisor]
    for name in mentioned:
        users.setdefault(name, User(id=name, name=""))
    return replace(home, users=users, teams=teams)


def acting(staff: Staff, state: State, by: str) -> Actor:
    """Who acts: a user, somebody of a team, or whom a role means for this lead.

    A role that nobody has is played by somebody with its rights, so that five lines of a pipeline can be tried without
    naming people.
    """
    roles = Roles(state.owner, state.creator)
    found = staff.named([by or "owner"], roles)
    if found:
        return actor(staff.installation, found[0])
    match by or "owner":
        case "supervisor":
            return Actor(user=SOMEBODY, supervises=(state.owner,))
        case "owner" if state.owner:
            return Actor(user=state.owner)
        case "creator" if state.creator:
            return Actor(user=state.creator)
        case _:
            return Actor(user=SOMEBODY, supervises=("",), admin=True)
