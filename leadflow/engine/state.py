"""The whole memory of a lead: one serialisable value, carried across restarts, versions and reopenings.

Nobody writes a state but `decide`, and that on a copy of its own. All instants are UTC ISO text in whole seconds
(``2026-11-25T11:00:00Z``), so that as text they sort by time.
Persisted: shapes only grow, new members last and with a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from leadflow.engine.durations import Duration
from leadflow.engine.events import AnyEvent
from leadflow.engine.fields import Value


class Record(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """Base of the parts."""


class TaskRun(Record, frozen=True, kw_only=True):
    """The last task by its id. ``count``: times it came in its visit; the task's key ends in it."""

    id: str
    key: str
    scope: str
    """``stage/3``, ``track.docs/1``, ``pipeline/0``."""
    count: int = 1
    status: Literal["open", "done", "cancelled"] = "open"
    outcome: str = ""
    opened: str = ""
    due: str = ""
    overdue: bool = False
    by: str = ""
    pressed: str = ""
    """Label of the button whose sends are on their way; empty: none."""
    settles: str = ""
    """For the built-in task ``settle``: the effect key that nobody can be sure of."""
    assignee: str = ""
    """User; empty: the owner, or not known (yet)."""


class Deadline(Record, frozen=True, kw_only=True):
    """Something armed. Its key in `State.deadlines` is the ref of the node, plus ``@`` and what makes it unique."""

    due: str
    """Empty: stopped by a snooze (`Sleep.left`) or ``pause_while`` (`State.paused`)."""
    kind: Literal[
        "exit", "when", "step", "sla", "due", "remind", "send", "reassign", "snooze", "erase"
    ]
    ref: str
    scope: str
    unit: Duration = Duration()
    """The duration it was armed with: a pause gives back what was left in this unit (Meaning 10)."""
    moment: bool = False
    """``at``: not stopped by a snooze; follows its field."""
    pos: str = ""
    instant: str = ""
    """Of a moment: what it resolved to (``due`` is later when that had passed); each instant fires once."""


class ProgramRun(Record, frozen=True, kw_only=True):
    """Where a program stands. Keyed by its ref in `State.programs`."""

    scope: str
    step: int = 0
    """Index of the step that is waited for or under way."""
    occurrence: int = 1
    status: Literal["running", "paused", "stopped", "finished"] = "running"
    started: str = ""
    waits_for: str = ""
    """Task id or effect key of the step under way; empty: waiting for its time."""
    not_before: str = ""
    """``postpone_when``: no step sooner than this."""
    ended: str = ""
    """When the last step ended (or the program began): the next step's ``after`` counts from here."""


class SendRun(Record, frozen=True, kw_only=True):
    """An outside effect under way. Keyed by its effect key in `State.sends`."""

    ref: str
    """Of its action."""
    scope: str
    status: Literal["waiting", "out", "ambiguous"] = "out"
    """waiting: for quiet hours, window or a snooze to end (a deadline ``send`` is armed)."""
    first: str = ""
    """When it first could go: ``max_late`` counts from here."""
    program: str = ""
    task: str = ""
    """Task whose button sent it."""
    manual: bool = False
    not_after: str = ""
    """Later it is dropped as ``too_late``; empty: no limit yet."""
    step: str = ""
    """Ref of the program's step: a waiting send of an ``at`` step moves along with its field."""
    data: dict[str, Value] = {}
    """Of the signal it came from, where its text names that."""
    recalled: bool = False
    """Called back while it was out: put off by the hand-over, it does not go any more."""


class Pending(Record, frozen=True, kw_only=True):
    """An exit whose fact came while its gates were shut: goes when they hold, within the visit (Meaning 3)."""

    ref: str
    scope: str
    event: str = ""
    data: dict[str, Value] = {}
    key: str = ""
    """`State.converting` only: of the `ConvertLead` effect."""
    failed: str = ""
    """Why the commit refused the conversion: not tried again before the task ``convert_failed`` is done."""
    convert: tuple[str, ...] = ()
    goes_to: dict[str, tuple[str, ...]] = {}
    """What the decision chose for the conversion."""


class TrackRun(Record, frozen=True, kw_only=True):
    """Where a track stands in this visit."""

    stage: str
    visit: int
    """Stages entered in this track so far, ever."""
    entered: str
    done: Literal["", "success", "failure"] = ""


class Sleep(Record, frozen=True, kw_only=True):
    """A snooze: what each stopped deadline had left."""

    until: str
    since: str
    left: dict[str, Duration] = {}


class State(msgspec.Struct, omit_defaults=True, kw_only=True, gc=False):
    """One lead. Not frozen, because `leadflow.engine.draft` writes to its copy; to everybody else it is read-only.

    Tables that are a `Mapping` change seldom: nobody writes to them, they are replaced.
    """

    lead: str
    """Opaque id: the workflow's id, the first part of every effect key."""
    pipeline: str
    hash: str
    version: int = 0
    """Raised by every accepted event: the fence of the read model, the token of read-your-writes."""
    engine: int = 1
    kind: Literal["lead", "deal"] = "lead"
    number: int = 0
    title: str = ""
    created: str = ""
    creator: str = ""
    source: str = ""
    channel: str = ""
    form: str = ""
    call_user: str = ""
    timezone: str = ""
    language: str = ""
    consent: tuple[str, ...] = ()
    opted_out: tuple[str, ...] = ()
    """Channels; ``all``."""
    owner: str = ""
    former_owners: tuple[str, ...] = ()
    assigned: str = ""
    reassigns: int = 0
    fields: dict[str, Value] = {}
    ticks: tuple[str, ...] = ()
    stage: str = ""
    visit: int = 0
    """Stages entered so far, ever: the number in effect keys of scope ``stage``."""
    entered: str = ""
    visits: Mapping[str, int] = {}
    """Stage → times entered."""
    tracks: Mapping[str, TrackRun] = {}
    """Of the present visit."""
    track_visits: Mapping[str, int] = {}
    closed: Literal["", "success", "failure"] = ""
    closed_at: str = ""
    tasks: dict[str, TaskRun] = {}
    programs: dict[str, ProgramRun] = {}
    resumes: Mapping[str, int] = {}
    """Programs with ``resume``: ref → step to go on with."""
    deadlines: dict[str, Deadline] = {}
    sends: dict[str, SendRun] = {}
    pending: tuple[Pending, ...] = ()
    holding: tuple[str, ...] = ()
    """Refs of automatic reactions whose condition held after the last step."""
    occurrences: dict[str, int] = {}
    """``scope/visit/node`` → times performed: the last part of effect keys."""
    once: tuple[str, ...] = ()
    """Names of the nodes with ``once`` that have been performed: wherever they stand, they are not again (Meaning 11)."""
    instants: tuple[str, ...] = ()
    """``ref@instant`` of moments that have fired: each instant once (Meaning 7)."""
    watchers: Mapping[str, str] = {}
    """Who → scope."""
    pinned: str = ""
    """Effect key of the pinned comment."""
    audiences: tuple[str, ...] = ()
    documents: Mapping[str, str] = {}
    """Document id → number."""
    sleep: Sleep | None = None
    paused: Mapping[str, Duration] = {}
    """Deadlines stopped by ``pause_while`` → what was left."""
    converting: Pending | None = None
    """The exit whose conversion the commit has not answered yet: taken with `ConvertDone`, until then the lead stays
    where it is, decisions are refused, facts wait in ``held`` and no timer runs."""
    conversions: int = 0
    created_records: Mapping[str, str] = {}
    paid: str = "0"
    variants: Mapping[str, str] = {}
    quarantined: str = ""
    held: tuple[AnyEvent, ...] = ()
    finding: str = ""
    """Key of the `FindOwner` effect that is not answered yet."""
    erased: str = ""
