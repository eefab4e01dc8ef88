"""Who acts through the command line, and names that must be known."""

from __future__ import annotations

import getpass
from collections.abc import Iterable

import msgspec

from leadflow.engine.events import Actor
from leadflow.errors import NotFound
from leadflow.installation import Installation
from leadflow.spec.installation import actor
from leadflow.spec.suggest import hint_for_unknown


def operator(installation: Installation, user: str) -> Actor:
    """Who acts: a user of the installation with the operator's rights, or the operator alone.

    Raises:
        NotFound: there is no such user; the hint offers near misses.
    """
    via = f"cli:{getpass.getuser()}"
    if not user:
        return Actor(admin=True, via=via)
    return msgspec.structs.replace(actor(installation, user, via), admin=True)


def known_user(installation: Installation, user: str) -> str:
    """The user's id itself.

    Raises:
        NotFound: there is no such user.
    """
    return operator(installation, user).user


def unknown(name: str, known: Iterable[str], what: str) -> NotFound:
    """An error for a name that nobody declared, with near misses."""
    message = f"there is no {what} '{name}'"
    return NotFound(message, hint_for_unknown(what, name, known))
