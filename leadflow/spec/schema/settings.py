"""The settings file of an installation, `leadflow.yaml`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field as Key
from typing_extensions import override

from leadflow.installation import ConnectionType
from leadflow.spec.schema.base import CONFLICT, MISSING_KEY, Issue, Part, Word
from leadflow.spec.schema.callbacks import Callbacks
from leadflow.spec.schema.gateway import Address, Call, Elapsed, LookUp, Rate
from leadflow.spec.schema.types import Flag, Listed, OneOrMany, PipelineId, Timezone


class User(Part):
    """A person who works with leads."""

    name: Word | None = None
    """As colleagues and clients read it (by default the id)."""
    email: Word | None = None
    """Where notifications go; the sender's address of own letters."""
    phone: Word | None = None
    """A phone number."""
    supervisor: PipelineId | None = None
    """Another user."""
    admin: Flag = False
    """Sees and may do everything."""
    language: Word | None = None
    """In which the program speaks to this person."""


class Connection(Call):
    """A way out of the house: a mail server, an SMS gateway, another system."""

    type: Annotated[ConnectionType, Listed()]
    """email, sms, message, webhook or audience."""
    url: Address | None = None
    """Its address; a password in it only as ${NAME}."""
    from_: Word | None = Key(None, alias="from")
    """The sender's address or name."""
    secret: Word | None = None
    """Key or token, as ${NAME}."""
    allow_private: Flag = False
    """True: the address may lie inside the own network."""
    rate: Rate | None = None
    """How many messages at most: 10/s, 30/min, 100/h, 5000/day; connections of a type share the lowest."""
    look_up: LookUp | None = None
    """How to ask what became of a message when nobody can know."""
    idempotent_for: Elapsed = 0.0
    """So long it takes a message with the same id only once: sent again within that time, it does not come twice."""

    callbacks: Callbacks | None = None
    """How it tells later what became of messages."""

    @override
    def mistakes(self) -> Iterator[Issue]:
        yield from super().mistakes()
        if self.callbacks is not None and self.type not in {"email", "sms", "message"}:
            message = f"nobody reports on what goes by a connection of type {self.type}"
            yield Issue(CONFLICT, message, key="callbacks")
        if self.type in _SIGNED and self.url is not None and self.secret is None:
            message = f"{_SIGNED[self.type]} needs a secret: what is told there is signed"
            yield Issue(MISSING_KEY, message, "add secret: ${NAME}", key="url")
        if self.url is None and self.type in {"sms", "webhook"}:
            yield Issue(MISSING_KEY, f"a connection of type {self.type} needs a url")
        if "missing" in {answer.means for answer in self.answers}:
            message = "only a look-up can find out that a message is missing"
            yield Issue(CONFLICT, message, key="answers")
        smpp = self.url is not None and self.url.startswith(("smpp://", "smpps://"))
        for key in _OF_GATEWAYS:
            if key in self._keys and (smpp or self.type not in {"sms", "message"}):
                what = "SMPP" if smpp else f"a connection of type {self.type}"
                message = f"'{key}' is for gateways that speak HTTP, not for {what}"
                yield Issue(CONFLICT, message, key=key)


_SIGNED = {"webhook": "a webhook", "audience": "an audience with a url"}
_OF_GATEWAYS = ("method", "form", "json", "answers", "look_up", "idempotent_for")


class Settings(Part):
    """An installation: its people, its connections, its habits."""

    users: dict[PipelineId, User] = {}
    """The people, by their ids."""
    teams: dict[PipelineId, OneOrMany[PipelineId]] = {}
    """Teams: lists of users."""
    connections: dict[PipelineId, Connection] = {}
    """Ways out; the first one of a type is that channel's default."""
    region: Word | None = None
    """Country of phone numbers that name none (RU)."""
    timezone: Timezone | None = None
    """The clock where a pipeline names none (Europe/Moscow)."""
    language: Word | None = None
    """The language where a pipeline names none (ru)."""
    currency: Word | None = None
    """The currency where a field names none (RUB)."""
