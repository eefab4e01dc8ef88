"""A world in virtual time: leads, their deadlines in one heap, a commit and an outside that answer at once.

The rules of this file:

* Time moves only in `World.advance`, from deadline to deadline; within an instant events come before timers (Meaning 8).
* An event is applied as the shell does it: decide, commit, the facts that the commit found, then what leaves the house;
  each answer is an event again, until nothing is left to do.
* The engine's errors quarantine a lead here as there.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from itertools import count
from typing import Literal, NamedTuple, Protocol

from leadflow.engine import events
from leadflow.engine.clock import iso
from leadflow.engine.decide import begin, decide, next_deadline, quarantine
from leadflow.engine.decision import Decision, Refusal
from leadflow.engine.effects import NotifyPeople, Outgoing
from leadflow.engine.fields import Value
from leadflow.engine.pipeline import Pipeline, Text
from leadflow.engine.state import State
from leadflow.errors import EngineError
from leadflow.rules.addresses import opted_out
from leadflow.rules.staff import Roles, Staff
from leadflow.rules.texts import Values
from leadflow.simulate import commit, outside
from leadflow.simulate.registers import Registers
from leadflow.simulate.texts import Texts

Mode = Literal["held", "released", "refused", "ambiguous"]
"""How the outside answers: not at all, well, with a refusal, or so that nobody can know."""


class Spec(NamedTuple):
    """A pipeline with the bodies of its templates: SHA-256 (hex) → text."""

    pipeline: Pipeline
    blobs: Mapping[str, str]


class Watcher(Protocol):
    """Sees all that happens."""

    def decided(self, life: Life, event: events.AnyEvent, decision: Decision) -> None:
        """An event was accepted; ``life.state`` is still the one before."""

    def told(self, life: Life, effect: NotifyPeople, users: list[str]) -> None:
        """Our own people were told something."""

    def failed(self, life: Life, event: events.AnyEvent, error: EngineError) -> None:
        """The engine broke one of its rules."""


class Life:
    """One lead of a world."""

    def __init__(self, world: World, spec: Spec, texts: Texts, name: str, lead: str) -> None:
        self.world = world
        self.pipeline = spec.pipeline
        self.texts = texts
        self.name = name
        """In a scenario."""
        self.state: State = begin(spec.pipeline, lead)
        self.number = world.registers.next_number("lead")
        self.converted: dict[str, dict[str, Value]] = {}
        """Record → its fields, of the last conversion."""
        self.comment: tuple[Text, Values] | None = None
        """The pinned one."""
        self.armed: datetime | None = None
        """What the heap holds for it."""
        self.facts: deque[events.AnyEvent] = deque()
        self.outbox: deque[Outgoing] = deque()
        """Planned, and not tried yet."""
        self.handed: dict[str, Outgoing] = {}
        """All that was tried, by its key."""

    @property
    def roles(self) -> Roles:
        """Whom its roles mean."""
        return Roles(self.state.owner, self.state.creator)

    @property
    def pinned(self) -> str:
        """The comment on the card, as it reads."""
        return self.texts.note(*self.comment) if self.comment is not None else ""

    def feed(self, event: events.AnyEvent) -> tuple[Refusal, ...]:
        """Applies an event with all that follows from it at once."""
        refusals = self._apply(event)
        self.settle()
        return refusals

    def settle(self) -> None:
        """Facts first, then what leaves the house, until nothing is left."""
        while self.facts or self.outbox:
            if self.facts:
                self._apply(self.facts.popleft())
            else:
                outside.hand_over(self, self.outbox.popleft())
        self._arm()

    def _apply(self, event: events.AnyEvent) -> tuple[Refusal, ...]:
        world, before = self.world, self.state
        world.steps += 1
        try:
            decision = decide(self.pipeline, before, event, world.now)
            if isinstance(event, events.Timer):
                _moves_on(event, decision)
        except EngineError as error:
            world.watcher.failed(self, event, error)
            self.state = quarantine(before, error.message, event)
            return ()
        if decision.refusals:
            return decision.refusals
        world.watcher.decided(self, event, decision)
        self.state = decision.state
        world.registers.moved(before, decision.state)
        if decision.effects:
            commit.commit(self, decision.effects)
        if isinstance(event, events.Created):
            self.facts.append(events.Numbered(id="number", number=self.number))
        if decision.state.opted_out != before.opted_out:
            world.barred.update(opted_out(self.pipeline, decision.state))
        return ()

    def _arm(self) -> None:
        due = next_deadline(self.state)
        if due != self.armed:
            self.armed = due
            if due is not None:
                heapq.heappush(self.world.heap, (due, next(self.world.order), self))


def _moves_on(event: events.Timer, decision: Decision) -> None:
    """A tick has to be accepted and leave nothing due, else the timer would spin (`decide`'s promise)."""
    due = next_deadline(decision.state)
    if decision.refusals or (due is not None and iso(due) <= event.due):
        message = f"the deadline of {event.due} stays where it is"
        raise EngineError(message)


class World:
    """Leads in virtual time.

    Args:
        specs: the pipelines there are, by id.
        staff: the people.
        now: when it begins, UTC.
        watcher: sees all that happens.
        quick: take the outcome of rendering from an equal message before (for thousands of leads).
    """

    def __init__(
        self,
        specs: Mapping[str, Spec],
        staff: Staff,
        now: datetime,
        watcher: Watcher,
        *,
        quick: bool = False,
    ) -> None:
        self.specs = specs
        self.staff = staff
        self.now = now
        self.watcher = watcher
        self.quick = quick
        self.lives: dict[str, Life] = {}
        """By name."""
        self.heap: list[tuple[datetime, int, Life]] = []
        self.order = count()
        self.registers = Registers()
        self.mode: Mode = "released"
        self.held: list[tuple[Life, Outgoing]] = []
        """Tried, and without an answer."""
        self.barred: set[tuple[str, str]] = set()
        """Channel (or ``all``) and address of those who have opted out."""
        self.births: deque[tuple[str, events.Created]] = deque()
        """What other leads have begun, by pipeline."""
        self.steps = 0
        """Events given to the engine."""
        self.texts = {name: Texts(spec.pipeline, spec.blobs, staff) for name, spec in specs.items()}

    def begin(self, pipeline: str, event: events.Created, name: str = "") -> Life:
        """A new lead, or deal.

        Args:
            pipeline: its id.
            event: how it begins.
            name: in the scenario; by default the pipeline's, with a number where that is taken.
        """
        lead = f"lead-{len(self.lives) + 1}"
        life = Life(self, self.specs[pipeline], self.texts[pipeline], "", lead)
        life.name = name or self._free(pipeline)
        self.lives[life.name] = life
        self.act(life, event)
        return life

    def _free(self, name: str) -> str:
        number = self.registers.next_number(f"name/{name}")
        free = name if number == 1 else f"{name}-{number}"
        return free if free not in self.lives else self._free(name)

    def act(self, life: Life, event: events.AnyEvent) -> tuple[Refusal, ...]:
        """Applies an event now; why not, if it is refused."""
        refusals = life.feed(event)
        self._deliver()
        return refusals

    def _deliver(self) -> None:
        while self.births:
            self.begin(*self.births.popleft())

    def advance(self, until: datetime, *, before: bool = False) -> None:
        """Moves time on; all that is due by then has run.

        Args:
            until: UTC; the past is where we are.
            before: leave what is due at that very instant.
        """
        heap = self.heap
        while heap and (heap[0][0] < until or (heap[0][0] == until and not before)):
            due, _, life = heapq.heappop(heap)
            if life.armed != due:
                continue
            life.armed = None
            self.now = max(self.now, due)
            text = iso(due)
            self.act(life, events.Timer(id=f"timer/{text}", due=text))
        self.now = max(self.now, until)

    def answer(self, mode: Mode) -> None:
        """How the outside answers from now on; what was held is answered so too."""
        self.mode = mode
        waiting, self.held = self.held, []
        for life, effect in waiting:
            life.outbox.append(effect)
        for life in dict.fromkeys(life for life, _ in waiting):
            life.settle()
        self._deliver()
