"""What compiling gathers on its way through a pipeline: tasks, templates, problems, and every name that is used.

The names (`View`) are for the checks: what a name means is told here, whether it exists there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, overload

from leadflow.engine import pipeline as ir
from leadflow.engine.expr import Expr
from leadflow.engine.fields import Field
from leadflow.engine.moments import Moment
from leadflow.installation import Installation
from leadflow.spec.compile.literals import canonical
from leadflow.spec.positions import Position
from leadflow.spec.problems import Problem, problem
from leadflow.spec.schema.actions import Task as TaskPart
from leadflow.spec.schema.base import Spot, Word, Written
from leadflow.spec.schema.pipeline import Pipeline
from leadflow.spec.templates import TemplateFile

DUPLICATE_ID = "LF220"
TAKEN = "LF118"
BUILT_IN_TASKS = frozenset({"settle", "convert_failed"})
"""Tasks that the engine opens itself (language.md, **if_unsure**; a conversion that was refused)."""

NameKind = Literal[
    "field",
    "gate",
    "item",
    "stage",
    "task",
    "outcome",
    "signal",
    "sent",
    "document",
    "attachment",
    "person",
    "turns",
    "connection",
    "audience",
    "pipeline",
    "template",
    "source",
    "moment",
    "theirs",
]
"""moment: a field of type date or datetime · gate: a field or a checklist item · sent: a template or document · attachment: a document or file field ·
turns: a team, or users · theirs: a field of the pipeline named by ``within``."""


@dataclass(frozen=True, slots=True)
class NameUse:
    """A name as it is used somewhere."""

    kind: NameKind
    name: str
    spot: Spot
    within: str = ""
    """The task of an outcome, the track of a stage, the pipeline of a field of theirs, the kind of a template."""


@dataclass(frozen=True, slots=True)
class ConditionUse:
    """A condition as it is used somewhere."""

    condition: Written[Expr]
    ref: str
    """The node it belongs to."""
    role: Literal["if", "check", "while", "until", "pause_while", "computed", "person"] = "if"
    signals: tuple[str, ...] = ()
    """Signals whose data ``signal.…`` can be here; empty: none."""


@dataclass(frozen=True, slots=True)
class TextName:
    """A value that a text names."""

    path: tuple[str, ...]
    file: str
    position: Position
    defaulted: bool
    """It may be empty: there is a default, or an ``if`` around it."""


@dataclass(frozen=True, slots=True)
class TextUse:
    """A text as it is used somewhere."""

    names: tuple[TextName, ...]
    ref: str
    to_client: bool
    spot: Spot
    """Where the pipeline asks for it."""
    template: str = ""
    """``offer.email``; empty: written in the pipeline."""
    signals: tuple[str, ...] = ()


@dataclass(slots=True)
class View:
    """The pipeline as the checks see it, beside the IR: its model, its names, where everything stands."""

    model: Pipeline
    """With the shared parts it uses."""
    files: Mapping[str, Sequence[TemplateFile]] = field(default_factory=dict)
    """Templates beside the pipeline: ``offer.email`` → its languages."""
    names: list[NameUse] = field(default_factory=list)
    conditions: list[ConditionUse] = field(default_factory=list)
    texts: list[TextUse] = field(default_factory=list)
    spots: dict[str, Spot] = field(default_factory=dict)
    """Ref of a node (``new/exits/0``, ``stage.new``, ``field.phone``, ``task.contact``) → where it stands."""


@dataclass(slots=True)
class Draft:
    """A pipeline while it is compiled."""

    model: Pipeline
    installation: Installation
    files: Mapping[str, Sequence[TemplateFile]]
    """``offer.email`` → its file or files, by language."""
    year: int
    """The publishing year: holidays are frozen for it and two more."""
    view: View
    fields: dict[str, Field] = field(default_factory=dict)
    tasks: dict[str, ir.Task] = field(default_factory=dict)
    templates: dict[str, ir.Template] = field(default_factory=dict)
    blobs: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    signals: tuple[str, ...] = ()
    """Signals whose data can be named where we are."""
    track: str = ""
    """The track whose stages are compiled; empty: the pipeline's own."""
    items: dict[str, str] = field(default_factory=dict)
    """All checklist items: id → text."""
    waiting: list[tuple[TaskPart, tuple[str, ...]]] = field(default_factory=list)
    """Tasks met and not compiled yet, each with the signals at its place."""
    met: dict[str, TaskPart] = field(default_factory=dict)
    once: dict[str, ir.Do] = field(default_factory=dict)
    """What has ``once``, by its name: one name means one thing in the whole pipeline."""

    @property
    def timezone(self) -> str:
        """The pipeline's clock."""
        calendar = self.model.calendar
        return str(calendar.timezone) if calendar else self.installation.timezone

    def problem(
        self, spot: Spot, code: str, message: str, hint: str = "", *, offset: int | None = None
    ) -> None:
        """Notes a problem."""
        self.problems.append(spot.problem(code, message, hint, offset=offset))

    def problem_at(
        self, file: str, where: Position, code: str, message: str, hint: str = ""
    ) -> None:
        """Notes a problem in a file that is no YAML."""
        self.problems.append(problem(file, where, code, message, hint))

    def name(self, kind: NameKind, word: Word, within: str = "") -> str:
        """A name, noted for the checks."""
        self.view.names.append(NameUse(kind, str(word), word.spot, within))
        return str(word)

    def name_all(self, kind: NameKind, words: Iterable[Word], within: str = "") -> tuple[str, ...]:
        """Several names."""
        return tuple(self.name(kind, word, within) for word in words)

    def condition(
        self,
        condition: Written[Expr] | None,
        ref: str,
        role: Literal["if", "check", "while", "until", "pause_while", "computed", "person"] = "if",
    ) -> Expr | None:
        """A condition, noted for the checks; its literals made canonical."""
        if condition is None:
            return None
        self.view.conditions.append(ConditionUse(condition, ref, role, self.signals))
        return canonical(condition.value, self.fields, self.timezone)

    @overload
    def moment(self, written: Written[Moment]) -> Moment: ...
    @overload
    def moment(self, written: None) -> None: ...
    def moment(self, written: Written[Moment] | None) -> Moment | None:
        """A moment, its field noted for the checks."""
        if written is None:
            return None
        if written.value.field:
            self.view.names.append(NameUse("moment", written.value.field, written.spot))
        return written.value

    def stage(self, word: Word) -> str:
        """The full id of a stage of this level: within a track ``TRACK.STAGE``."""
        name = self.name("stage", word, self.track)
        return f"{self.track}.{name}" if self.track else name

    def define_task(self, part: TaskPart) -> str:
        """Meets a task where it is written; one id means one task in the whole pipeline."""
        if part.id in BUILT_IN_TASKS:
            hint = "give it another id; its title is free"
            self.problem(part.id.spot, TAKEN, f"the program itself has a task '{part.id}'", hint)
        if part.id in self.met:
            hint = f"name it create_task: {part.id} if the same is meant, else give it another id"
            self.problem(part.id.spot, DUPLICATE_ID, f"a second task '{part.id}'", hint)
        else:
            self.met[part.id] = part
            self.waiting.append((part, self.signals))
        return str(part.id)

    def node(self, ref: str, spot: Spot) -> str:
        """Notes where a node stands; answers its ``pos``."""
        self.view.spots[ref] = spot
        return str(spot)
