"""Everything that can happen to a lead. One tagged struct an event; persisted in histories: shapes only grow.

``id`` is the idempotency key: chosen by the client, or derived (``timer/<due>``, ``<effect key>/accepted``). The shell
answers a repeated id with what it answered the first time; the engine never sees it twice.

*Decisions* are what people do (refused with reasons when blocked); *facts* come from the world and are never refused
while the lead lives (language.md, Meaning 3).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from leadflow.engine.fields import Value

FACTS = frozenset(
    {
        "replied", "repeated", "out_of_office", "bounced", "send_failed", "unsubscribed", "complained",
        "meeting_booked", "call_in", "call_missed", "paid", "signed", "woken", "reassigned",
    }
)  # fmt: skip
"""Signals from the world; every other signal is a decision (language.md, **Signal**)."""


class Actor(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Who acts, with the rights the edge has looked up; `SYSTEM` for what nobody did."""

    user: str = ""
    teams: tuple[str, ...] = ()
    supervises: tuple[str, ...] = ()
    """Users whose supervisor this is (directly or above)."""
    admin: bool = False
    via: str = ""
    """The door and, where another acted for the user, who: ``cli:operator``, ``api:key-7``."""


SYSTEM = Actor()


class Event(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """Base: ``id`` and who did it."""

    id: str
    actor: Actor = SYSTEM


class Created(Event, tag=True, frozen=True, kw_only=True):
    """The lead begins. Bad values were left out at the edge and are named in ``left_out`` (Meaning 3)."""

    fields: dict[str, Value] = {}
    channel: str = ""
    source: str = ""
    form: str = ""
    call_user: str = ""
    owner: str = ""
    """Given from outside (form, import): routing does not run."""
    timezone: str = ""
    language: str = ""
    consent: tuple[str, ...] = ()
    """Channels with recorded consent, ``all`` for every one."""
    title: str = ""
    stage: str = ""
    """Scenarios and conversions only: begin here instead of the first stage."""
    variants: dict[str, str] = {}
    """Scenarios only: step node → variant id."""
    left_out: dict[str, str] = {}
    """Field → why its value was not taken."""
    number: int = 0


class Decision(Event, frozen=True, kw_only=True):
    """What any decision may carry along."""

    fields: dict[str, Value] = {}
    """Written in the same step; ``None`` clears."""
    convert: tuple[str, ...] = ()
    """The conversion picked by hand (what to create)."""
    goes_to: dict[str, tuple[str, ...]] = {}
    """For fields with ``goes_to: ask``: where the manager keeps them (S44)."""


class FieldsSet(Decision, tag=True, frozen=True, kw_only=True):
    """An edit of the card."""


class Signal(Decision, tag=True, frozen=True, kw_only=True):
    """A named signal; a fact or a decision by its name (`FACTS`)."""

    name: str
    data: dict[str, Value] = {}


class TaskDone(Decision, tag=True, frozen=True, kw_only=True):
    """A task completed by a person."""

    task: str
    outcome: str = ""


class ButtonPressed(Decision, tag=True, frozen=True, kw_only=True):
    """A task's button, by its label."""

    task: str
    button: str


class TaskPostponed(Decision, tag=True, frozen=True, kw_only=True):
    """A new due date (S29)."""

    task: str
    due: str
    """UTC instant."""


class Ticked(Decision, tag=True, frozen=True, kw_only=True):
    """Checklist items ticked, or unticked."""

    items: tuple[str, ...]
    on: bool = True


class Moved(Decision, tag=True, frozen=True, kw_only=True):
    """A drag on the board."""

    stage: str


class Assigned(Decision, tag=True, frozen=True, kw_only=True):
    """A person names the new owner."""

    to: str


class Snoozed(Decision, tag=True, frozen=True, kw_only=True):
    """The owner lets the lead sleep until a UTC instant."""

    until: str


class Woken(Decision, tag=True, frozen=True, kw_only=True):
    """Woken by hand."""


class Reopened(Decision, tag=True, frozen=True, kw_only=True):
    """A closed lead begins again (by hand)."""


class Timer(Event, tag=True, frozen=True, kw_only=True):
    """The one timer: everything due at or before ``due`` (UTC)."""

    due: str


class OwnerFound(Event, tag=True, frozen=True, kw_only=True):
    """What the commit answered to a `FindOwner` effect; ``why`` says why this person (X11)."""

    key: str
    owner: str
    """Empty: nobody could be found."""
    why: str = ""


class Numbered(Event, tag=True, frozen=True, kw_only=True):
    """The number the commit gave the lead."""

    number: int


class EffectDone(Event, tag=True, frozen=True, kw_only=True):
    """How an outside effect ended (`leadflow.engine.effects`), or was settled by a person."""

    key: str
    result: Literal["accepted", "refused", "skipped", "ambiguous", "dropped", "postponed"]
    """``postponed``: the hand-over found quiet hours, window or snooze; try again at ``at``."""
    reason: str = ""
    """skipped: ``opted_out no_consent no_address too_late empty_value``; else what the other side said."""
    at: str = ""
    """UTC instant of the answer; of the next try when postponed."""
    provider_id: str = ""


class DocumentMade(Event, tag=True, frozen=True, kw_only=True):
    """A document was numbered and rendered."""

    key: str
    document: str
    number: str


class ConvertDone(Event, tag=True, frozen=True, kw_only=True):
    """The conversion's rows are there."""

    key: str
    created: dict[str, str] = {}
    """``contact``, ``company``, ``deal`` → id."""


class ConvertFailed(Event, tag=True, frozen=True, kw_only=True):
    """The commit refused the conversion: the lead stays in the stage it would have left."""

    key: str
    reason: str


class Released(Event, tag=True, frozen=True, kw_only=True):
    """An operator releases a quarantined lead: the held facts are applied in order."""


AnyEvent = (
    Created | FieldsSet | Signal | TaskDone | ButtonPressed | TaskPostponed | Ticked | Moved | Assigned | Snoozed
    | Woken | Reopened | Timer | OwnerFound | Numbered | EffectDone | DocumentMade | ConvertDone | ConvertFailed
    | Released
)  # fmt: skip
