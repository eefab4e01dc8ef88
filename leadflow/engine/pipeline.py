"""The compiled pipeline (IR): what every stage feature of the language is lowered to.

Authoring sugar (``attempts``, ``sequence``, ``sla``, ``overdue`` …) becomes a handful of primitives:

* `Exit`: a guarded transition; `When`: a reaction that stays; both have one `Trigger`.
* `Program`: steps run in time (a sequence, an SLA, a task's overdue steps, the return of a task after an attempt).
* `Action`: something to do at once; its ``do`` says what. `Gate`: what must be there before a way may be taken.

A node's ``ref`` is its address inside the pipeline (``"new/exits/0"``, ``"task.contact/overdue/1"``), unique in it;
its ``node`` is the stable name used in effect keys (language.md, Meaning 11). ``pos`` (``path:line:column``) is where
the author wrote it, and never part of the version's hash.

Persisted: shapes only grow, new members last and with a default.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from leadflow.engine.calendar import Calendar
from leadflow.engine.durations import Duration
from leadflow.engine.expr import Expr
from leadflow.engine.fields import Field, Value
from leadflow.engine.moments import Moment


class Node(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Base of everything compiled: immutable, compact as JSON."""


class Text(Node):
    """A Jinja text with the names it uses, so that exactly these values are frozen with an effect."""

    source: str = ""
    template: str = ""
    """Name of a template file instead of ``source`` (`Pipeline.templates`, kind by verb)."""
    names: tuple[tuple[str, ...], ...] = ()
    """Paths used (``("lead", "name", "first")``); for a template, over all its languages."""


class Gate(Node):
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


class Trigger(Node):
    """What may set a way in motion; ``auto`` is no trigger (goes as soon as its condition holds)."""

    kind: TriggerKind = "auto"
    names: tuple[str, ...] = ()
    """Signals, task ids, templates or documents, or fields: any one of them."""
    outcomes: tuple[str, ...] = ()
    """``task`` only; empty: any outcome."""
    after: Duration | None = None
    at: Moment | None = None


class Assign(Node):
    """One field to write: a canonical literal, or an expression computed in the step. Both ``None``: clear it."""

    field: str
    value: Value = None
    expr: Expr | None = None
    moment: Moment | None = None
    """For dates: ``set: {call_on: 2 working days}``."""


class People(Node):
    """Whom an action means: ``owner creator supervisor admin``, user or team ids; expressions name a user field."""

    names: tuple[str, ...] = ()
    exprs: tuple[Expr, ...] = ()


class Assignee(Node):
    """One responsible to be found; the database answers for ``round_robin`` and ``least_busy``."""

    how: Literal["person", "round_robin", "least_busy", "nobody"] = "person"
    people: People = People()


# ---- actions: one class a verb --------------------------------------------------------------------------------------


class Send(Node, tag=True):
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
    max_late: Duration | None = None
    if_unsure: Literal["ask", "resend"] = "ask"


class Notify(Node, tag=True):
    """A word to our own people."""

    to: People
    text: Text = Text()
    if_unsure: Literal["ask", "resend"] = "resend"


class Watch(Node, tag=True):
    """Puts the lead on people's watch list for this visit."""

    to: People


class CreateTask(Node, tag=True):
    """Opens the task; does nothing while it is open (Meaning 5)."""

    task: str


class FinishTask(Node, tag=True):
    """``complete_task`` and ``cancel_task``."""

    task: str
    cancel: bool = False


class CreateDocument(Node, tag=True):
    """Numbers and renders a document."""

    document: str


class AssignOwner(Node, tag=True):
    """Gives the lead a responsible."""

    to: Assignee


class SetFields(Node, tag=True):
    """``set`` and ``clear``."""

    assigns: tuple[Assign, ...]


class AddFields(Node, tag=True):
    """``add: {field: number}``."""

    amounts: dict[str, str]


class PinComment(Node, tag=True):
    """Replaces the comment pinned to the card."""

    text: Text


class ChangeAudience(Node, tag=True):
    """``add_to_audience``, ``remove_from_audience``."""

    name: str
    remove: bool = False


class CallWebhook(Node, tag=True):
    """A signed POST to a connection of the installation."""

    connection: str
    body: dict[str, Text] = {}


class StartPipeline(Node, tag=True):
    """A new lead or deal in another pipeline."""

    pipeline: str
    map: dict[str, str] = {}
    """Their field → ours."""


class Snooze(Node, tag=True):
    """Stops the clocks until the moment (Meaning 10)."""

    until: Moment


class StartProgram(Node, tag=True):
    """Internal: starts a `Program` that no entry starts (the way an attempt comes back)."""

    program: str


Do = (
    Send | Notify | Watch | CreateTask | FinishTask | CreateDocument | AssignOwner | SetFields | AddFields
    | PinComment | ChangeAudience | CallWebhook | StartPipeline | Snooze | StartProgram
)  # fmt: skip


class Action(Node):
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


class Variant(Node):
    """A branch of a split test, chosen by a hash of lead and step; shares are relative weights."""

    id: str
    share: int
    action: Action


class Step(Node):
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


class Program(Node):
    """Steps in time. ``kind`` says which sugar it came from, and so who starts and ends it."""

    ref: str
    """``"offered/sequence"``, ``"new/sla"``, ``"task.contact/overdue"``, ``"new/attempts/1"``."""
    kind: Literal["sequence", "sla", "overdue", "again"]
    """sequence, sla: started on entering; overdue: at the task's due; again: by `StartProgram`."""
    steps: tuple[Step, ...]
    within: Duration | None = None
    """sla: the first step counts from this long after entering; then the stage is overdue."""
    until: Expr | None = None
    """sla: met as soon as this holds."""
    pause_while: Expr | None = None
    stop_when: tuple[str, ...] = ()
    postpone_when: dict[str, Duration] = {}
    window: Calendar | None = None
    """Judged in the client's zone."""
    resume: bool = False
    finished: Exit | None = None
    pos: str = ""


class Exit(Node):
    """A way out: `goto` a stage of the same level (stage → stage, within a track → within it)."""

    ref: str
    id: str
    trigger: Trigger
    goto: str
    condition: Expr | None = None
    label: str = ""
    by: tuple[str, ...] = ("owner", "supervisor", "admin")
    requires: tuple[Gate, ...] = ()
    set: tuple[Assign, ...] = ()
    do: tuple[Action, ...] = ()
    stages: tuple[str, ...] = ()
    """Pipeline-level only: in which stages it stands; empty: in every open one."""
    pos: str = ""


class When(Node):
    """A reaction that stays in its stage."""

    ref: str
    id: str
    trigger: Trigger
    condition: Expr | None = None
    label: str = ""
    by: tuple[str, ...] = ("owner", "supervisor", "admin")
    do: tuple[Action, ...] = ()
    stages: tuple[str, ...] = ()
    pos: str = ""


class Button(Node):
    """A button on a task: its sends go together; the last to go completes the task (Meaning 8)."""

    label: str
    do: tuple[Action, ...] = ()
    outcome: str = ""
    pos: str = ""


class Task(Node):
    """A to-do for a person (language.md, **Task**)."""

    id: str
    title: Text
    body: Text | None = None
    video: str = ""
    due: Moment | None = None
    assign: Assignee = Assignee(people=People(names=("owner",)))
    outcomes: dict[str, str] = {}
    """Outcome id → label; empty: simply done."""
    by: tuple[str, ...] = ("assignee", "supervisor", "admin")
    buttons: tuple[Button, ...] = ()
    overdue: Program | None = None
    remind: Duration | None = None
    fixed_due: bool = False
    keep: bool = False
    pos: str = ""


class Track(Node):
    """Stages that run beside others inside a stage."""

    id: str
    title: str
    stages: tuple[str, ...]


class Conversion(Node):
    """One variant of converting; the first whose condition holds, or the one a person picks."""

    create: tuple[str, ...]
    """Of ``contact``, ``company``, ``deal``."""
    condition: Expr | None = None
    pipeline: str = ""
    requires: tuple[Gate, ...] = ()
    map: dict[str, str] = {}
    pos: str = ""


class Stage(Node):
    """A stage, of the pipeline or of a track (``track``, ``parent``)."""

    id: str
    title: str
    funnel: str = ""
    track: str = ""
    parent: str = ""
    enter: tuple[Gate, ...] = ()
    leave: tuple[Gate, ...] = ()
    checklist: dict[str, str] = {}
    """All items shown on this stage (``checklist`` and ``enter_checklist``): id → text."""
    on_enter: tuple[Action, ...] = ()
    on_leave: tuple[Action, ...] = ()
    whens: tuple[When, ...] = ()
    exits: tuple[Exit, ...] = ()
    """In the file's order, those of ``attempts`` and automatic ones among them."""
    programs: tuple[Program, ...] = ()
    tracks: tuple[Track, ...] = ()
    always: bool = False
    final: Literal["", "success", "failure"] = ""
    convert: tuple[Conversion, ...] = ()
    reopen: str = ""
    erase_after: Duration | None = None
    pos: str = ""


class Rule(Node):
    """A routing rule: the first whose condition holds."""

    to: Assignee
    condition: Expr | None = None
    pos: str = ""


class Reassign(Node):
    """Takes the lead from a slow owner (S13)."""

    after: Duration
    to: Assignee
    condition: Expr | None = None
    """``while``: once false, off until the next assignment."""
    notify: People | None = None
    times: int = 3
    pos: str = ""


class Repeat(Node):
    """What a known person's next inquiry does."""

    match: tuple[str, ...] = ()
    while_open: Literal["join", "new"] = "join"
    again_after: Duration | None = None


class Document(Node):
    """A numbered document."""

    id: str
    title: str
    number: str = ""
    restart: Literal["monthly", "yearly", "never"] = "yearly"


class Template(Node):
    """A message template: one content-addressed body a language."""

    name: str
    kind: Literal["email", "sms", "message", "task", "document"]
    bodies: dict[str, str]
    """Language (``""``: the pipeline's) → SHA-256 (hex) of the body."""
    names: tuple[tuple[str, ...], ...] = ()


class Pipeline(Node):
    """A whole version of a pipeline, as it travels in a lead's workflow."""

    id: str
    title: str
    fields: dict[str, Field]
    stages: dict[str, Stage]
    """All stages, those of tracks too; the first one starts."""
    hash: str = ""
    """SHA-256 (hex) over everything here but ``hash`` and every ``pos``, plus template bodies by their hashes."""
    kind: Literal["lead", "deal"] = "lead"
    language: str = "ru"
    timezone: str = "Europe/Moscow"
    calendar: Calendar | None = None
    quiet_hours: tuple[int, int] | None = None
    """Minutes of the day, from and to; may wrap midnight; the client's clock."""
    consent: Literal["opt_out", "opt_in"] = "opt_out"
    max_late: Duration = Duration(days=1)
    snooze: Duration | None = Duration(days=180)
    """Longest; ``None``: not allowed."""
    tasks: dict[str, Task] = {}
    documents: dict[str, Document] = {}
    templates: dict[str, Template] = {}
    """``"offer.email"`` → template."""
    routing: tuple[Rule, ...] = ()
    reassign: Reassign | None = None
    whens: tuple[When, ...] = ()
    exits: tuple[Exit, ...] = ()
    repeat: Repeat | None = None
    sources: dict[str, str] = {}
    holidays_until: str = ""
    """Last date the frozen holidays cover (ISO); empty without a country."""
    engine: int = 1
