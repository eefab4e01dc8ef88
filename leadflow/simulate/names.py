"""What a pipeline's scenarios may name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from leadflow.engine.events import FACTS
from leadflow.engine.fields import Field
from leadflow.engine.pipeline import Exit, Gate, Pipeline, Send, When
from leadflow.engine.refs import index
from leadflow.engine.sends import subject
from leadflow.engine.tasks import CONVERT_FAILED, SETTLE, SETTLE_TASK
from leadflow.installation import Installation
from leadflow.simulate.people import ROLES

PAYMENTS = {name: Field(name, "money", name) for name in ("paid", "unpaid")}
"""Built-in ids that an expectation may name among the fields: nothing else shows them."""

STANDARD_REFUSALS = ("not_expected", "not_allowed", "not_now", "closed", "bad_value")


@dataclass(frozen=True, slots=True)
class Names:
    """Ids in the order of the file."""

    fields: list[str]
    items: list[str]
    stages: list[str]
    """Those of tracks too, by their full and by their short ids."""
    levels: list[str]
    """Of the funnel."""
    tracks: list[str]
    tasks: list[str]
    outcomes: dict[str, list[str]]
    signals: list[str]
    messages: list[str]
    """Templates and ids of what is sent to the client."""
    documents: list[str]
    gates: list[str]
    users: list[str]
    people: list[str]
    """Roles, users and teams."""
    variants: dict[str, list[str]]
    """Step → its variants."""


def names_of(pipeline: Pipeline, home: Installation) -> Names:
    """The names of one pipeline, with these people."""
    nodes, stages = index(pipeline), pipeline.stages.values()
    outcomes = {task.id: list(task.outcomes) for task in pipeline.tasks.values()}
    known = {SETTLE: list(SETTLE_TASK.outcomes), CONVERT_FAILED: []}
    sends = [action for action in nodes.actions.values() if isinstance(action.do, Send)]
    return Names(
        fields=list(pipeline.fields),
        items=[item for stage in stages for item in stage.checklist],
        stages=[*pipeline.stages, *(stage.id.partition(".")[2] for stage in stages if stage.track)],
        levels=_once([stage.funnel for stage in stages if not stage.track]),
        tracks=_once([track.id for stage in stages for track in stage.tracks]),
        tasks=[*pipeline.tasks, *known],
        outcomes=known | outcomes,
        signals=_once([*_signals(pipeline), *sorted(FACTS)]),
        messages=_once([subject(a.do, a) for a in sends if isinstance(a.do, Send)]),
        documents=list(pipeline.documents),
        gates=_once([gate.id for gate in _gates(pipeline)]),
        users=list(home.users),
        people=[*ROLES, *home.users, *home.teams],
        variants={
            step.node: [variant.id for variant in step.variants]
            for step in nodes.steps.values()
            if step.variants
        },
    )


def _once(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _signals(pipeline: Pipeline) -> Iterator[str]:
    nodes = index(pipeline)
    ways: list[Exit | When] = [*nodes.exits.values(), *nodes.whens.values()]
    for way in ways:
        if way.trigger.kind == "signal":
            yield from way.trigger.names
    for program in nodes.programs.values():
        yield from program.stop_when
        yield from program.postpone_when


def _gates(pipeline: Pipeline) -> Iterator[Gate]:
    for stage in pipeline.stages.values():
        yield from (*stage.enter, *stage.leave)
        for conversion in stage.convert:
            yield from conversion.requires
    for way in index(pipeline).exits.values():
        yield from way.requires
