"""What stands inside the ways of a pipeline: texts, gates, triggers, people, and the actions, one class a verb.

`leadflow.engine.pipeline` has the rest of the IR, and offers these names too.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from leadflow.engine.durations import Duration
from leadflow.engine.expr import Expr
from leadflow.engine.fields import Value
from leadflow.engine.moments import Moment


class Node(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Base of everything compiled: immutable, compact as JSON."""


class Text(Node, frozen=True, kw_only=True, cache_hash=True):
    """A Jinja text with the names it uses, so that exactly these values are frozen with an effect."""

    source: str = ""
    template: str = ""
    """Name of a template file instead of ``source`` (`Pipeline.templates`, kind by verb)."""
    names: tuple[tuple[str, ...], ...] = ()
    """Paths used (``("lead", "name", "first")``); for a template, over all its languages."""


class Gate(Node, frozen=True, kw_only=True):
    """What has to be there. Exactly one of ``fields``, ``item``, ``check`` is given (language.md, **Gate**)."""

    id: str
    """What a refusal names: field or item id, ``email|phone`` for any of several, else the check's id."""
    fields: tuple[str, ...] = ()
    """Any one of them filled is enough."""
    item: str = ""
    check: Expr | None = None
    condition: Expr | None = None
    """``if``: the gate counts only while this holds."""
    say: str = ""
    pos: str = ""


TriggerKind = Literal["signal", "task", "sent", "changed", "after", "at", "auto"]


class Trigger(Node, frozen=True, kw_only=True):
    """What may set a way in motion; ``auto`` is no trigger (goes as soon as its condition holds)."""

    kind: TriggerKind = "auto"
    names: tuple[str, ...] = ()
    """Signals, task ids, templates or documents, or fields: any one of them."""
    outcomes: tuple[str, ...] = ()
    """``task`` only; empty: any outcome."""
    after: Duration | None = None
    at: Moment | None = None


class Assign(Node, frozen=True, kw_only=True):
    """One field to write: a canonical literal, or an expression computed in the step. Both ``None``: clear it."""

    field: str
    value: Value = None
    expr: Expr | None = None
    moment: Moment | None = None
    """For dates: ``set: {call_on: 2 working days}``."""


class People(Node, frozen=True, kw_only=True):
    """Whom an action means: ``owner creator supervisor admin``, user or team ids; expressions name a user field."""

    names: tuple[str, ...] = ()
    exprs: tuple[Expr, ...] = ()


class Assignee(Node, frozen=True, kw_only=True):
    """One responsible to be found; the database answers for ``round_robin`` and ``least_busy``."""

    how: Literal["person", "round_robin", "least_busy", "nobody"] = "person"
    people: People = People()


class Send(Node, tag=True, frozen=True, kw_only=True):
    """``send_email``, ``send_sms``, ``send_message`` to the client."""

    channel: Literal["email", "sms", "message"]
    body: Text
    subject: Text | None = None
    to: str = ""
    """Field id of the address; compile fills in the only field of its kind."""
    sender: People = People(names=("owner",))
    attach: tuple[str, ...] = ()
    """Document ids or file fields."""
    via: str = ""
    """Connection id; empty: the installation's default for the channel."""
    reply_in_thread: bool = False
    service: bool = False
    """Contract papers, appointments: passes opt-out and ``opt_in`` (Meaning 9)."""
    consent: str = ""
    """``opt_in`` or ``opt_out`` for this message; empty: the pipeline's."""
    max_late: Duration | None = None
    if_unsure: Literal["ask", "resend"] = "ask"


class Notify(Node, tag=True, frozen=True, kw_only=True):
    """A word to our own people."""

    to: People
    text: Text = Text()
    if_unsure: Literal["ask", "resend"] = "resend"


class Watch(Node, tag=True, frozen=True, kw_only=True):
    """Puts the lead on people's watch list for this visit."""

    to: People


class CreateTask(Node, tag=True, frozen=True, kw_only=True):
    """Opens the task; does nothing while it is open (Meaning 5)."""

    task: str


class FinishTask(Node, tag=True, frozen=True, kw_only=True):
    """``complete_task`` and ``cancel_task``."""

    task: str
    cancel: bool = False


class CreateDocument(Node, tag=True, frozen=True, kw_only=True):
    """Numbers and renders a document."""

    document: str


class AssignOwner(Node, tag=True, frozen=True, kw_only=True):
    """Gives the lead a responsible."""

    to: Assignee


class SetFields(Node, tag=True, frozen=True, kw_only=True):
    """``set`` and ``clear``."""

    assigns: tuple[Assign, ...]


class AddFields(Node, tag=True, frozen=True, kw_only=True):
    """``add: {field: number}``."""

    amounts: dict[str, str]


class PinComment(Node, tag=True, frozen=True, kw_only=True):
    """Replaces the comment pinned to the card."""

    text: Text


class ChangeAudience(Node, tag=True, frozen=True, kw_only=True):
    """``add_to_audience``, ``remove_from_audience``."""

    name: str
    remove: bool = False


class CallWebhook(Node, tag=True, frozen=True, kw_only=True):
    """A signed POST to a connection of the installation."""

    connection: str
    body: dict[str, Text] = {}


class StartPipeline(Node, tag=True, frozen=True, kw_only=True):
    """A new lead or deal in another pipeline."""

    pipeline: str
    map: dict[str, str] = {}
    """Their field → ours."""


class Snooze(Node, tag=True, frozen=True, kw_only=True):
    """Stops the clocks until the moment (Meaning 10)."""

    until: Moment


class StartProgram(Node, tag=True, frozen=True, kw_only=True):
    """Internal: starts a `Program` that no entry starts (the way an attempt comes back)."""

    program: str


Do = (
    Send | Notify | Watch | CreateTask | FinishTask | CreateDocument | AssignOwner | SetFields | AddFields
    | PinComment | ChangeAudience | CallWebhook | StartPipeline | Snooze | StartProgram
)  # fmt: skip


class Action(Node, frozen=True, kw_only=True):
    """One thing to do, with what may stand beside its verb."""

    ref: str
    node: str
    """``id``, else verb and template (``send_email:offer``): unique in its list."""
    do: Do
    condition: Expr | None = None
    once: bool = False
    """Once per lead, ever."""
    otherwise: tuple[Action, ...] = ()
    """``else``: if skipped or failed for good."""
    pos: str = ""


class Variant(Node, frozen=True, kw_only=True):
    """A branch of a split test, chosen by a hash of lead and step; shares are relative weights."""

    id: str
    share: int
    action: Action


class Step(Node, frozen=True, kw_only=True):
    """One step of a program: waits ``after`` the previous step's end (or until ``at``), then acts."""

    ref: str
    node: str
    action: Action | None = None
    variants: tuple[Variant, ...] = ()
    after: Duration | None = None
    at: Moment | None = None
    wait: bool = False
    """Until the task it made is done."""
    pos: str = ""
