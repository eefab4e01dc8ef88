"""What the engine asks of the world. Keys are ``lead/scope/visit/node/occurrence`` (language.md, Meaning 11).

*Own* effects change our database inside the commit and are not waited for; *outside* effects leave the house after the
commit that planned them, each with a row in the ledger, and come back as `leadflow.engine.events.EffectDone`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from leadflow.engine.fields import Value
from leadflow.engine.pipeline import Assignee, People, Text


class Effect(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """Base. ``ref`` and ``pos`` say which node of the pipeline asked for it: *why this mail went out*."""

    key: str
    ref: str = ""
    pos: str = ""


class Frozen(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The values a text names, as they were when the effect left the engine: path joined by dots → [type, value].

    ``owner.*``, ``number``, document numbers found by the same commit are filled in by it.
    """

    values: dict[str, tuple[str, Value]] = {}


class Outgoing(Effect, frozen=True, kw_only=True):
    """Base of everything that leaves the house."""

    not_after: str = ""
    """UTC: later it is dropped as ``too_late``."""
    if_unsure: Literal["ask", "resend"] = "ask"
    scope: str = ""
    """``stage/3``, ``track.docs/1``, ``pipeline/0``: the visit it belongs to."""


class SendMessage(Outgoing, tag=True, frozen=True, kw_only=True):
    """An e-mail, SMS or messenger message to the client."""

    channel: Literal["email", "sms", "message"]
    to: str
    """The address: e-mail, or E.164."""
    body: Text
    subject: Text | None = None
    language: str = ""
    sender: str = ""
    """User id; empty: the installation's own address; ``owner``: whom the same commit finds."""
    attach: tuple[str, ...] = ()
    via: str = ""
    reply_in_thread: bool = False
    manual: bool = False
    """A manager's own send: passes opt-out, consent, quiet hours and window (Meaning 9)."""
    service: bool = False
    consent: str = ""
    quiet_hours: tuple[int, int] | None = None
    window: bool = False
    """Whether the step's window is checked again at the hand-over (`Pipeline` node by ``ref``)."""
    timezone: str = ""
    """The client's."""
    frozen: Frozen = Frozen()
    to_field: str = ""
    """Which field the address came from."""


class NotifyPeople(Outgoing, tag=True, frozen=True, kw_only=True):
    """A word to our own people; they are resolved when committed."""

    to: People
    users: tuple[str, ...] = ()
    """User ids already known from expressions."""
    text: Text = Text()
    frozen: Frozen = Frozen()
    about: str = ""
    """Why, when there is no text of the author's: ``overdue``, ``not_sent:empty_value``, ``remind`` …"""
    task: str = ""


class PostWebhook(Outgoing, tag=True, frozen=True, kw_only=True):
    """A signed POST."""

    connection: str
    body: dict[str, Text] = {}
    frozen: Frozen = Frozen()


class AudienceChange(Outgoing, tag=True, frozen=True, kw_only=True):
    """In or out of an advertising audience."""

    name: str
    remove: bool = False
    email: str = ""
    phone: str = ""
    former: tuple[str, ...] = ()
    """Addresses that it was added with before, of either kind: known to the commit, which takes them out, too."""


class CancelSends(Effect, tag=True, frozen=True, kw_only=True):
    """These planned effects must not go any more: their visit has ended. ``key`` names the cancelling step."""

    keys: tuple[str, ...]
    reason: str = ""


class TaskOpened(Effect, tag=True, frozen=True, kw_only=True):
    """A row for the task; its texts are rendered by the commit."""

    task: str
    assignee: Assignee
    due: str = ""
    title: Text = Text()
    body: Text | None = None
    video: str = ""
    frozen: Frozen = Frozen()
    about: str = ""
    """``settle`` (the effect key to settle is ``settles``), ``convert_failed``; empty for the author's tasks."""
    settles: str = ""


class TaskChanged(Effect, tag=True, frozen=True, kw_only=True):
    """``key`` is the task's. Status, due date or assignee are new; ``None``: as it was."""

    status: Literal["open", "done", "cancelled"] = "open"
    outcome: str = ""
    due: str | None = None
    overdue: bool | None = None
    by: str = ""
    assignee: str | None = None


class FindOwner(Effect, tag=True, frozen=True, kw_only=True):
    """A responsible is to be found in the commit; it comes back as `OwnerFound`."""

    to: Assignee
    never: tuple[str, ...] = ()
    """Former owners, for ``reassign``."""
    why: str = ""


class OwnerChanged(Effect, tag=True, frozen=True, kw_only=True):
    """The owner is known already (a person named, a call's user)."""

    owner: str
    why: str = ""


class Pin(Effect, tag=True, frozen=True, kw_only=True):
    """The pinned comment."""

    text: Text
    frozen: Frozen = Frozen()


class WatchChanged(Effect, tag=True, frozen=True, kw_only=True):
    """Who watches now; an empty list ends it for the scope."""

    to: People
    scope: str
    on: bool = True


class MakeDocument(Effect, tag=True, frozen=True, kw_only=True):
    """A document to be numbered and rendered; comes back as `DocumentMade`."""

    document: str
    frozen: Frozen = Frozen()


class StartOther(Effect, tag=True, frozen=True, kw_only=True):
    """A lead or deal in another pipeline."""

    pipeline: str
    fields: dict[str, Value] = {}


class ConvertLead(Effect, tag=True, frozen=True, kw_only=True):
    """Contact, company and deal rows, all or nothing, once."""

    create: tuple[str, ...]
    pipeline: str = ""
    fields: dict[str, dict[str, Value]] = {}
    """``contact``, ``company``, ``deal`` → their fields."""
    conversion: int = 1
    """Which conversion of this lead it is (a reopened lead may convert again)."""


class SettleSend(Effect, tag=True, frozen=True, kw_only=True):
    """A person (or a look-up) said what became of an ambiguous send; the ledger's row follows.

    ``key`` is the send's. ``resend``: the same bytes with the same id go again, and the result comes as `EffectDone`.
    """

    verdict: Literal["sent", "resend", "drop"]


class EraseLead(Effect, tag=True, frozen=True, kw_only=True):
    """``erase_after`` has passed: the person's data go."""


AnyEffect = (
    SendMessage | NotifyPeople | PostWebhook | AudienceChange | CancelSends | TaskOpened | TaskChanged | FindOwner
    | OwnerChanged | Pin | WatchChanged | MakeDocument | StartOther | ConvertLead | SettleSend
    | EraseLead
)  # fmt: skip

OUTSIDE = (SendMessage, NotifyPeople, PostWebhook, AudienceChange)
