"""The hidden verb `demo`: a few leads in motion for an empty installation that nobody outside hears of."""

from __future__ import annotations

from collections.abc import Iterator

from commands.acting import Desk, desk, event_id
from leadflow.engine import events
from leadflow.engine.fields import Field, Value
from leadflow.engine.pipeline import Pipeline
from leadflow.engine.trial import Step
from leadflow.store.published import versions
from workflows.gateway import TemporalGateway

PERSONS = (
    ("Мария", "Иванова"),
    ("Пётр", "Соколов"),
    ("Анна", "Ким"),
    ("Тимур", "Галиев"),
    ("Ольга", "Лебедева"),
)
"""Lead by lead; the first stays where it begins, each further one goes a step on."""
_CONTACTS = frozenset({"person", "phone", "email"})
_OTHERS: dict[str, Value] = {
    "text": "демо",
    "long_text": "Демонстрационный лид",
    "url": "https://example.com",
    "address": "Москва, Тверская ул., 1",
    "inn": "7707083893",
    "money": "12500",
    "number": "1",
    "flag": True,
}


def demo() -> None:
    """Adds demo leads to every pipeline of leads, and lets them take some steps as `why` proposes them."""
    with desk() as open_desk:
        pipelines = [each.pipeline for each in versions(open_desk.store) if each.newest]
        leads = [each for each in pipelines if each.kind == "lead"]
        open_desk.gateway(lambda gateway: _all(open_desk, gateway, leads))


async def _all(open_desk: Desk, gateway: TemporalGateway, pipelines: list[Pipeline]) -> None:
    for pipeline in pipelines:
        for far in range(len(PERSONS)):
            await _one(open_desk, gateway, pipeline, far)


async def _one(open_desk: Desk, gateway: TemporalGateway, pipeline: Pipeline, far: int) -> None:
    contacts = [field for field in pipeline.fields.values() if field.type in _CONTACTS]
    created = events.Created(
        id=event_id(),
        actor=events.Actor(via="demo"),
        fields={field.id: _value(field, far) for field in contacts},
        source=next(iter(pipeline.sources), ""),
        channel="form",
    )
    answer = await gateway.add(
        pipeline.id, created, source="demo", external_id=f"{pipeline.id}/{far}"
    )
    await gateway.settled(answer.lead, 1)
    for _ in range(far):
        found = await gateway.why(answer.lead)
        onward = [wait for wait in found.waits if wait.goto and not _lost(pipeline, wait.goto)]
        ways = [steps for wait in onward for steps in wait.unblock]
        open_ways = [steps for steps in ways if all(step.do in _DOING for step in steps)]
        if not open_ways:
            return
        owner = open_desk.lead(answer.lead).owner
        actor = events.Actor(user=owner, admin=True, via="demo")
        for event in _events(pipeline, open_ways[0], far, actor):
            done = await gateway.act(answer.lead, event)
            await gateway.settled(answer.lead, done.version)


def _lost(pipeline: Pipeline, stage: str) -> bool:
    return stage in pipeline.stages and pipeline.stages[stage].final == "failure"


_DOING = frozenset({"fill", "tick", "signal", "task"})


def _events(
    pipeline: Pipeline, steps: tuple[Step, ...], far: int, actor: events.Actor
) -> Iterator[events.AnyEvent]:
    fills = {
        step.id: _fill(pipeline.fields[step.id], step, far) for step in steps if step.do == "fill"
    }
    if fills:
        yield events.FieldsSet(id=event_id(), actor=actor, fields=fills)
    for step in steps:
        match step.do:
            case "tick":
                yield events.Ticked(id=event_id(), actor=actor, items=(step.id,))
            case "signal":
                yield events.Signal(id=event_id(), actor=actor, name=step.id)
            case "task":
                yield events.TaskDone(
                    id=event_id(), actor=actor, task=step.id, outcome=step.outcome
                )
            case _:
                pass


def _fill(field: Field, step: Step, far: int) -> Value:
    """A value that looks like one, where any will do."""
    made = _value(field, far)
    return made if step.any and made is not None else step.value


def _value(field: Field, far: int) -> Value:
    first, last = PERSONS[far]
    match field.type:
        case "person":
            return {"first": first, "last": last}
        case "phone":
            return {"number": f"+7916555000{far}"}
        case "email":
            return f"client{far}@example.com"
        case "choice":
            return next(iter(field.options), None)
        case _:
            return _OTHERS.get(field.type)
