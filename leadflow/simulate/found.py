"""What a scenario finds: each key of ``expect`` as the lead's state has it, in the words of the scenario."""

from __future__ import annotations

from collections.abc import Iterable

from leadflow.engine.convert import pick
from leadflow.engine.decision import Refusal
from leadflow.engine.draft import Draft
from leadflow.engine.exits import of_pending
from leadflow.engine.gates import gates, missing
from leadflow.engine.pipeline import CreateTask, Send
from leadflow.engine.refs import index
from leadflow.engine.sends import subject
from leadflow.engine.state import Deadline, Pending
from leadflow.engine.tasks import open_tasks
from leadflow.engine.write import assign
from leadflow.simulate.story import Story
from leadflow.simulate.words import clock
from leadflow.simulate.world import Life

NOTHING, NOBODY = "nothing", "nobody"


def shown(life: Life, at: str) -> str:
    """An instant on the pipeline's clock; ``nothing`` for none."""
    return clock(at, life.pipeline.timezone) if at else NOTHING


def tracks(life: Life) -> dict[str, str]:
    """Track → its stage by the short id."""
    return {track: run.stage.partition(".")[2] for track, run in life.state.tracks.items()}


def track_ends(life: Life) -> dict[str, str]:
    """Tracks that have ended → ``done`` or ``failed``."""
    words = {"success": "done", "failure": "failed"}
    return {track: words[run.done] for track, run in life.state.tracks.items() if run.done}


def tasks_open(life: Life) -> list[str]:
    """Ids, in the order they came."""
    return [run.id for run in open_tasks(life.state)]


def overdue(life: Life) -> list[str]:
    """Open tasks whose due date has passed."""
    return [run.id for run in open_tasks(life.state) if run.overdue]


def waiting_for(life: Life) -> list[str]:
    """Ids of the gates that hanging exits wait for."""
    return list(dict.fromkeys(refusal.id for refusal in lacking(life)))


def lacking(life: Life) -> list[Refusal]:
    """What keeps hanging exits from going."""
    d = Draft(life.pipeline, life.state, life.world.now)
    return [refusal for one in life.state.pending for refusal in _lacking(d, one)]


def _lacking(d: Draft, one: Pending) -> Iterable[Refusal]:
    way = d.index.exit(one.ref)
    fields = d.s.fields.copy()
    assign(d, way.set)
    conversion = pick(d, way, of_pending(one))
    found = (
        [conversion] if isinstance(conversion, Refusal) else missing(d, gates(d, way, conversion))
    )
    d.s.fields = fields
    return found


def upcoming(life: Life) -> tuple[str, list[str]]:
    """The nearest deadline: its instant (UTC, empty for none) and the names it goes by."""
    armed = [one for one in life.state.deadlines.values() if one.due]
    first = min((one.due for one in armed), default="")
    return first, [name for one in armed if one.due == first for name in _called(life, one)]


def _called(life: Life, one: Deadline) -> list[str]:
    """What people may call a deadline: its message or task, the stage an exit leads to, its kind."""
    nodes = index(life.pipeline)
    names = [one.kind if one.kind != "due" else one.ref, one.ref]
    actions = [nodes.actions[one.ref]] if one.ref in nodes.actions else []
    if one.ref in nodes.exits:
        names += [nodes.exits[one.ref].goto, nodes.exits[one.ref].id]
    if one.ref in nodes.whens:
        names.append(nodes.whens[one.ref].id)
        actions += nodes.whens[one.ref].do
    if one.ref in nodes.steps:
        step = nodes.steps[one.ref]
        names.append(step.node)
        actions += [a for a in (step.action, *(v.action for v in step.variants)) if a]
    for action in actions:
        names.append(action.node)
        names += [subject(action.do, action)] if isinstance(action.do, Send) else []
        names += [action.do.task] if isinstance(action.do, CreateTask) else []
    return list(dict.fromkeys(names))


def watchers(life: Life) -> tuple[list[str], list[str]]:
    """Who watches: as the pipeline names them, and the users that this means."""
    names = list(life.state.watchers)
    return names, life.world.staff.named(names, life.roles)


def snoozed(life: Life) -> str:
    """UTC instant until which the lead sleeps; empty if it does not."""
    return life.state.sleep.until if life.state.sleep is not None else ""


def pinned(life: Life) -> tuple[str, str]:
    """The comment as it reads, and the template it was made of."""
    if not life.state.pinned:
        return "", ""
    nodes = index(life.pipeline).actions.values()
    node = life.state.pinned.rpartition("/")[0].rpartition("/")[2]
    named = (getattr(action.do, "text", None) for action in nodes if action.node == node)
    return life.pinned, next((text.template for text in named if text is not None), "")


def funnel(lives: Iterable[Life], story: Story) -> dict[str, int]:
    """Level → leads that have reached it."""
    reached: dict[str, int] = {}
    for life in lives:
        stages = life.pipeline.stages
        entered = (stages[name] for name in story.entered.get(life.name, ()) if name in stages)
        for level in dict.fromkeys(stage.funnel for stage in entered if not stage.track):
            reached[level] = reached.get(level, 0) + 1
    return reached


def due(life: Life, task: str) -> str:
    """UTC instant by which an open task is to be done; empty for none."""
    run = life.state.tasks.get(task)
    return run.due if run is not None and run.status == "open" else ""
