"""What the parts promise each other across the one-way imports: shapes of the commit, and the gateway every door uses.

The board, the CLI, forms, mail and calls all go through one `Gateway`; its only real implementation lives in
`workflows.gateway`. The workflow hands what a burst of events decided to one `Commit`; the store answers it with a
`Committed` whose facts come back into the engine as events.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from leadflow.engine.decision import Note, Refusal
from leadflow.engine.effects import AnyEffect, Outgoing
from leadflow.engine.events import Actor, AnyEvent, Created, EffectDone
from leadflow.engine.fields import Value
from leadflow.engine.state import State
from leadflow.installation import Told


class Happened(msgspec.Struct, frozen=True, omit_defaults=True):
    """One applied event, as the timeline keeps it."""

    event: str
    """Event id: the timeline row's key within its lead."""
    kind: str
    """Class name of the event: ``Signal``, ``TaskDone`` …"""
    at: str
    """UTC instant of the workflow's clock."""
    version: int
    actor: Actor
    notes: tuple[Note, ...] = ()
    effects: tuple[AnyEffect, ...] = ()
    """What it decided, in that order."""


class Commit(msgspec.Struct, frozen=True, omit_defaults=True):
    """All that one or more events changed in our own database: one transaction, once.

    Any part of it may be in the store already, because somebody else was asked to store it too: what is not there yet is
    added. A repeated commit changes nothing and answers what the first one answered.
    """

    state: State
    happened: tuple[Happened, ...] = ()
    """Without a gap, from the first event that the sender does not know to be stored."""

    @property
    def effects(self) -> tuple[AnyEffect, ...]:
        """In the order they were decided."""
        return tuple(effect for one in self.happened for effect in one.effects)

    def has_ended(self, key: str) -> bool:
        """Whether it says itself how the message with this ledger key ended, and does not plan it anew: nobody waits."""
        told = False
        for one in self.happened:
            if one.kind == EffectDone.__name__:
                told |= one.event.startswith(f"{key}/")
            if any(_plans(effect, key) for effect in one.effects):
                told = False
        return told


def _plans(effect: AnyEffect, key: str) -> bool:
    """The key of one recipient among several ends in the user."""
    return isinstance(effect, Outgoing) and f"{key}/".startswith(f"{effect.key}/")


class Planned(msgspec.Struct, frozen=True, omit_defaults=True):
    """An outside effect that has its row in the ledger and may now be tried (one a recipient)."""

    key: str
    """Ledger key: the effect's, plus ``/<user>`` where an effect has several recipients."""
    channel: str
    """``email sms message webhook audience``: names the task queue and the limits."""


class Committed(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the commit found out, and what may now leave the house."""

    facts: tuple[AnyEvent, ...] = ()
    """`OwnerFound`, `Numbered`, `DocumentMade`, `ConvertDone`, `ConvertFailed`: applied by the workflow at once."""
    sends: tuple[Planned, ...] = ()
    concluded: str = ""
    """UTC: the commit has applied the facts itself, as of then, and stored what they led to as well."""
    ahead: State | None = None
    """What the store holds, where that is another or a later version than the one committed: another has stored what came
    after it, or an operator has reset the run, which then goes on from this."""
    known: tuple[str, ...] = ()
    """With ``ahead``: events of the commit that its timeline has already; the rest are to be applied to it."""
    last: str = ""
    """With ``ahead``: the event that led to it."""
    pipeline: bytes = b""
    """With ``ahead``: the version that its state runs on, packed, where it is another than that of the commit."""


class Report(msgspec.Struct, frozen=True):
    """What a provider tells of a message that it took over earlier; by ``key`` or by ``id``."""

    means: Told
    key: str = ""
    """Hash of the effect key."""
    id: str = ""
    """The provider's own."""
    code: str = ""
    """In its words."""
    spellings: tuple[str, ...] = ()
    """How else the provider may have written ``id`` when it took the message; they count only with ``to``."""
    to: str = ""
    """Whom the message went to, in E.164; empty: it does not say."""


class Card(msgspec.Struct, frozen=True, omit_defaults=True):
    """A lead as its doors show it."""

    lead: str
    number: int
    pipeline: str
    hash: str
    """Version of the pipeline it runs on."""
    version: int
    stage: str
    stage_title: str
    closed: str
    owner: str
    title: str
    fields: dict[str, Value] = {}
    quarantined: str = ""


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a decision comes back with. ``refusals`` non-empty: nothing changed."""

    lead: str
    version: int = 0
    stage: str = ""
    closed: str = ""
    refusals: tuple[Refusal, ...] = ()
    repeated: bool = False
    """`Gateway.add`: the same external id came before; this is that lead."""
    waiting: bool = False
    """`Gateway.add`: stored, but Temporal could not be reached: it begins as soon as it can. `Gateway.act`: decided, but
    not in the store yet, so that what it stops may still go."""


class Gateway(Protocol):
    """The one door. Every method raises `leadflow.errors.Unreachable` when Temporal is not there."""

    async def add(self, pipeline: str, event: Created, *, source: str, external_id: str) -> Answer:
        """Begins a lead; the same ``(source, external_id)`` gives the same lead back (promise P1)."""
        ...

    async def act(self, lead: str, event: AnyEvent) -> Answer:
        """A decision, through the workflow's validator; answered when durable (design.md, *Workflow shell*)."""
        ...

    async def tell(self, lead: str, event: AnyEvent) -> None:
        """A fact from the world."""
        ...

    async def card(self, lead: str) -> State:
        """The living state; of a closed lead the stored one."""
        ...
