"""The pipeline as a graph: its ways in words, and Mermaid text (`leadflow graph`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from leadflow.engine.durations import format_duration
from leadflow.engine.expr import text
from leadflow.engine.moments import Moment
from leadflow.engine.pipeline import Exit, Pipeline, Stage, Trigger

ANYWHERE = "*"
"""Where the ways of the pipeline itself begin: every open stage."""
_LONGEST = 60

_TRIED = re.compile(r"task\.\w+\.count >= ([0-9]+)(?: and )?")
"""How the way after the last of several attempts begins its condition (`leadflow.spec.compile.lower`)."""

Mood = Literal["person", "time", "by itself"]
"""What sets a way in motion: people (and the world), the clock, or a condition."""


class Way(NamedTuple):
    """A line of the graph."""

    source: str
    """A stage's id, or `ANYWHERE`."""
    target: str
    label: str
    mood: Mood


def ways(pipeline: Pipeline) -> list[Way]:
    """All ways of a pipeline, in the order of the file; a stage that is reachable from everywhere last."""
    found = [way for stage in pipeline.stages.values() for way in _of_stage(pipeline, stage)]
    for exit_ in pipeline.exits:
        sources = exit_.stages or (ANYWHERE,)
        found += [_way(pipeline, source, exit_) for source in sources]
    found += [
        Way(ANYWHERE, stage.id, "by hand", "person")
        for stage in pipeline.stages.values()
        if stage.always
    ]
    return [way for way in found if way.target in pipeline.stages]


def _of_stage(pipeline: Pipeline, stage: Stage) -> Iterator[Way]:
    for exit_ in stage.exits:
        yield _way(pipeline, stage.id, exit_)
    for program in stage.programs:
        if program.finished:
            yield Way(stage.id, program.finished.goto, "sequence over", "time")
    if stage.reopen:
        yield Way(stage.id, stage.reopen, "reopened", "person")


def _way(pipeline: Pipeline, source: str, exit_: Exit) -> Way:
    moods: dict[str, Mood] = {
        "after": "time",
        "at": "time",
        "auto": "by itself",
        "changed": "by itself",
    }
    return Way(source, exit_.goto, _label(pipeline, exit_), moods.get(exit_.trigger.kind, "person"))


def _label(pipeline: Pipeline, exit_: Exit) -> str:
    condition = text(exit_.condition) if exit_.condition is not None else ""
    what = exit_.label or _trigger(pipeline, exit_.trigger)
    tried = _TRIED.match(condition)
    if tried:
        what, condition = f"{what} × {tried[1]}", condition[tried.end() :]
    whole = f"{what}, if {condition}" if what and condition else what or condition or "at once"
    return whole if len(whole) <= _LONGEST else f"{whole[: _LONGEST - 1]}…"


def _trigger(pipeline: Pipeline, trigger: Trigger) -> str:
    names = " / ".join(trigger.names)
    if trigger.kind == "task":
        labels = {
            key: said
            for name in trigger.names
            if name in pipeline.tasks
            for key, said in pipeline.tasks[name].outcomes.items()
        }
        outcomes = " / ".join(labels.get(outcome, outcome) for outcome in trigger.outcomes)
        return f"{names}: {outcomes}" if outcomes else f"{names} done"
    if trigger.after is not None:
        return f"after {format_duration(trigger.after)}"
    if trigger.at is not None:
        return f"at {moment_text(trigger.at)}"
    return {"sent": f"{names} sent", "changed": f"{names} changed"}.get(trigger.kind, names)


def moment_text(moment: Moment) -> str:
    """A moment as it is written: ``3 days before visit_at at 10:00``."""
    words = [format_duration(moment.offset)] if moment.offset else []
    if moment.offset and moment.field:
        words.append("before" if moment.before else "after")
    words += [moment.field] if moment.field else []
    if moment.clock is not None:
        words.append(f"at {moment.clock // 60:02}:{moment.clock % 60:02}")
    return " ".join(words)


def graph(pipeline: Pipeline) -> str:
    """Mermaid text: stages, ways with their labels, tracks as subgraphs, final stages in their colours."""
    lines = ["flowchart TD"]
    main = [stage for stage in pipeline.stages.values() if not stage.track]
    for stage in main:
        lines += _node(pipeline, stage, "  ")
    found = ways(pipeline)
    if any(way.source == ANYWHERE for way in found):
        lines.append('  anywhere{{"any open stage"}}')
    lines += [f"  {_id(way.source)} {_arrow(way)} {_id(way.target)}" for way in found]
    for final in ("success", "failure"):
        ids = ",".join(_id(stage.id) for stage in pipeline.stages.values() if stage.final == final)
        lines += [f"  class {ids} {final}"] if ids else []
    lines += [
        "  classDef success fill:#dcfce7,stroke:#16a34a,color:#14532d",
        "  classDef failure fill:#fee2e2,stroke:#dc2626,color:#7f1d1d",
    ]
    return "\n".join(lines) + "\n"


def _node(pipeline: Pipeline, stage: Stage, indent: str) -> Sequence[str]:
    title = _quoted(stage.title)
    if not stage.tracks:
        shape = f"([{title}])" if stage.final else f"[{title}]"
        return [f"{indent}{_id(stage.id)}{shape}"]
    lines = [f"{indent}subgraph {_id(stage.id)}[{title}]"]
    for track in stage.tracks:
        lines.append(f"{indent}  subgraph {_id(track.id, 't')}[{_quoted(track.title)}]")
        for inner in track.stages:
            lines += _node(pipeline, pipeline.stages[inner], f"{indent}    ")
        lines.append(f"{indent}  end")
    return [*lines, f"{indent}end"]


def _arrow(way: Way) -> str:
    label = _quoted(way.label)
    if way.source == ANYWHERE:
        return f"-.->|{label}|"
    return f"-->|{label}|" if way.mood == "person" else f"-.->|{label}|"


def _id(stage: str, kind: str = "s") -> str:
    return "anywhere" if stage == ANYWHERE else f"{kind}_{stage.replace('.', '__')}"


def _quoted(said: str) -> str:
    """A label that Mermaid reads as text, whatever is in it."""
    for letter, entity in (("#", "#35;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;")):
        said = said.replace(letter, entity)
    return '"' + " ".join(said.split()) + '"'
