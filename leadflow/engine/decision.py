"""What `decide` answers: a new state with effects and a log, or every reason why not."""

from __future__ import annotations

from typing import Literal

import msgspec

from leadflow.engine.effects import AnyEffect
from leadflow.engine.fields import Value
from leadflow.engine.state import State


class Refusal(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One reason, in the words of the field or the gate.

    ``id`` is what a scenario's ``refused`` names: a field or checklist item, ``email|phone``, a check's id, or
    ``not_expected not_allowed not_now closed bad_value`` (language.md, **Scenario**).
    """

    id: str
    message: str
    field: str = ""
    """The field at fault, where one is (a bad value, an empty field): the form opens it (S18)."""
    pos: str = ""


NoteKind = Literal[
    "created", "changed", "due", "exit", "entered", "left", "signal", "recorded", "task_opened", "task_done",
    "task_cancelled",
    "task_postponed", "overdue", "ticked", "planned", "waiting", "sent", "skipped", "refused", "ambiguous", "settled",
    "assigned", "snoozed", "woken", "pending", "stopped", "postponed", "pinned", "watched", "audience", "document",
    "converting", "converted", "convert_failed", "closed", "reopened", "quarantined", "released", "notified", "started",
    "erased", "migrated", "left_behind",
]  # fmt: skip


class Note(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A line of the lead's timeline, in data: what happened, which line of the pipeline says so."""

    kind: NoteKind
    subject: str = ""
    """Stage, task, signal, template … id."""
    detail: dict[str, Value] = {}
    ref: str = ""
    pos: str = ""


class Decision(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """``refusals`` non-empty: nothing changed and ``state`` is the one given."""

    state: State
    effects: tuple[AnyEffect, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    notes: tuple[Note, ...] = ()
