"""The compiled pipeline (IR): what every stage feature of the language is lowered to.

Authoring sugar (``attempts``, ``sequence``, ``sla``, ``overdue`` …) becomes a handful of primitives:

* `Exit`: a guarded transition; `When`: a reaction that stays; both have one `Trigger`.
* `Program`: steps run in time (a sequence, an SLA, a task's overdue steps, the return of a task after an attempt).
* `Action`: something to do at once; its ``do`` says what. `Gate`: what must be there before a way may be taken.

A node's ``ref`` is its address inside the pipeline (``"new/exits/0"``, ``"task.contact/overdue/1"``; the pipeline's own
begin with ``*``: ``"*/exits/0"``), unique in it; its ``node`` is the stable name used in effect keys (language.md,
Meaning 11). ``pos`` (``path:line:column``) is where the author wrote it, and never part of the version's hash.

Persisted: shapes only grow, new members last and with a default.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from leadflow.engine.calendar import Calendar
from leadflow.engine.durations import Duration
from leadflow.engine.expr import Expr
from leadflow.engine.fields import Field
from leadflow.engine.moments import Moment
from leadflow.engine.verbs import (
    Action,
    AddFields,
    Assign,
    Assignee,
    AssignOwner,
    CallWebhook,
    ChangeAudience,
    CreateDocument,
    CreateTask,
    Do,
    FinishTask,
    Gate,
    Node,
    Notify,
    People,
    PinComment,
    Send,
    SetFields,
    Snooze,
    StartPipeline,
    StartProgram,
    Step,
    Text,
    Trigger,
    TriggerKind,
    Variant,
    Watch,
)

__all__ = [
    "Action", "AddFields", "Assign", "AssignOwner", "Assignee", "Button", "CallWebhook",
    "ChangeAudience", "Conversion", "CreateDocument", "CreateTask", "Do", "Document", "Exit",
    "FinishTask", "Gate", "Node", "Notify", "People", "PinComment", "Pipeline", "Program",
    "Reassign", "Repeat", "Rule", "Send", "SetFields", "Snooze", "Stage", "StartPipeline",
    "StartProgram", "Step", "Task", "Template", "Text", "Track", "Trigger", "TriggerKind",
    "Variant", "Watch", "When",
]  # fmt: skip


class Program(Node, frozen=True, kw_only=True):
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
    postpone_when: dict[str, Duration] = msgspec.field(default_factory=dict)
    window: Calendar | None = None
    """Judged in the client's zone."""
    resume: bool = False
    finished: Exit | None = None
    pos: str = ""


class Exit(Node, frozen=True, kw_only=True):
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


class When(Node, frozen=True, kw_only=True):
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


class Button(Node, frozen=True, kw_only=True):
    """A button on a task: its sends go together; the last to go completes the task (Meaning 8)."""

    label: str
    do: tuple[Action, ...] = ()
    outcome: str = ""
    pos: str = ""


class Task(Node, frozen=True, kw_only=True):
    """A to-do for a person (language.md, **Task**)."""

    id: str
    title: Text
    body: Text | None = None
    video: str = ""
    due: Moment | None = None
    assign: Assignee = Assignee(people=People(names=("owner",)))
    outcomes: dict[str, str] = msgspec.field(default_factory=dict)
    """Outcome id → label; empty: simply done."""
    by: tuple[str, ...] = ("assignee", "supervisor", "admin")
    buttons: tuple[Button, ...] = ()
    overdue: Program | None = None
    remind: Duration | None = None
    fixed_due: bool = False
    keep: bool = False
    pos: str = ""


class Track(Node, frozen=True, kw_only=True):
    """Stages that run beside others inside a stage."""

    id: str
    title: str
    stages: tuple[str, ...]


class Conversion(Node, frozen=True, kw_only=True):
    """One variant of converting; the first whose condition holds, or the one a person picks."""

    create: tuple[str, ...]
    """Of ``contact``, ``company``, ``deal``."""
    condition: Expr | None = None
    pipeline: str = ""
    requires: tuple[Gate, ...] = ()
    map: dict[str, str] = msgspec.field(default_factory=dict)
    pos: str = ""


class Stage(Node, frozen=True, kw_only=True):
    """A stage, of the pipeline or of a track (``track``, ``parent``)."""

    id: str
    title: str
    funnel: str = ""
    track: str = ""
    parent: str = ""
    enter: tuple[Gate, ...] = ()
    leave: tuple[Gate, ...] = ()
    checklist: dict[str, str] = msgspec.field(default_factory=dict)
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


class Rule(Node, frozen=True, kw_only=True):
    """A routing rule: the first whose condition holds."""

    to: Assignee
    condition: Expr | None = None
    pos: str = ""


class Reassign(Node, frozen=True, kw_only=True):
    """Takes the lead from a slow owner (S13)."""

    after: Duration
    to: Assignee
    condition: Expr | None = None
    """``while``: once false, off until the next assignment."""
    notify: People | None = None
    times: int = 3
    pos: str = ""


class Repeat(Node, frozen=True, kw_only=True):
    """What a known person's next inquiry does."""

    match: tuple[str, ...] = ()
    while_open: Literal["join", "new"] = "join"
    again_after: Duration | None = None


class Document(Node, frozen=True, kw_only=True):
    """A numbered document."""

    id: str
    title: str
    number: str = ""
    restart: Literal["monthly", "yearly", "never"] = "yearly"


class Template(Node, frozen=True, kw_only=True):
    """A message template: one content-addressed body a language."""

    name: str
    kind: Literal["email", "sms", "message", "task", "document"]
    bodies: dict[str, str]
    """Language (``""``: the pipeline's) → SHA-256 (hex) of the body."""
    names: tuple[tuple[str, ...], ...] = ()


class Pipeline(Node, frozen=True, kw_only=True):
    """A whole version of a pipeline, as it travels in a lead's workflow."""

    id: str
    title: str
    fields: dict[str, Field]
    stages: dict[str, Stage]
    """All stages, the first one starts; those of a track, whose ids are unique only in it, as ``TRACK.STAGE``."""
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
    tasks: dict[str, Task] = msgspec.field(default_factory=dict)
    documents: dict[str, Document] = msgspec.field(default_factory=dict)
    templates: dict[str, Template] = msgspec.field(default_factory=dict)
    """``"offer.email"`` → template."""
    routing: tuple[Rule, ...] = ()
    reassign: Reassign | None = None
    whens: tuple[When, ...] = ()
    exits: tuple[Exit, ...] = ()
    repeat: Repeat | None = None
    sources: dict[str, str] = msgspec.field(default_factory=dict)
    holidays_until: str = ""
    """Last date the frozen holidays cover (ISO); empty without a country."""
    engine: int = 1
