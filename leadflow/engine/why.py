"""Why a lead stands where it stands: what it waits for, which line says so, the least that moves it on (X01).

Every set of steps given here has been tried (`leadflow.engine.trial`): taking it moves the lead, no part of it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from leadflow.engine.awaited import Awaited, Kind, awaited
from leadflow.engine.conditions import explain, prove
from leadflow.engine.draft import Draft
from leadflow.engine.levels import levels, stands, true
from leadflow.engine.pipeline import Exit, Pipeline
from leadflow.engine.scope import scope
from leadflow.engine.state import Deadline, Pending, State
from leadflow.engine.tasks import CONVERT_FAILED, definition, open_tasks
from leadflow.engine.trial import Step, Steps, least
from leadflow.engine.unblock import done, joined, opening, shut

BEST = 4
"""Sets given for one wait."""


class Wait(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One thing a lead waits for."""

    kind: Kind
    subject: str = ""
    """Signal, task, deadline, exit, effect key."""
    label: str = ""
    pos: str = ""
    """Line of the pipeline."""
    due: str = ""
    """UTC instant, where one is set."""
    goto: str = ""
    """Where it leads."""
    proof: tuple[str, ...] = ()
    """Why not yet: what does not hold, in words."""
    unblock: tuple[Steps, ...] = ()
    """Smallest sets of steps, each enough; empty: nobody here can."""


class Why(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """All that a lead waits for, in the order of the file, and the shortest way on."""

    waits: tuple[Wait, ...] = ()
    closest: Steps = ()


def why(pipeline: Pipeline, state: State, now: datetime) -> Why:
    """What a lead waits for. Total, and some milliseconds long: for people, not for the machine."""
    if not state.created:
        return Why(waits=(Wait(kind="nothing", label="the lead does not exist yet"),))
    found = _Search(pipeline, state, now)
    waits = tuple(found.waits()) or (found.stuck(),)
    onward = [(steps, wait.goto) for wait in waits if wait.goto for steps in wait.unblock]
    others = [(steps, "") for wait in waits for steps in wait.unblock]
    closest, _ = min(onward or others, key=lambda way: _length(pipeline, *way), default=((), ""))
    return Why(waits=waits, closest=closest)


def _length(pipeline: Pipeline, steps: Steps, goto: str) -> tuple[int, bool, int]:
    """Of ways as short as each other one that goes on comes before one that gives the lead up."""
    fewest, waiting = _effort(steps)
    stage = pipeline.stages.get(goto)
    return fewest, stage is not None and stage.final == "failure", waiting


def _effort(steps: Steps) -> tuple[int, int]:
    """Fewest steps; what people can do before what only time or others bring."""
    return len(steps), sum(step.do in {"wait", "result"} for step in steps)


_SHOWN_ELSEWHERE = frozenset({"exit", "due", "remind", "snooze"})
"""Kinds of deadlines that another wait tells of."""


class _Search:
    def __init__(self, pipeline: Pipeline, state: State, now: datetime) -> None:
        self.pipeline = pipeline
        self.state = state
        self.d = Draft(pipeline, state, now)
        self.now = self.d.now

    def waits(self) -> Iterator[Wait]:
        s = self.state
        if s.quarantined:
            yield Wait(kind="nothing", label=f"quarantined: {s.quarantined}")
            return
        if s.converting is not None:
            yield Wait(
                kind="effect",
                subject=s.converting.key,
                label="conversion",
                goto=self.d.index.exit(s.converting.ref).goto,
                unblock=self._tried([(Step(do="result", id=s.converting.key),)]),
            )
            return
        if self.d.index.stage(s.stage).final:
            yield Wait(
                kind="nothing",
                label="closed",
                pos=self.d.index.stage(s.stage).pos,
                unblock=self._tried([(Step(do="reopen"),)]),
            )
            return
        yield from self._asleep()
        yield from (self._pending(one) for one in s.pending)
        ways = list(self._ways())
        yield from ways
        yield from self._tasks({wait.subject for wait in ways if wait.kind == "task"})
        for key, one in s.deadlines.items():
            if one.due and one.kind not in _SHOWN_ELSEWHERE:
                yield self._deadline(key, one)
        yield from self._sends()

    def stuck(self) -> Wait:
        """No happening that a way here waits for can come, and no deadline is armed."""
        stage = self.d.index.stage(self.state.stage)
        return Wait(kind="nothing", subject=stage.id, label="no way on from here", pos=stage.pos)

    def _tried(self, sets: Iterable[Steps], way: str = "") -> tuple[Steps, ...]:
        best: list[Steps] = []
        for steps in sets:
            found = least(self.pipeline, self.state, steps, self.now, way)
            best += [part for part in found if part not in best]
        return tuple(sorted(best, key=_effort)[:BEST])

    def _asleep(self) -> Iterator[Wait]:
        if self.state.sleep is not None:
            until = self.state.sleep.until
            yield Wait(
                kind="snooze",
                subject="snooze",
                due=until,
                unblock=((Step(do="wake"),), (Step(do="wait", until=until),)),
            )

    def _pending(self, one: Pending) -> Wait:
        way = self.d.index.exit(one.ref)
        steps: Steps = (Step(do="task", id=CONVERT_FAILED),) if one.failed else ()
        held = Awaited("gate", steps, subject=way.ref)
        return self._way(way, held, (one.failed,) if one.failed else ())

    def _ways(self) -> Iterator[Wait]:
        hanging = {one.ref for one in self.state.pending}
        for level, _ in levels(self.d):
            for way in level.exits.ways:
                if way.ref not in hanging and stands(self.d, way):
                    yield from (self._way(way, one) for one in awaited(self.d, way))

    def _way(self, way: Exit, one: Awaited, proof: tuple[str, ...] = ()) -> Wait:
        """A way with what would open it."""
        timely = one.kind in {"signal", "task"}
        with done(self.d, one.steps):
            openings = [joined(steps, one.steps) for steps in opening(self.d, way, timely=timely)]
        lines = (*self._proof(way), *(refusal.message for refusal in shut(self.d, way)))
        return Wait(
            kind=one.kind,
            subject=one.subject,
            label=way.label or one.label or way.goto,
            pos=way.pos,
            due=one.due,
            goto=way.goto,
            proof=proof or tuple(dict.fromkeys(lines)),
            unblock=self._tried(openings, way.ref),
        )

    def _proof(self, way: Exit) -> list[str]:
        if way.condition is None or true(self.d, way.condition):
            return []
        return explain(prove(way.condition, scope(self.d)))

    def _tasks(self, told: set[str]) -> Iterator[Wait]:
        """Tasks that no exit waits for are still to be done."""
        for run in open_tasks(self.state):
            if run.id in told:
                continue
            known = definition(self.d.pipeline, run.id)
            outcomes = list(known.outcomes) if known is not None else []
            yield Wait(
                kind="task",
                subject=run.id,
                label="task",
                pos=known.pos if known is not None else "",
                due=run.due,
                unblock=tuple((Step(do="task", id=run.id, outcome=o),) for o in outcomes or [""]),
            )

    def _deadline(self, key: str, one: Deadline) -> Wait:
        return Wait(
            kind="time",
            subject=key,
            label=one.kind,
            pos=one.pos,
            due=one.due,
            unblock=((Step(do="wait", until=one.due),),),
        )

    def _sends(self) -> Iterator[Wait]:
        for key, run in self.state.sends.items():
            if run.status == "out":
                action = self.d.index.action(run.ref)
                yield Wait(
                    kind="effect",
                    subject=key,
                    label=action.node,
                    pos=action.pos,
                    unblock=((Step(do="result", id=key),),),
                )
