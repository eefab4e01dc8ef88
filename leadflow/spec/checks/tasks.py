"""Tasks: outcomes that lead nowhere, tasks that cannot be open where they are waited for (LF305, LF309, LF315)."""

from __future__ import annotations

from collections.abc import Iterator

from leadflow.engine.pipeline import Exit, FinishTask, Stage, Task, Trigger, When
from leadflow.spec.checks.places import Act
from leadflow.spec.checks.subject import BUILT_IN_TASKS, Subject
from leadflow.spec.problems import Problem


def check(subject: Subject) -> Iterator[Problem]:
    """The tasks of all stages."""
    made = _made_in(subject)
    for stage in subject.pipeline.stages.values():
        for task in made.get(stage.id, ()):
            outcomes = (one for one in task.outcomes or ("",) if _stuck(subject, stage, task, one))
            yield from (_leads_nowhere(subject, stage, task, one) for one in outcomes)
    for way, stages in subject.graph.heard:
        yield from _waited_for(subject, way, {subject.graph.whole(stage) for stage in stages})
    for act in subject.acts:
        if isinstance(act.action.do, FinishTask):
            yield from _finished(subject, act, act.action.do)


# ---- outcomes


def _made_in(subject: Subject) -> dict[str, list[Task]]:
    """Stage → the tasks that it creates itself."""
    made: dict[str, list[Task]] = {}
    for name, found in subject.creating.items():
        task = subject.pipeline.tasks.get(name)
        own = (act for act in found if act.kind in {"enter", "when", "step"} and not act.wide)
        for stage in dict.fromkeys(act.stages[0] for act in own):
            made.setdefault(stage, []).extend([task] if task else [])
    return made


def _stuck(subject: Subject, stage: Stage, task: Task, outcome: str) -> bool:
    """Whether nothing can follow once the task has ended like this."""
    graph = subject.graph
    ways = [way.exit for way in graph.ways[stage.id]]
    whens = [
        *stage.whens,
        *(when for when in subject.pipeline.whens if stage.id in graph.standing(when)),
    ]
    if stage.track:
        around = graph.stages[stage.parent]
        ways += [way.exit for way in graph.ways[around.id] if way.exit.trigger.kind != "auto"]
        whens += around.whens
    if not ways or any(_takes(when.trigger, task, outcome) for when in whens):
        return False
    return not any(_alive(subject, stage, way, task, outcome) for way in ways)


def _takes(trigger: Trigger, task: Task, outcome: str) -> bool:
    named = trigger.kind == "task" and task.id in trigger.names
    return named and (not trigger.outcomes or outcome in trigger.outcomes)


def _alive(subject: Subject, stage: Stage, way: Exit, task: Task, outcome: str) -> bool:
    """Whether an exit can still go."""
    if way.trigger.kind != "task" or _takes(way.trigger, task, outcome):
        return True
    others = (name for name in way.trigger.names if name != task.id)
    return any(_comes_without(subject, stage, name, task, outcome) for name in others)


def _comes_without(subject: Subject, stage: Stage, name: str, task: Task, outcome: str) -> bool:
    """Whether another task can be open then: something creates it that the outcome does not shut out."""
    if subject.graph.whole(stage.id) not in subject.homes.get(name, ()):
        return False
    ended = _follows_only(subject, task, name)
    for act in subject.creating.get(name, ()):
        trigger = act.when.trigger if act.when else None
        if trigger is None or trigger.kind != "task":
            if not (ended and act.kind == "enter"):
                return True
        elif _takes(trigger, task, outcome) or set(trigger.names) != {task.id}:
            return True
    return False


def _follows_only(subject: Subject, task: Task, name: str) -> bool:
    """Whether a task comes only once another one is done."""
    triggers = [act.when.trigger if act.when else None for act in subject.creating.get(task.id, ())]
    return all(each is not None and each.names == (name,) for each in triggers)


def _leads_nowhere(subject: Subject, stage: Stage, task: Task, outcome: str) -> Problem:
    where = f"stage '{stage.id}'"
    if outcome:
        spot = subject.spot(f"task.{task.id}", "outcomes", outcome, key=True)
        message = f"after '{outcome}' of task '{task.id}' nothing can move the lead out of {where}"
        hint = f"add an exit: {{task: {task.id}, outcome: {outcome}, goto: …}}, or attempts"
    else:
        spot = subject.spot(f"task.{task.id}")
        message = f"once task '{task.id}' is done nothing can move the lead out of {where}"
        hint = f"add an exit: {{task: {task.id}, goto: …}}"
    return spot.problem("LF305", message, hint)


# ---- tasks that cannot be open


def _waited_for(subject: Subject, way: Exit | When, stages: set[str]) -> Iterator[Problem]:
    if way.trigger.kind != "task":
        return
    attempts = "/attempts/" in way.ref
    if attempts and not way.ref.endswith(("/exhausted", "/when/1")):
        return
    for index, name in enumerate(way.trigger.names):
        if _openable(subject, name, stages):
            continue
        if attempts:
            ref = way.ref[: way.ref.index("/attempts/")] + "/attempts"
            message = f"the stage does not create the task '{name}'"
            hint = f"create it in the stage: on_enter: [{{create_task: {name}}}]"
            yield subject.spot(ref, "task").problem("LF309", message, hint)
            return
        message = f"the task '{name}' cannot be open here"
        hint = _created_where(subject, name)
        several = isinstance(subject.given(way.ref, "task"), list)
        keys = ("task", index) if several else ("task",)
        yield subject.spot(way.ref, *keys).problem("LF315", message, hint)


def _finished(subject: Subject, act: Act, do: FinishTask) -> Iterator[Problem]:
    graph = subject.graph
    stages = {graph.whole(stage) for stage in act.stages}
    if act.task:
        stages |= subject.homes.get(act.task, frozenset())
    if act.way and act.way.goto in graph.stages:
        stages.add(graph.whole(act.way.goto))
    if act.kind == "leave":
        stages |= {graph.whole(way.target) for stage in act.stages for way in graph.ways[stage]}
    if not _openable(subject, do.task, stages):
        message = f"the task '{do.task}' cannot be open here"
        verb = "cancel_task" if do.cancel else "complete_task"
        where = subject.spot(act.action.ref, verb)
        yield where.problem("LF315", message, _created_where(subject, do.task))


def _openable(subject: Subject, name: str, stages: set[str]) -> bool:
    """Whether a task can be open in one of the stages; of an unknown one that is told as such."""
    if name in BUILT_IN_TASKS or name not in subject.homes:
        return True
    return not stages.isdisjoint(subject.homes[name])


def _created_where(subject: Subject, name: str) -> str:
    stages = ", ".join(f"'{stage}'" for stage in sorted(subject.homes[name]))
    return (
        f"it is open only in {stages}: a task ends with the stage's visit, unless it has keep: true"
    )
