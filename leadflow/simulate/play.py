"""One scenario, played: its steps in virtual time, up to the first that does not go as written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from leadflow.engine.calendar import add
from leadflow.engine.clock import CalendarError, iso
from leadflow.engine.decision import Note, Refusal
from leadflow.engine.events import Created
from leadflow.installation import Installation
from leadflow.rules.staff import Staff
from leadflow.simulate import repeats, words
from leadflow.simulate.acts import Act, Edge, act, created
from leadflow.simulate.differing import Difference, Scene, listed
from leadflow.simulate.expecting import differences
from leadflow.simulate.instants import NoInstant, instant
from leadflow.simulate.schema import ACTS, Scenario, Start, Step
from leadflow.simulate.story import Line, Story
from leadflow.simulate.world import Life, Spec, World
from leadflow.spec.compile.values import plain
from leadflow.spec.schema.base import Spot


@dataclass(frozen=True, slots=True)
class Failure:
    """A step that did not go as written."""

    scenario: str
    path: str
    line: int
    column: int
    step: str
    """The step in a few words."""
    message: str
    """What is wrong, where it is no difference."""
    differences: tuple[Difference, ...]
    timeline: tuple[Line, ...]
    timezone: str
    """Whose clock the timeline shows."""


class Played(NamedTuple):
    """How a scenario went."""

    failure: Failure | None
    notes: tuple[tuple[str, Note], ...]
    """Pipeline and note, of all that happened: what coverage counts."""


class _Wrong(Exception):
    """A step does not go as written."""

    def __init__(self, message: str, found: Sequence[Difference] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.differences = tuple(found)


def play(
    scenario: Scenario, pipeline: str, specs: Mapping[str, Spec], home: Installation
) -> Played:
    """Plays a scenario that `leadflow.simulate.checking` has found nothing against.

    Args:
        scenario: it.
        pipeline: its pipeline's id.
        specs: all pipelines its leads may come into.
        home: the installation with the scenario's people.
    """
    run = _Run(pipeline, specs, home)
    spot, step = scenario.start.spot, "start"
    try:
        run.begin(scenario.start, "")
        for each in scenario.steps:
            spot, step = each.spot, described(each)
            run.step(each)
    except _Wrong as wrong:
        at, story = spot.position(), run.story
        failure = Failure(
            scenario=str(scenario.name),
            path=spot.source.path,
            line=at.line,
            column=at.column,
            step=step,
            message=wrong.message,
            differences=wrong.differences,
            timeline=tuple(story.lines),
            timezone=specs[pipeline].pipeline.timezone,
        )
        return Played(failure, tuple(story.notes))
    return Played(None, tuple(run.story.notes))


_BEFORE = datetime(1970, 1, 1, tzinfo=UTC)
"""Before the world: what a scenario begins with is an absolute instant."""


class _Run:
    def __init__(self, pipeline: str, specs: Mapping[str, Spec], home: Installation) -> None:
        self.pipeline = pipeline
        self.specs = specs
        self.home = home
        self.story = Story()
        self._world: World | None = None
        self.names: dict[str, Life] = {}
        """Names in the scenario; ``""`` is the first lead."""

    @property
    def world(self) -> World:
        """There is one as soon as the scenario has begun."""
        assert self._world is not None  # noqa: S101 - `begin` comes first
        return self._world

    def begin(self, start: Start, name: str) -> None:
        """The first lead, or another one."""
        pipeline = self.specs[self.pipeline].pipeline
        if self._world is None:
            first = self._instant(str(start.at), _BEFORE, None)
            self._world = World(self.specs, Staff(self.home), first, self.story)
        elif start.at is not None:
            self._advance(str(start.at), None, before=True)
        event = created(start, Edge(pipeline, self.home, None, self.world.now))
        self.names[name] = self._begin(event, name, start.spot)
        self._sound()

    def _begin(self, event: Created, name: str, spot: Spot) -> Life:
        world = self.world
        joined = repeats.joined(world.lives.values(), self.pipeline, event)
        if joined is None:
            self._say(None, f"start {name}".strip(), spot)
            return world.begin(self.pipeline, event, name or self.pipeline)
        self._say(joined, f"start {name}: joins this lead", spot)
        world.act(joined, repeats.repeated(event))
        return joined

    def step(self, step: Step) -> None:
        """One step."""
        if step.start is not None:
            self._settle(step.start.at is not None)
            self.begin(step.start, str(step.as_ or ""))
            return
        life = self._life(str(step.lead or ""))
        if step.act in ACTS:
            self._act(step, life)
        else:
            self._settle()
            self._pass(step, life)
        self._sound()

    def _life(self, name: str) -> Life:
        life = self.names.get(name) or self.world.lives.get(name)
        if life is None:
            message = f"no lead '{name}' has begun yet"
            raise _Wrong(message)
        return life

    def _settle(self, dated: bool = False) -> None:  # noqa: FBT001, FBT002 - whether the step says when
        """All that is due has run; but an event with a time of its own comes before what is due then."""
        if not dated:
            self.world.advance(self.world.now)

    def _pass(self, step: Step, life: Life) -> None:
        """Time, the outside, expectations."""
        world = self.world
        if step.wait is not None:
            try:
                p = life.pipeline
                world.advance(add(world.now, step.wait, p.calendar, p.timezone))
            except CalendarError as error:
                raise _Wrong(str(error)) from error
        elif step.until is not None:
            self._advance(step.until, life)
        elif step.effects is not None:
            world.answer(step.effects)
        elif step.expect is not None:
            lives = list(dict.fromkeys(world.lives.values()))
            found = differences(step.expect, Scene(life, lives, self.story))
            if found:
                message = ""
                raise _Wrong(message, found)

    def _act(self, step: Step, life: Life) -> None:
        self._settle(step.at is not None)
        if step.at is not None:
            self._advance(step.at, life, before=True)
        self._say(life, described(step), step.spot)
        done = act(step, life)
        refusals = list(done.refusals) or self._apply(done, life)
        self._judge(step, life, refusals)

    def _apply(self, done: Act, life: Life) -> list[Refusal]:
        return [one for event in done.events for one in self.world.act(life, event)]

    def _judge(self, step: Step, life: Life, refusals: list[Refusal]) -> None:
        """Refused as expected, or not at all."""
        ids = list(dict.fromkeys(one.id for one in refusals))
        if refusals:
            self.story.refused(life, ids)
        if step.refused is not None and sorted(ids) != sorted(map(str, step.refused)):
            shown = listed(ids) if ids else "accepted"
            message = "; ".join(_reason(one) for one in refusals)
            raise _Wrong(message, [Difference("refused", listed(step.refused), shown)])
        if step.refused is None and refusals:
            reasons = "; ".join(_reason(one) for one in refusals)
            message = f"refused: {reasons}"
            raise _Wrong(message)
        opened = step.reopen not in {None, "true"} and not refusals
        if opened and life.state.stage != step.reopen:
            difference = Difference("reopen", str(step.reopen), life.state.stage)
            message = ""
            raise _Wrong(message, [difference])

    def _instant(self, text: str, now: datetime, life: Life | None) -> datetime:
        pipeline = self.specs[self.pipeline].pipeline
        try:
            return instant(text, pipeline, life.state if life else None, now)
        except NoInstant as error:
            raise _Wrong(str(error)) from error

    def _advance(self, text: str, life: Life | None, *, before: bool = False) -> None:
        at = self._instant(text, self.world.now, life)
        if at < self.world.now:
            message = f"'{text}' has passed already"
            raise _Wrong(message)
        self.world.advance(at, before=before)

    def _sound(self) -> None:
        if self.story.broken:
            message = f"the program's own error, please report it: {self.story.broken}"
            raise _Wrong(message)

    def _say(self, life: Life | None, text: str, spot: Spot) -> None:
        self.story.step(life, iso(self.world.now), text, str(spot))


def _reason(refusal: Refusal) -> str:
    return f"{refusal.id} ({refusal.message})"


def described(step: Step) -> str:
    """A step in a few words: ``task contact: no_answer``."""
    key = step.act
    if key == "expect":
        return "expect"
    given = getattr(step, {"set": "set_"}.get(key, key))
    match given:
        case dict():
            shown = ", ".join(f"{name}: {words.value(plain(one))}" for name, one in given.items())
        case list():
            shown = ", ".join(map(str, given))
        case _:
            shown = str(given)
    more = step.outcome or step.button
    return f"{key} {shown}".strip() + (f": {more}" if more else "")
