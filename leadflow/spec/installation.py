"""Reading `leadflow.yaml`: its shape, its people; its connections are read in `leadflow.spec.connections`.

It is read when checking and publishing; the plain `leadflow.installation.Installation` is what everything else uses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from leadflow.engine.events import Actor
from leadflow.engine.fields import Field
from leadflow.errors import NotFound
from leadflow.installation import Installation, User
from leadflow.spec.connections import connection, connection_problems
from leadflow.spec.loader import load_file
from leadflow.spec.problems import Problem
from leadflow.spec.schema.base import Word
from leadflow.spec.schema.read import read_part
from leadflow.spec.schema.settings import Settings, User as UserPart
from leadflow.spec.suggest import hint_for_unknown
from leadflow.values import BadValue, parse_value

UNKNOWN_PERSON = "LF207"
CIRCLE = "LF604"

_EMAIL = Field(id="email", type="email", label="email")
_PHONE = Field(id="phone", type="phone", label="phone")


def actor(installation: Installation, user: str, via: str = "") -> Actor:
    """Who acts, with the rights the installation gives.

    Args:
        installation: its users and teams.
        user: a user's id.
        via: the door and, where another acted for the user, who (``cli:operator``).

    Raises:
        NotFound: there is no such user.
    """
    known = installation.users.get(user)
    if known is None:
        message = f"unknown user '{user}'"
        raise NotFound(message, hint_for_unknown("user", user, installation.users))
    return Actor(
        user=user,
        teams=tuple(team for team, members in installation.teams.items() if user in members),
        supervises=tuple(sorted(_below(installation, user))),
        admin=known.admin,
        via=via,
    )


def _below(installation: Installation, user: str) -> set[str]:
    """Everybody whose supervisor this user is, directly or above."""
    found: set[str] = set()
    level = {user}
    while level:
        level = {
            each.id for each in installation.users.values() if each.supervisor in level
        } - found
        found |= level
    return found - {user}


def load_installation(
    path: Path, environ: Mapping[str, str] | None = None
) -> tuple[Installation, list[Problem]]:
    """Reads `leadflow.yaml`.

    Args:
        path: of the file.
        environ: the environment to look ``${NAME}`` up in; None: it is not looked up.

    Returns:
        The installation (an empty one when the file cannot be used) and the problems.
    """
    document = load_file(path)
    problems = list(document.problems)
    if not document.complete:
        return Installation(), problems
    settings, found = read_part(Settings, document.data, document)
    problems += found
    if settings is None:
        return Installation(), problems
    made = Installation(
        users={str(word): _user(word, part, problems) for word, part in settings.users.items()},
        teams={str(word): tuple(map(str, members)) for word, members in settings.teams.items()},
        connections={
            str(word): connection(word, part, document.data)
            for word, part in settings.connections.items()
        },
        region=str(settings.region or "RU"),
        timezone=str(settings.timezone or "Europe/Moscow"),
        language=str(settings.language or "ru"),
        currency=str(settings.currency or "RUB"),
    )
    problems += [*_unknown_people(settings), *_circles(settings, made)]
    problems += connection_problems(settings, environ)
    return made, problems


def _user(word: Word, part: UserPart, problems: list[Problem]) -> User:
    def canonical(field: Field, raw: Word | None) -> str:
        if raw is None:
            return ""
        try:
            value = parse_value(field, str(raw))
        except BadValue as error:
            problems.append(raw.spot.problem("LF116", str(error)))
            return ""
        return str(value["number"]) if isinstance(value, dict) else str(value)

    return User(
        id=str(word),
        name=str(part.name or word),
        email=canonical(_EMAIL, part.email),
        phone=canonical(_PHONE, part.phone),
        supervisor=str(part.supervisor or ""),
        admin=part.admin,
        language=str(part.language or ""),
    )


def _unknown_people(settings: Settings) -> Iterable[Problem]:
    named = [part.supervisor for part in settings.users.values() if part.supervisor]
    for word in (*named, *(member for members in settings.teams.values() for member in members)):
        if word not in settings.users:
            hint = hint_for_unknown("user", word, settings.users)
            yield word.spot.problem(UNKNOWN_PERSON, f"unknown user '{word}'", hint)
    for team in settings.teams:
        if team in settings.users or team in {
            "owner",
            "creator",
            "supervisor",
            "admin",
            "nobody",
            "assignee",
        }:
            yield team.spot.problem(
                "LF220", f"'{team}' means somebody else already", "give the team another name"
            )


def _circles(settings: Settings, made: Installation) -> Iterable[Problem]:
    for word, part in settings.users.items():
        if part.supervisor is None:
            continue
        seen, above = [str(word)], str(part.supervisor)
        while above and above not in seen and above in made.users:
            seen.append(above)
            above = made.users[above].supervisor
        if above == word:
            circle = " → ".join((*seen, above))
            yield part.supervisor.spot.problem(CIRCLE, f"the supervisors form a circle: {circle}")
