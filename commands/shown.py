"""How instants, values and the timeline read in a terminal."""

from __future__ import annotations

import re
from datetime import datetime

from leadflow.engine.clock import parse_iso, wall, zone
from leadflow.engine.decision import Note
from leadflow.engine.fields import Field, Value
from leadflow.engine.pipeline import Pipeline
from leadflow.engine.trial import Step
from leadflow.values import display

_LONGEST = 60
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
"""As `leadflow.engine.clock.iso` writes it."""


def at(instant: datetime | str | None, timezone: str) -> str:
    """``2026-11-25 14:00`` on the clock of the house; empty: never."""
    if not instant:
        return ""
    found = parse_iso(instant) if isinstance(instant, str) else instant
    return wall(found, zone(timezone)).strftime("%Y-%m-%d %H:%M")


def stands(pipeline: Pipeline, stage: str) -> str:
    """A stage by its id and title."""
    known = pipeline.stages.get(stage)
    return f"{stage} ({known.title})" if known and known.title != stage else stage or "not begun"


def value(field: Field, found: Value, pipeline: Pipeline, timezone: str) -> str:
    """A field's value as people read it."""
    return display(field, found, language=pipeline.language, timezone=timezone)


def typed(pipeline: Pipeline, field: str, found: Value) -> str:
    """A canonical value as it may be typed in a command."""
    known = pipeline.fields.get(field)
    if known is None or found is None:
        return ""
    if known.type == "flag":
        return "yes" if found else "no"
    shown = display(known, found, language=pipeline.language, timezone=pipeline.timezone)
    text = shown if isinstance(found, dict | list) and known.type != "choices" else found
    words = ",".join(map(str, text)) if isinstance(text, list) else str(text)
    return f'"{words}"' if " " in words else words


def note(found: Note, timezone: str) -> str:
    """A line of the timeline in words, instants on the clock of the house."""
    words = found.kind.replace("_", " ")
    told = {name: _told(name, part, timezone) for name, part in found.detail.items() if part}
    detail = ", ".join(f"{name} {_short(text)}" for name, text in told.items())
    return f"{words} {found.subject}".strip() + (f" ({detail})" if detail else "")


def _told(name: str, part: Value, timezone: str) -> str:
    if isinstance(part, str) and _INSTANT.fullmatch(part):
        return at(part, timezone)
    if isinstance(part, dict) and name != "created":  # of created records the kinds, not the ids
        return ", ".join(f"{key}={each}" for key, each in part.items())
    return ", ".join(map(str, part)) if isinstance(part, list | dict) else str(part)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def commands(number: int, steps: tuple[Step, ...], pipeline: Pipeline) -> list[str]:
    """What to type to take these steps; fields go with the decision that needs them."""
    fills = [
        f"{step.id}={typed(pipeline, step.id, step.value)}" for step in steps if step.do == "fill"
    ]
    acts = [step for step in steps if step.do in {"signal", "task", "press"}]
    ticks = [step.id for step in steps if step.do == "tick"]
    found = [f"leadflow lead tick {number} {' '.join(ticks)}"] if ticks else []
    with_act = bool(acts) and acts[0].do == "signal"
    if fills and not with_act:
        found.append(f"leadflow lead set {number} {' '.join(fills)}")
    waits = [step for step in steps if step.do == "wait"]
    rest = [step for step in steps if step.do in {"wake", "reopen", "result"}]
    carried = fills if with_act else []
    found += [_command(number, step, carried, pipeline) for step in (*waits, *acts)]
    return [*found, *(_command(number, step, [], pipeline) for step in rest)]


def _command(number: int, step: Step, fills: list[str], pipeline: Pipeline) -> str:
    match step.do:
        case "wait":
            return f"(time passes until {at(step.until, pipeline.timezone)})"
        case "result":
            return "(a message under way arrives)"
        case "signal":
            return " ".join([act(number, step.do, step.id), *fills])
        case _:
            return act(number, step.do, step.id, step.outcome)


def act(number: int, kind: str, name: str, outcome: str = "") -> str:
    """The command that takes an open action (`leadflow.engine.actions.OpenAction`), or an act that would help (`Step`)."""
    match kind:
        case "task":
            more = f" --outcome {outcome}" if outcome else ""
            return f"leadflow task done {number} {name}{more}"
        case "button" | "press":
            return f'leadflow task press {number} {name} "{outcome}"'
        case "reopen" | "wake":
            return f"leadflow lead {kind} {number}"
        case _:
            return f"leadflow lead {kind} {number} {name}"
