"""What became of many leads: counted while they live, told when they are done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from typing_extensions import override

from leadflow.engine import events
from leadflow.engine.decision import Decision, Note
from leadflow.engine.effects import NotifyPeople, SendMessage
from leadflow.engine.pipeline import Pipeline
from leadflow.errors import EngineError
from leadflow.simulate.world import Life, Watcher, World


class StageTimes(NamedTuple):
    """How long a stage took."""

    stage: str
    title: str
    entered: int
    """Visits begun."""
    here: int
    """Leads that are in it at the end."""
    median: timedelta | None
    """Of the visits that ended; ``None``: none did."""
    p90: timedelta | None


class Summary(NamedTuple):
    """What a simulation found; the same for the same pipeline and seed."""

    pipeline: str
    title: str
    leads: int
    days: int
    seed: int
    stages: tuple[StageTimes, ...]
    ended: dict[str, int]
    """``open``, ``success``, ``failure`` → leads."""
    sent: dict[str, int]
    """Message → how often, most first."""
    skipped: dict[str, int]
    """Reason → how often a message did not go."""
    notified: int
    tasks: dict[str, int]
    """``opened``, ``done``, ``overdue`` → how many."""
    steps: int
    """Events that the engine handled."""
    broken: dict[str, int]
    """The engine's own errors → leads that it parked."""


class Tally(Watcher):
    """Watches a world and counts."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._since: dict[tuple[Life, str], datetime] = {}
        self._took: dict[str, list[timedelta]] = {}
        self._entered: Counter[str] = Counter()
        self._sent: Counter[str] = Counter()
        self._skipped: Counter[str] = Counter()
        self._tasks: Counter[str] = Counter()
        self._broken: Counter[str] = Counter()
        self._notified = 0
        self._counted: dict[str, Callable[[Life, Note], None]] = {
            "entered": self._begun,
            "left": self._over,
            "sent": self._message,
            "skipped": self._left_out,
            "task_opened": self._task,
            "task_done": self._task,
            "overdue": self._task,
        }
        """Kind of note → what it adds."""

    @override
    def decided(self, life: Life, event: events.AnyEvent, decision: Decision) -> None:
        if life.pipeline is self._pipeline:
            for note in decision.notes:
                count = self._counted.get(note.kind)
                if count is not None:
                    count(life, note)

    def _begun(self, life: Life, note: Note) -> None:
        self._entered[note.subject] += 1
        self._since[life, note.subject] = life.world.now

    def _over(self, life: Life, note: Note) -> None:
        since = self._since.pop((life, note.subject), None)
        if since is not None:
            self._took.setdefault(note.subject, []).append(life.world.now - since)

    def _message(self, life: Life, note: Note) -> None:
        if isinstance(life.handed.get(str(note.detail.get("key"))), SendMessage):
            self._sent[note.subject] += 1

    def _left_out(self, _: Life, note: Note) -> None:
        self._skipped[str(note.detail.get("reason", ""))] += 1

    def _task(self, _: Life, note: Note) -> None:
        if note.subject in self._pipeline.tasks or note.kind != "overdue":
            self._tasks[note.kind.removeprefix("task_")] += 1

    @override
    def told(self, life: Life, effect: NotifyPeople, users: list[str]) -> None:
        self._notified += 1

    @override
    def failed(self, life: Life, event: events.AnyEvent, error: EngineError) -> None:
        self._broken[error.message] += 1

    def summary(self, world: World, *, leads: int, days: int, seed: int) -> Summary:
        """What has been counted, and where the leads are now."""
        mine = [life.state for life in world.lives.values() if life.pipeline is self._pipeline]
        here = Counter(state.stage for state in mine)
        here.update(run.stage for state in mine for run in state.tracks.values())
        ended = Counter(state.closed or "open" for state in mine)
        return Summary(
            pipeline=self._pipeline.id,
            title=self._pipeline.title,
            leads=leads,
            days=days,
            seed=seed,
            stages=tuple(self._times(here)),
            ended={kind: ended[kind] for kind in ("open", "success", "failure")},
            sent=dict(self._sent.most_common()),
            skipped=dict(self._skipped.most_common()),
            notified=self._notified,
            tasks={kind: self._tasks[kind] for kind in ("opened", "done", "overdue")},
            steps=world.steps,
            broken=dict(self._broken.most_common()),
        )

    def _times(self, here: Counter[str]) -> Iterator[StageTimes]:
        for stage in self._pipeline.stages.values():
            took = sorted(self._took.get(stage.id, ()))
            yield StageTimes(
                stage.id,
                stage.title,
                self._entered[stage.id],
                here[stage.id],
                _quantile(took, 50),
                _quantile(took, 90),
            )


def _quantile(took: list[timedelta], percent: int) -> timedelta | None:
    """The smallest one that so many percent do not exceed."""
    return took[-(-len(took) * percent // 100) - 1] if took else None


def as_text(summary: Summary) -> str:
    """What ``leadflow simulate`` prints."""
    return "\n".join(_lines(summary))


def _lines(s: Summary) -> Iterator[str]:
    yield f"{s.title}: {s.leads} leads over {s.days} days (seed {s.seed})"
    yield ""
    total = sum(s.ended.values()) or 1
    for kind, number in s.ended.items():
        yield f"  {kind:8} {number:7}  {100 * number // total:3} %"
    yield ""
    width = max(len(stage.title) for stage in s.stages)
    yield f"  {'stage':{width}}  {'entered':>8} {'now':>7} {'median':>10} {'p90':>10}"
    for one in s.stages:
        median, p90 = duration(one.median), duration(one.p90)
        yield f"  {one.title:{width}}  {one.entered:8} {one.here:7} {median:>10} {p90:>10}"
    yield ""
    yield f"  tasks: {', '.join(f'{number} {kind}' for kind, number in s.tasks.items())}"
    yield f"  messages: {_counted(s.sent)}"
    if s.skipped:
        yield f"  not sent: {_counted(s.skipped)}"
    yield f"  words to our own people: {s.notified}"
    if s.broken:
        yield f"  the program's own errors: {_counted(s.broken)}"


def _counted(numbers: dict[str, int]) -> str:
    pairs: Iterable[tuple[str, int]] = numbers.items()
    return ", ".join(f"{name} {number}" for name, number in pairs) or "none"


def duration(span: timedelta | None) -> str:
    """A length of time with its two greatest units: ``2 d 4 h``; ``—`` for none."""
    if span is None:
        return "—"
    minutes = round(span.total_seconds() / 60)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
