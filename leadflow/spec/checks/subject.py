"""What a check looks at: one compiled pipeline with what is known about it, and the project around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property

from leadflow.engine.expr import Path
from leadflow.engine.pipeline import CreateTask, Task
from leadflow.engine.tasks import CONVERT_FAILED, FAILED_TASK, SETTLE, SETTLE_TASK
from leadflow.spec.checks.filled import Certain
from leadflow.spec.checks.places import Act, acts, homes
from leadflow.spec.checks.ways import Graph
from leadflow.spec.checks.writes import Facts
from leadflow.spec.compile.draft import View
from leadflow.spec.compile.pipeline import Compiled
from leadflow.spec.conditions.names import Name, NameTable, Vocabulary, names_of
from leadflow.spec.loader import Document
from leadflow.spec.positions import NodePath
from leadflow.spec.problems import has_errors
from leadflow.spec.project import Project
from leadflow.spec.scalars import Data
from leadflow.spec.schema.base import Spot

BUILT_IN_TASKS: Mapping[str, Task] = {SETTLE: SETTLE_TASK, CONVERT_FAILED: FAILED_TASK}


class Subject:
    """One pipeline under check."""

    def __init__(self, compiled: Compiled, project: Project) -> None:
        self.compiled = compiled
        self.project = project
        self.pipeline = compiled.pipeline
        self.view: View = compiled.view

    # ---- settings

    @cached_property
    def settled(self) -> bool:
        """Whether there are settings that could be read: only then it is known who works here."""
        broken = has_errors(p for p in self.project.problems if p.path == self.project.settings)
        return bool(self.project.settings) and not broken

    # ---- names

    @cached_property
    def tasks(self) -> dict[str, Task]:
        """The tasks, those among them that the program itself opens."""
        return {**BUILT_IN_TASKS, **self.pipeline.tasks}

    @cached_property
    def items(self) -> frozenset[str]:
        """All checklist items."""
        return frozenset(
            item for stage in self.pipeline.stages.values() for item in stage.checklist
        )

    @cached_property
    def names(self) -> NameTable:
        """What conditions can name."""
        installation, pipeline = self.project.installation, self.pipeline
        users = {user.id: user.name for user in installation.users.values()} if self.settled else {}
        return names_of(
            Vocabulary(
                kind=pipeline.kind,
                fields=pipeline.fields.values(),
                stages={stage.id: stage.title for stage in pipeline.stages.values()},
                tasks={task.id: task.outcomes for task in self.tasks.values()},
                tracks=[track.id for stage in pipeline.stages.values() for track in stage.tracks],
                documents=pipeline.documents,
                sources=pipeline.sources,
                users=users,
            )
        )

    @cached_property
    def printed(self) -> NameTable:
        """What texts can name: of the owner his name and addresses too."""
        parts = {"name": Name("text"), "email": Name("email"), "phone": Name("phone")}
        owner: dict[Path, Name] = {("owner", part): name for part, name in parts.items()}
        owner |= {(self.pipeline.kind, *path): name for path, name in owner.items()}
        return {**self.names, **owner}

    def names_where(self, facts: Facts) -> NameTable:
        """What conditions can name where these fields are filled."""
        if facts not in self._names_where:
            kind = self.pipeline.kind
            paths: Iterable[Path] = ((kind, name) for name in facts)
            filled = {
                path: replace(self.names[path], filled=True) for path in paths if path in self.names
            }
            self._names_where[facts] = {**self.names, **filled}
        return self._names_where[facts]

    @cached_property
    def _names_where(self) -> dict[Facts, NameTable]:
        return {}

    @cached_property
    def signals(self) -> Mapping[str, bool]:
        """The signals that ways and reactions take; whether any of these has a label."""
        found: dict[str, bool] = {}
        for way, _ in self.graph.heard:
            if way.trigger.kind == "signal":
                for name in way.trigger.names:
                    found[name] = bool(way.label) or found.get(name, False)
        return found

    # ---- flow

    @cached_property
    def graph(self) -> Graph:
        """The stages and the ways between them."""
        return Graph(self.pipeline)

    @cached_property
    def reachable(self) -> frozenset[str]:
        """The stages that a lead can come to."""
        return self.graph.reached(self.graph.start) if self.graph.start else frozenset()

    @cached_property
    def acts(self) -> tuple[Act, ...]:
        """All actions, each with where it stands."""
        return tuple(acts(self.graph))

    @cached_property
    def creating(self) -> Mapping[str, list[Act]]:
        """Task → the actions that create it; its own return after an attempt aside."""
        found: dict[str, list[Act]] = {}
        for act in self.acts:
            if isinstance(act.action.do, CreateTask) and not act.again:
                found.setdefault(act.action.do.task, []).append(act)
        return found

    @cached_property
    def homes(self) -> Mapping[str, frozenset[str]]:
        """Task → the stages in which it can be open."""
        return homes(self.graph, self.acts)

    @cached_property
    def certain(self) -> Certain:
        """What is surely filled where."""
        return Certain(self.graph, self.acts, self.homes)

    @cached_property
    def refs(self) -> Mapping[str, Facts | None]:
        """Ref of a node → what is filled where it stands; ``None``: no lead comes there."""
        found: dict[str, Facts | None] = {}
        for name in self.pipeline.stages:
            found[name] = self.certain.staying(name)
            for key in ("convert", "enter_requires"):
                found[f"{name}/{key}"] = self.certain.entered(name)
        for way, stages in self.graph.heard:
            found[way.ref] = self.certain.common(stages)
        for task in self.pipeline.tasks:
            found[f"task.{task}"] = self.certain.with_task(task)
        found |= {act.action.ref: self.certain.at(act) for act in self.acts}
        return found

    # ---- places

    def spot(self, ref: str, *keys: str | int, key: bool = False) -> Spot:
        """Where a node stands, or what hangs below it on these keys.

        Args:
            ref: the node's (`leadflow.spec.compile.draft.View.spots`).
            keys: the way down from it.
            key: the last key itself, not its value.
        """
        spot = self.view.spots[ref]
        return below(spot, keys, key=key) if keys or key else spot

    def line(self, ref: str, seen_from: str) -> str:
        """The line where a node stands, with its file if that is another one than that of the second node."""
        spot = self.view.spots[ref]
        here = spot.source.path == self.view.spots[seen_from].source.path
        return (
            f"line {spot.position().line}" if here else f"{spot.source.path}:{spot.position().line}"
        )

    def given(self, ref: str, key: str) -> Data:
        """What is written at a key of a node's map; ``None``: nothing."""
        spot = self.view.spots.get(ref)
        if spot is None or not isinstance(spot.source, Document):
            return None
        return spot.source.get((*spot.path, key))


def below(spot: Spot, keys: NodePath, *, key: bool = False) -> Spot:
    """Where something below a spot stands."""
    return Spot(spot.source, (*spot.path, *keys), key=key)


def written(spot: Spot) -> str:
    """The text that stands at a spot, as written; empty where there is none."""
    text = spot.source.get(spot.path) if isinstance(spot.source, Document) else None
    return text if isinstance(text, str) else ""
