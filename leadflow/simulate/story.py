"""What has happened in a scenario's world: the timeline, and the lists that expectations look at."""

from __future__ import annotations

from dataclasses import dataclass, field

from typing_extensions import override

from leadflow.engine import events
from leadflow.engine.clock import iso
from leadflow.engine.decision import Decision, Note
from leadflow.engine.effects import NotifyPeople, SendMessage
from leadflow.engine.refs import index
from leadflow.errors import EngineError
from leadflow.simulate import words
from leadflow.simulate.world import Life, Watcher

REASONS = ("opted_out", "no_consent", "no_address", "too_late", "empty_value")
"""Why a message to the client did not go (language.md, **Scenario**)."""


@dataclass(frozen=True, slots=True)
class Item:
    """A message that went, or did not."""

    template: str
    at: str
    """UTC."""
    to: tuple[str, ...] = ()
    """The address; of a word to our people the users, then whom the pipeline named."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the timeline."""

    at: str
    """UTC."""
    lead: str
    text: str
    pos: str = ""
    """``path:line:column`` of the pipeline, or of the scenario's step (``step``)."""
    step: bool = False


@dataclass(slots=True)
class Lists:
    """Since the lead's start, in order."""

    sent: list[Item] = field(default_factory=list)
    skipped: list[Item] = field(default_factory=list)
    notified: list[tuple[Item, tuple[str, ...]]] = field(default_factory=list)
    """Each with whom the pipeline named; ``to`` are the users that this means."""


class Story(Watcher):
    """Watches a world."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.lists: dict[str, Lists] = {}
        """By the lead's name."""
        self.entered: dict[str, list[str]] = {}
        """Lead → stages entered, in order."""
        self.notes: list[tuple[str, Note]] = []
        """Pipeline, note: what coverage counts."""
        self.broken = ""
        """The engine's own error, if it met one."""

    def of(self, life: Life) -> Lists:
        """A lead's lists."""
        return self.lists.setdefault(life.name, Lists())

    @override
    def decided(self, life: Life, event: events.AnyEvent, decision: Decision) -> None:
        at = iso(life.world.now)
        for note in decision.notes:
            self.notes.append((life.pipeline.id, note))
            self._listed(life, note, at)
            if note.kind == "entered":
                self.entered.setdefault(life.name, []).append(note.subject)
            if note.kind not in words.SILENT and not _of_our_own(life, note):
                text = words.said(note, life.pipeline.timezone)
                self.lines.append(Line(at, life.name, text, note.pos))
        if isinstance(event, events.OwnerFound) and not event.owner:
            self.lines.append(Line(at, life.name, f"no owner found ({event.why})"))

    def _listed(self, life: Life, note: Note, at: str) -> None:
        effect = life.handed.get(str(note.detail.get("key", "")))
        reason = str(note.detail.get("reason", ""))
        to = (effect.to,) if isinstance(effect, SendMessage) else ()
        if note.kind == "sent" and isinstance(effect, SendMessage):
            self.of(life).sent.append(Item(note.subject, at, to))
        elif note.kind == "skipped" and reason in REASONS:
            self.of(life).skipped.append(Item(note.subject, at, to, reason))

    @override
    def told(self, life: Life, effect: NotifyPeople, users: list[str]) -> None:
        at = iso(life.world.now)
        about, _, detail = effect.about.partition(":")
        item = Item(effect.text.template, at, tuple(users), detail or about)
        self.of(life).notified.append((item, (*effect.to.names, effect.task)))
        named = ", ".join(users) or f"nobody ({' '.join(effect.to.names)})"
        more = f" ({effect.about})" if effect.about else ""
        self.lines.append(Line(at, life.name, f"notified {named}{more}", effect.pos))

    @override
    def failed(self, life: Life, event: events.AnyEvent, error: EngineError) -> None:
        self.broken = error.message
        said = f"{type(event).__name__}: the program's own error: {error.message}"
        self.lines.append(Line(iso(life.world.now), life.name, said))

    def refused(self, life: Life, ids: list[str]) -> None:
        """A decision was refused."""
        text = f"refused: {', '.join(ids)}"
        self.lines.append(Line(iso(life.world.now), life.name, text))

    def step(self, life: Life | None, at: str, text: str, pos: str) -> None:
        """A step of the scenario."""
        self.lines.append(Line(at, life.name if life else "", text, pos, step=True))


def _of_our_own(life: Life, note: Note) -> bool:
    """`told` has said it."""
    if note.kind == "notified":
        return True
    return note.kind == "sent" and index(life.pipeline).send(note.ref) is None
