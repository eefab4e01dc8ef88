"""How a lead shows itself in Temporal: current details in words, search attributes as opaque ids."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from temporalio.common import SearchAttributePair, SearchAttributeUpdate, TypedSearchAttributes

from leadflow.engine.clock import iso, parse_iso
from leadflow.engine.decide import decide
from leadflow.engine.pipeline import Pipeline
from leadflow.engine.state import State
from workflows import names, steps
from workflows.shapes import Start

HASH_DIGITS = 12
KEYWORDS = (names.PIPELINE, names.STAGE, names.OWNER, names.OUTCOME, names.VERSION)


def details(pipeline: Pipeline, state: State) -> str:
    """Markdown for Temporal's own UI: where the lead stands and what is open."""
    stage = pipeline.stages.get(state.stage)
    lines = [f"Stage **{stage.title if stage else state.stage or '—'}** of *{pipeline.title}*"]
    if state.quarantined:
        lines.append(f"**Quarantined**: {state.quarantined}. Release with `leadflow lead release`.")
    if state.closed:
        lines.append(f"Closed: {state.closed}")
    lines += [
        f"Task `{task.id}` is open"
        + (f", due {task.due}" if task.due else "")
        + (", overdue" if task.overdue else "")
        for task in state.tasks.values()
        if task.status == "open"
    ]
    lines += [f"Way `{pending.ref}` waits for its gates" for pending in state.pending]
    if state.sleep:
        lines.append(f"Snoozed until {state.sleep.until}")
    if due := [deadline.due for deadline in state.deadlines.values() if deadline.due]:
        lines.append(f"Next deadline {min(due)}")
    return "\n\n".join(lines)


def attributes(pipeline: Pipeline, state: State, due: str) -> dict[str, str]:
    """What the search attributes should say now."""
    return {
        names.PIPELINE.name: pipeline.id,
        names.STAGE.name: state.stage,
        names.OWNER.name: state.owner,
        names.OUTCOME.name: state.closed,
        names.VERSION.name: pipeline.hash[:HASH_DIGITS],
        names.NEXT_DEADLINE.name: due,
    }


def beginning(pipeline: Pipeline, start: Start, now: datetime) -> TypedSearchAttributes:
    """What a run shows from its first instant: nothing of that costs an event."""
    state = start.state
    for event in start.events:
        state = decide(pipeline, state, event, now).state
    told = attributes(pipeline, state, steps.due(state))
    pairs = [each for each in updates({}, told) if each.value is not None]
    return TypedSearchAttributes([SearchAttributePair(each.key, each.value) for each in pairs])


def shown(attributes: TypedSearchAttributes) -> dict[str, str]:
    """What they say already: a run that goes on where another ended has its attributes."""
    due = attributes.get(names.NEXT_DEADLINE)
    keywords = {key.name: attributes.get(key) or "" for key in KEYWORDS}
    return keywords | {names.NEXT_DEADLINE.name: iso(due) if due else ""}


def updates(old: dict[str, str], new: dict[str, str]) -> list[SearchAttributeUpdate[Any]]:
    """The differences, as Temporal wants them; an empty one is taken away."""
    changed: list[SearchAttributeUpdate[Any]] = [
        key.value_set(new[key.name]) if new[key.name] else key.value_unset()
        for key in KEYWORDS
        if old.get(key.name, "") != new[key.name]
    ]
    due = new[names.NEXT_DEADLINE.name]
    if old.get(names.NEXT_DEADLINE.name, "") != due:
        changed.append(
            names.NEXT_DEADLINE.value_set(parse_iso(due))
            if due
            else names.NEXT_DEADLINE.value_unset()
        )
    return changed
