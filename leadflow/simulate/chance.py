"""Made-up people: what they write into fields, and what managers and clients may do next. All from one generator."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from leadflow.engine import events
from leadflow.engine.clock import iso
from leadflow.engine.fields import Field, Value
from leadflow.engine.pipeline import Exit, Pipeline, Task, When
from leadflow.engine.refs import index
from leadflow.engine.state import TaskRun
from leadflow.engine.tasks import definition, open_tasks
from leadflow.engine.views import levels
from leadflow.simulate.world import Life

_NAMES = ("Анна Лактионова", "Борис Иванов", "Вера Петрова", "Глеб Смирнов", "Мария Кузнецова")
_INNS = ("7707083893", "7736050003", "7728168971")
_CONTACT = frozenset({"person", "phone", "email"})
KNOWN, ELSE = 0.8, 0.3
"""How often a new lead's contact fields, and its others, are filled."""
BUTTON = 2.0
"""How much likelier a button is pressed than its task simply done."""
EDIT = 0.3
"""How much likelier a field is filled in for no other reason than any one decision."""
FACT = 0.3
"""How much likelier a fact from the client is than any one decision."""

Make = Callable[["Chance", Field], Value]


Move = tuple[Callable[..., events.AnyEvent], dict[str, Any], float]
"""Something that may happen to a lead: the event's type, what it says, how likely it is beside others."""


class Chance:
    """A seeded source of everything random."""

    def __init__(self, seed: int, users: Iterable[str] = ()) -> None:
        self.random = Random(seed)  # noqa: S311 - repeatable, and no secret
        self.users = list(users) or ["manager"]
        self.now = datetime.min.replace(tzinfo=UTC)
        self.people = 0
        """Leads that have come."""
        self._actors: dict[tuple[str, str], events.Actor] = {}
        """By pipeline and owner."""

    def fields(self, pipeline: Pipeline) -> dict[str, Value]:
        """What is known of a person at first."""
        self.people += 1
        found: dict[str, Value] = {}
        for field in pipeline.fields.values():
            if self.random.random() < (KNOWN if field.type in _CONTACT else ELSE):
                found[field.id] = self.value(field)
        return found

    def value(self, field: Field) -> Value:
        """A canonical value for a field."""
        made = _MAKE.get(field.type, _text)(self, field)
        return [made] if field.many and field.type != "choices" else made

    def delay(self, mean: timedelta) -> timedelta:
        """A waiting time: many short ones, few long ones; whole seconds."""
        return timedelta(seconds=int(self.random.expovariate(1 / mean.total_seconds())) + 1)

    def move(self, life: Life) -> events.AnyEvent | None:
        """What happens next to a lead; ``None``: nothing can."""
        actor = self._everybody(life)
        moves = [*possible(life, actor), *self._edits(life, actor)]
        if not moves:
            return None
        event, said, _ = self.random.choices(moves, [weight for *_, weight in moves])[0]
        return event(id="", **said)

    def _everybody(self, life: Life) -> events.Actor:
        """Somebody with everybody's rights: chance does not ask who may."""
        owner, pipeline = life.state.owner, life.pipeline
        known = self._actors.get((pipeline.id, owner))
        if known is None:
            known = events.Actor(
                user=owner or "manager",
                teams=_deciders(pipeline),
                supervises=(owner, ""),
                admin=True,
            )
            self._actors[pipeline.id, owner] = known
        return known

    def _edits(self, life: Life, actor: events.Actor) -> Iterator[Move]:
        """Somebody fills in a field that is empty."""
        empty = [one for one in life.pipeline.fields.values() if one.id not in life.state.fields]
        if empty:
            field = self.random.choice(empty)
            values = {field.id: self.value(field)}
            yield events.FieldsSet, {"fields": values, "actor": actor}, EDIT


def possible(life: Life, actor: events.Actor) -> Iterator[Move]:
    """What managers and clients may do: tasks, buttons, the signals that the present stages take."""
    for run in open_tasks(life.state):
        task = definition(life.pipeline, run.id)
        if task is not None:
            yield from _task_moves(task, run, actor)
    for name in _signals(life):
        if name in events.FACTS:
            yield events.Signal, {"name": name}, FACT
        else:
            yield events.Signal, {"name": name, "actor": actor}, 1.0


def _task_moves(task: Task, run: TaskRun, actor: events.Actor) -> Iterator[Move]:
    for outcome in task.outcomes or ("",):
        yield events.TaskDone, {"task": run.id, "outcome": outcome, "actor": actor}, 1.0
    for button in task.buttons if not run.pressed else ():
        pressed = {"task": run.id, "button": button.label, "actor": actor}
        yield events.ButtonPressed, pressed, BUTTON


def _signals(life: Life) -> Iterable[str]:
    """Those that the present stages and programs take, each once."""
    nodes = index(life.pipeline)
    running = (ref for ref, run in life.state.programs.items() if run.status == "running")
    named = [
        *(name for level in levels(life.pipeline, life.state) for name in level.signals),
        *(name for ref in running for name in nodes.program(ref).stop_when),
    ]
    return dict.fromkeys(named)


def _deciders(pipeline: Pipeline) -> tuple[str, ...]:
    """All who decide something in a pipeline, by the names that it uses."""
    nodes = index(pipeline)
    ways: list[Exit | When] = [*nodes.exits.values(), *nodes.whens.values()]
    names = {name for way in ways for name in way.by}
    names |= {name for task in pipeline.tasks.values() for name in task.by}
    return tuple(sorted(names))


def _text(chance: Chance, field: Field) -> Value:
    return f"{field.label} {chance.people}"


def _person(chance: Chance, _: Field) -> Value:
    first, _space, last = chance.random.choice(_NAMES).partition(" ")
    return {"first": first, "last": last}


def _phone(chance: Chance, _: Field) -> Value:
    return {"number": f"+7916{chance.people % 10_000_000:07}"}


def _email(chance: Chance, _: Field) -> Value:
    return f"client{chance.people}@example.com"


def _choice(chance: Chance, field: Field) -> Value:
    return chance.random.choice(list(field.options)) if field.options else None


def _choices(chance: Chance, field: Field) -> Value:
    one = _choice(chance, field)
    return [one] if one is not None else None


def _money(chance: Chance, _: Field) -> Value:
    return str(chance.random.randint(1, 100) * 1000)


def _number(chance: Chance, _: Field) -> Value:
    return str(chance.random.randint(1, 10))


def _date(chance: Chance, _: Field) -> Value:
    return (chance.now + timedelta(days=chance.random.randint(1, 30))).date().isoformat()


def _datetime(chance: Chance, _: Field) -> Value:
    later = timedelta(hours=chance.random.randint(1, 30 * 24))
    return iso((chance.now + later).replace(minute=0, second=0, microsecond=0))


_MAKE: dict[str, Make] = {
    "person": _person,
    "phone": _phone,
    "email": _email,
    "url": lambda chance, _: f"https://example.com/{chance.people}",
    "inn": lambda chance, _: chance.random.choice(_INNS),
    "choice": _choice,
    "choices": _choices,
    "money": _money,
    "number": _number,
    "flag": lambda chance, _: chance.random.random() < 0.5,  # noqa: PLR2004 - a coin
    "date": _date,
    "datetime": _datetime,
    "file": lambda chance, _: {"id": "file", "name": f"{chance.people}.pdf", "size": 1},
    "user": lambda chance, _: chance.random.choice(chance.users),
}
