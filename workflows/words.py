"""How a lead shows itself in Temporal: current details in words, search attributes as opaque ids."""

from __future__ import annotations

from typing import Any

from temporalio.common import SearchAttributePair, SearchAttributeUpdate, TypedSearchAttributes

from leadflow.engine.pipeline import Pipeline
from leadflow.engine.state import State
from workflows import names

HASH_DIGITS = 12


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


def attributes(pipeline: Pipeline) -> TypedSearchAttributes:
    """Which pipeline a lead follows, in which version. Where it stands, the board knows (docs/decisions/0016)."""
    hash_ = pipeline.hash[:HASH_DIGITS]
    pairs = [
        SearchAttributePair(names.PIPELINE, pipeline.id),
        SearchAttributePair(names.VERSION, hash_),
    ]
    return TypedSearchAttributes(pairs)


def updates(old: TypedSearchAttributes, pipeline: Pipeline) -> list[SearchAttributeUpdate[Any]]:
    """What has to be changed, as Temporal wants it."""
    new = attributes(pipeline)
    return [each.key.value_set(each.value) for each in new if old.get(each.key) != each.value]
