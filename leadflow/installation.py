"""An installation as plain data: who works here, which connections lead outside, what holds where a pipeline is silent.

Written as `leadflow.yaml` (`leadflow.spec.installation` reads it), kept by the store when published, used by everything
that has to find a person or a way out. Secrets stay ``${NAME}`` and get their values from the environment of the process
that needs them (`resolved`). Shapes only grow.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

import msgspec

from leadflow.errors import Misconfigured

ConnectionType = Literal["email", "sms", "message", "webhook", "audience"]

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class User(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person of the installation."""

    id: str
    name: str
    email: str = ""
    phone: str = ""
    """E.164."""
    supervisor: str = ""
    admin: bool = False
    language: str = ""


class Connection(msgspec.Struct, frozen=True, omit_defaults=True):
    """A way out of the house; secrets as ``${NAME}``."""

    id: str
    type: ConnectionType
    url: str = ""
    sender: str = ""
    """``from``."""
    secret: str = ""
    headers: dict[str, str] = {}
    allow_private: bool = False


class Installation(msgspec.Struct, frozen=True, omit_defaults=True):
    """Plain data, a JSON round trip; shapes only grow."""

    users: dict[str, User] = {}
    teams: dict[str, tuple[str, ...]] = {}
    connections: dict[str, Connection] = {}
    region: str = "RU"
    timezone: str = "Europe/Moscow"
    language: str = "ru"
    currency: str = "RUB"

    def connection(self, kind: ConnectionType, name: str = "") -> Connection | None:
        """The named connection of that kind, or the kind's default: the first one listed."""
        if name:
            found = self.connections.get(name)
            return found if found and found.type == kind else None
        return next((each for each in self.connections.values() if each.type == kind), None)

    def members(self, name: str) -> tuple[str, ...]:
        """The users a name means: a team's, or the one user; empty for an unknown name."""
        if name in self.teams:
            return self.teams[name]
        return (name,) if name in self.users else ()


def resolved(text: str, environ: Mapping[str, str]) -> str:
    """A setting with its ``${NAME}`` filled in.

    Raises:
        Misconfigured: a variable is not set.
    """

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name not in environ:
            message = f"the environment variable {name} is not set"
            raise Misconfigured(message, f"set it, or change ${{{name}}} in leadflow.yaml")
        return environ[name]

    return VARIABLE.sub(value, text)
