"""An installation as plain data: who works here, which connections lead outside, what holds where a pipeline is silent.

Written as `leadflow.yaml` (`leadflow.spec.installation` reads it), kept by the store when published, used by everything
that has to find a person or a way out. Secrets stay ``${NAME}`` and get their values from the environment of the process
that needs them (`resolved`). Shapes only grow.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from leadflow.decoding import known
from leadflow.errors import Misconfigured

ConnectionType = Literal["email", "sms", "message", "webhook", "audience"]

USUAL_RATES: Mapping[ConnectionType, str] = {
    "email": "100/s",
    "sms": "10/s",
    "message": "20/s",
    "webhook": "100/s",
    "audience": "10/s",
}
"""What a channel sends at most where no connection of it names a rate."""

_RATE = re.compile(r"([1-9][0-9]{0,5}) ?/ ?(s|min|h|day)")
_SECONDS = {"s": 1, "min": 60, "h": 3_600, "day": 86_400}

PLACES = ("key", "to", "digits", "text", "sender", "secret")
"""What may be put into a request to a gateway: our id of the message (32 hex digits), the number (E.164; its digits
alone), the text, the connection's ``from`` and ``secret``."""
PLACE = re.compile(r"(?<!\$)\{([a-z_]+)\}")

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


Means = Literal["accepted", "known", "refused", "temporary", "down", "unsure", "missing"]
"""What an answer of a gateway says of the message.

accepted: taken over · known: taken over before, under the same id · refused: certainly not taken, nor later · temporary:
certainly not taken, perhaps later · down: nothing can be sent by this connection · unsure: nobody can know · missing (of
a look-up): the gateway certainly does not have it.
"""


class Reading(msgspec.Struct, frozen=True, omit_defaults=True):
    """How an answer of a gateway is read: when all that is given fits, it means this.

    The paths go through JSON, names and numbers with dots between them: ``messages.0.id``. They and the values that may
    stand in them: `leadflow.channels.request`.
    """

    means: Means
    status: tuple[str, ...] = ()
    """HTTP status codes, or classes of them such as ``5xx``; none: any."""
    at: str = ""
    """The path of something that must be there; of one of the values ``is_``, where any is given."""
    is_: tuple[str, ...] = msgspec.field(default=(), name="is")
    matches: str = ""
    """A regular expression that is found in the answer; its groups ``id`` and ``code`` are the provider's."""
    id: str = ""
    """The path of the id that the provider gave the message."""
    code: str = ""
    """The path of the provider's code for what it says."""
    wait: float = 0
    """Seconds until the next attempt at what is temporary."""


class Call(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request to a gateway; url, headers and body have places for values: `leadflow.channels.request`."""

    url: str
    method: str = "POST"
    headers: dict[str, str] = {}
    form: dict[str, str] = {}
    json: Any = None
    """Any JSON; at most one of form and json is given."""
    answers: tuple[Reading, ...] = ()
    """The first that fits counts."""


class LookUp(Call, frozen=True, omit_defaults=True):
    """Asking a gateway by our own id what became of a message."""

    after: float = 120
    """Seconds after the hand-over from which on it is believed that a message is missing: longer than an attempt, taken
    for dead, can still be under way."""


Told = Literal["delivered", "undelivered", "dead", "complained", "unsubscribed"]
"""What a provider tells of a message later on.

delivered: it arrived · undelivered: it did not, nor will it · dead: nor will any other that goes to this address ·
complained: the client called it spam · unsubscribed: the client wants no more of them.
"""


class Telling(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a report of a provider is read: when what is given fits, it means this."""

    means: Told
    at: str = ""
    """The path of something that must be there; of one of the values ``is_``, where any is given."""
    is_: tuple[str, ...] = msgspec.field(default=(), name="is")
    code: str = ""
    """The path of the provider's code for what it says."""


class Callbacks(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a provider tells what became of messages: it posts to ``/hooks/<connection>/<secret>``."""

    secret: str
    reports: tuple[Telling, ...]
    """The first that fits counts; a report that none fits says nothing final."""
    key: str = ""
    """The path of our id of the message, or of something that it stands in, such as the Message-ID."""
    id: str = ""
    """The path of the provider's id of it."""
    each: str = ""
    """The path of the list of reports; none: the whole body is one, or a list of them."""


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
    rate: str = ""
    """How many messages a span of time at most: ``10/s``, ``100/h``."""
    method: str = "POST"
    form: dict[str, str] = {}
    json: Any = None
    answers: tuple[Reading, ...] = ()
    look_up: LookUp | None = None
    idempotent_for: float = 0
    """Seconds: so long the other side takes a message with the same id only once."""
    callbacks: Callbacks | None = None


_CONNECTION = known(Connection)


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

    def rate(self, kind: ConnectionType) -> str:
        """The rate of a channel: the lowest of its connections', since they share its queue; else the usual one."""
        rates = [each.rate for each in self.connections.values() if each.type == kind and each.rate]
        return min(rates, key=per_second, default=USUAL_RATES[kind])

    def members(self, name: str) -> tuple[str, ...]:
        """The users a name means: a team's, or the one user; empty for an unknown name."""
        if name in self.teams:
            return self.teams[name]
        return (name,) if name in self.users else ()


def per_second(rate: str) -> float:
    """A rate such as ``10/s``, ``30/min``, ``100/h`` or ``5000/day`` as a number per second.

    Raises:
        ValueError: it is none.
    """
    found = _RATE.fullmatch(rate)
    if found is None:
        message = f"'{rate}' is not a rate"
        raise ValueError(message)
    return int(found[1]) / _SECONDS[found[2]]


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


def filled(connection: Connection, environ: Mapping[str, str]) -> Connection:
    """A connection with every ``${NAME}`` in it filled in.

    Raises:
        Misconfigured: a variable is not set.
    """

    def deep(tree: Any) -> Any:
        match tree:
            case str():
                return resolved(tree, environ)
            case dict():
                return {name: deep(value) for name, value in tree.items()}
            case list():
                return [deep(value) for value in tree]
            case _:
                return tree

    return msgspec.convert(deep(msgspec.to_builtins(connection)), _CONNECTION)
