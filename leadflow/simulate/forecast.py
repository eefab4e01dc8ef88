"""Leads sent through a pipeline at random, years in seconds (``leadflow simulate``; X03).

A model with no more in it than it says: leads come evenly over the days, somebody or the client does something with each
every few working hours, whatever a stage allows, and fills in what that needs. Who looks at the numbers sees what the
pipeline makes of such leads: where they end, what it sends them, how much of it is overdue. The same seed, the same result.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from msgspec.structs import replace

from leadflow.engine import events
from leadflow.engine.calendar import Calendar, next_open
from leadflow.engine.decision import Refusal
from leadflow.engine.fields import Value
from leadflow.engine.pipeline import Pipeline
from leadflow.installation import Installation
from leadflow.rules.staff import Staff
from leadflow.simulate import found
from leadflow.simulate.chance import Chance
from leadflow.simulate.summary import Summary, Tally
from leadflow.simulate.world import Life, Spec, World
from leadflow.spec.compile.pipeline import SpecError, compile_pipeline
from leadflow.spec.problems import has_errors
from leadflow.spec.project import load_project

PACE = timedelta(hours=6)
"""Working time from one act to the next, on average."""
MOST_TRIES = 3
"""How often missing fields are filled in for one act."""
_YEAR, _MONTH = 2026, 2


def simulate_path(path: str | Path, *, leads: int, days: int, seed: int) -> list[Summary]:
    """`simulate`, of each pipeline of a file or folder.

    Raises:
        SpecError: a pipeline cannot be used.
    """
    project = load_project([path])
    made = [compile_pipeline(file, project) for file in project.pipelines if file.asked]
    problems = [*project.problems, *(found for each in made for found in each.problems)]
    if has_errors(problems):
        raise SpecError(problems)
    specs = {each.pipeline.id: Spec(each.pipeline, each.blobs) for each in made}
    return [
        simulate(name, specs, leads=leads, days=days, seed=seed, home=project.installation)
        for name, spec in specs.items()
        if spec.pipeline.kind == "lead"
    ]


def simulate(
    pipeline: str,
    specs: Mapping[str, Spec],
    *,
    leads: int,
    days: int,
    seed: int,
    home: Installation | None = None,
) -> Summary:
    """Sends made-up leads through a pipeline.

    Args:
        pipeline: its id.
        specs: it, and those that its leads begin others in.
        leads: how many come.
        days: over how many days they come, and how long all of it is watched.
        seed: of everything random.
        home: the people; by default nobody.
    """
    people = home or Installation()
    begins = _begins(specs[pipeline].pipeline)
    tally = Tally(specs[pipeline].pipeline)
    world = World(specs, Staff(people), begins, tally, quick=True)
    _Forecast(world, pipeline, Chance(seed, people.users)).run(leads, timedelta(days=days))
    return tally.summary(world, leads=leads, days=days, seed=seed)


def _begins(pipeline: Pipeline) -> datetime:
    """A Monday morning of the year for which holidays are known."""
    until = pipeline.holidays_until[:4]
    first = datetime(int(until) - 2 if until else _YEAR, _MONTH, 1, 6, tzinfo=UTC)
    return first + timedelta(days=-first.weekday() % 7)


class _Forecast:
    def __init__(self, world: World, pipeline: str, chance: Chance) -> None:
        self.world = world
        self.pipeline = world.specs[pipeline].pipeline
        self.chance = chance
        self.acts: list[tuple[datetime, int, Life | None]] = []
        """When something happens to a lead; ``None``: a new one."""
        self.order = count()

    def run(self, leads: int, span: timedelta) -> None:
        """Until the days are over."""
        world, chance = self.world, self.chance
        begins, ends = world.now, world.now + span
        for _ in range(leads):
            after = timedelta(seconds=chance.random.randrange(int(span.total_seconds()) or 1))
            self._plan(begins + after, None)
        while self.acts and self.acts[0][0] < ends:
            at, _, life = heapq.heappop(self.acts)
            world.advance(at, before=True)
            chance.now = world.now
            if life is None:
                fields = chance.fields(self.pipeline)
                life = world.begin(self.pipeline.id, events.Created(id="", fields=fields))
            else:
                self._act(life)
            if not life.state.closed:
                self._plan(world.now + chance.delay(PACE), life)
        world.advance(ends)

    def _plan(self, at: datetime, life: Life | None) -> None:
        calendar: Calendar | None = self.pipeline.calendar
        at = next_open(calendar, at) if calendar is not None else at
        heapq.heappush(self.acts, (at.replace(microsecond=0), next(self.order), life))

    def _act(self, life: Life) -> None:
        if life.state.pending:  # the card says what an exit waits for
            self._supply(life, found.lacking(life))
        event = self.chance.move(life)
        for _ in range(MOST_TRIES):
            if event is None:
                return
            event = self._mended(life, event, self.world.act(life, event))

    def _mended(
        self, life: Life, event: events.AnyEvent, refusals: tuple[Refusal, ...]
    ) -> events.AnyEvent | None:
        """The same act, with what it lacked filled in and ticked; ``None``: nothing more to try."""
        if not refusals or not isinstance(event, events.Decision):
            return None
        fields = self._tick(life, refusals)
        return replace(event, fields={**event.fields, **fields})

    def _tick(self, life: Life, refusals: Iterable[Refusal]) -> dict[str, Value]:
        """Ticks what is to be ticked; values for what is to be filled in."""
        known = {item for stage in life.pipeline.stages.values() for item in stage.checklist}
        if ticks := tuple(one.id for one in refusals if one.id in known):
            self.world.act(life, events.Ticked(id="", items=ticks))
        fields = life.pipeline.fields
        lacking = dict.fromkeys(one.field for one in refusals if one.field in fields)
        return {name: self.chance.value(fields[name]) for name in lacking}

    def _supply(self, life: Life, refusals: list[Refusal]) -> None:
        if values := self._tick(life, refusals):
            self.world.act(life, events.FieldsSet(id="", fields=values))
