"""What is certain where an action stands: fields that cannot be empty there, and that the client has opted out.

A data flow over the stages: what holds on every way into a stage holds in it. Fields are taken to stay filled unless an
action of the pipeline clears them; what people empty by hand in between is not foreseen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from leadflow.engine.expr import And, Compare, Expr, In, Not, Or, Ref, Test
from leadflow.engine.pipeline import (
    Exit,
    Gate,
    Send,
    SetFields,
    When,
)
from leadflow.spec.checks.places import Act
from leadflow.spec.checks.ways import BY_HAND, Graph, Way
from leadflow.spec.checks.writes import Facts, assigned, fills, set_by

OPTED_OUT = "!opted_out"
"""Stands among the filled fields where the client has unsubscribed or complained; no field's id."""
OPT_OUTS = frozenset({"unsubscribed", "complained"})


class Certain:
    """What is certain in a pipeline; ``None`` instead of facts means: no lead ever comes here."""

    def __init__(
        self, graph: Graph, acts: Sequence[Act], homes: Mapping[str, frozenset[str]]
    ) -> None:
        self._graph = graph
        self._homes = homes
        self.cleared = frozenset(
            assign.field
            for act in acts
            if isinstance(act.action.do, SetFields)
            for assign in act.action.do.assigns
            if not fills(assign)
        )
        """Fields that an action of the pipeline empties."""
        self._on_enter: dict[str, Facts] = {
            name: frozenset().union(*map(set_by, stage.on_enter))
            for name, stage in graph.stages.items()
        }
        self._entered: dict[str, Facts | None] = dict.fromkeys((*graph.stages, BY_HAND))
        self._flow()

    def entered(self, stage: str) -> Facts | None:
        """Right after a stage's gates, before anything is done in it."""
        return self._entered.get(stage)

    def staying(self, stage: str) -> Facts | None:
        """In a stage, after its `on_enter`."""
        facts = self._entered.get(stage)
        return None if facts is None else facts | self._on_enter[stage]

    def trying(self, way: Way) -> Facts | None:
        """When an exit is chosen, its `set` written and its gates still before it."""
        facts = self.staying(way.source)
        return None if facts is None else facts | heard(way.exit) | assigned(way.exit.set)

    def taking(self, way: Way) -> Facts | None:
        """When an exit is taken, its gates behind it."""
        facts = self.trying(way)
        if facts is None:
            return None
        target = self._graph.stages[way.target]
        left = () if target.always else self._graph.stages[way.source].leave
        return facts | asked((*left, *way.exit.requires, *target.enter))

    def at(self, act: Act) -> Facts | None:
        """When an action is done, its own `if` not counted."""
        facts = self._around(act)
        return None if facts is None else facts | act.before

    def _around(self, act: Act) -> Facts | None:
        match act.kind:
            case "enter":
                return self._common(self._entered.get(stage) for stage in act.stages)
            case "exit" if act.way:
                ways = (Way(act.way, stage, act.way.goto) for stage in act.stages)
                known = (way for way in ways if way.target in self._graph.stages)
                return self._common(self.taking(way) for way in known)
            case "button" | "overdue":
                return self.with_task(act.task)
            case _:
                facts = self.common(act.stages)
                if facts is None:
                    return None
                step = frozenset({act.step.at.field}) if act.step and act.step.at else frozenset()
                return facts | (heard(act.when) if act.when else frozenset()) | step

    def with_task(self, task: str) -> Facts | None:
        """While a task is open."""
        return self.common(self._homes.get(task, ()))

    def common(self, stages: Iterable[str]) -> Facts | None:
        """In whichever of the stages."""
        return self._common(self.staying(stage) for stage in stages)

    def _common(self, found: Iterable[Facts | None]) -> Facts | None:
        reached = [facts for facts in found if facts is not None]
        return frozenset.intersection(*reached) if reached else None

    def _flow(self) -> None:
        graph = self._graph
        if not graph.start:
            return
        defaults = (
            field.id for field in graph.pipeline.fields.values() if field.default is not None
        )
        pending = {graph.start: frozenset(defaults)}
        while pending:
            stage, facts = pending.popitem()
            facts -= self.cleared
            known = self._entered[stage]
            common = facts if known is None else known & facts
            if common != known:
                self._entered[stage] = common
                for target, brought in self._onwards(stage):
                    pending[target] = brought & pending.get(target, brought)

    def _onwards(self, name: str) -> Iterator[tuple[str, Facts]]:
        """The stages that can come next, with what is certain on the way there."""
        graph = self._graph
        if name == BY_HAND:
            facts = self._entered[name] or frozenset()
            yield from ((one, facts | asked(graph.stages[one].enter)) for one in graph.always)
            return
        stage, facts = graph.stages[name], self.staying(name) or frozenset()
        if stage.final:
            yield from ((back, facts) for back in [stage.reopen] if back in graph.stages)
            return
        for way in graph.ways[name]:
            yield way.target, self.taking(way) or frozenset()
        if not stage.track:
            yield BY_HAND, facts
        yield from ((track.stages[0], facts) for track in stage.tracks)


def heard(way: Exit | When) -> Facts:
    """What is certain once a way has been set in motion and its `if` holds."""
    trigger = way.trigger
    found = holding(way.condition) if way.condition else frozenset()
    if trigger.at and trigger.at.field:
        found |= {trigger.at.field}
    if trigger.kind == "signal" and OPT_OUTS.issuperset(trigger.names):
        found |= {OPTED_OUT}
    return found


def asked(gates: Iterable[Gate]) -> Facts:
    """What gates that hold make certain."""
    found: set[str] = set()
    for gate in gates:
        if gate.condition is None:
            found.update(gate.fields if len(gate.fields) == 1 else ())
            found.update(holding(gate.check) if gate.check else ())
    return frozenset(found)


def needed(send: Send) -> Facts:
    """What is filled if a message goes at all: its address."""
    return frozenset({send.to})


def holding(expr: Expr, *, holds: bool = True) -> Facts:
    """The fields that are surely filled when a condition holds, or when it does not."""
    match expr:
        case Not(part=part):
            return holding(part, holds=not holds)
        case And(parts=parts) | Or(parts=parts):
            found = [holding(part, holds=holds) for part in parts]
            both = isinstance(expr, And) == holds
            return frozenset().union(*found) if both else frozenset.intersection(*found)
        case _:
            return _named(*_filled_parts(expr, holds=holds))


def _filled_parts(expr: Expr, *, holds: bool) -> tuple[Expr, ...]:
    """The parts of a comparison or test that cannot be empty then."""
    match expr:
        case Test(name=name, subject=subject) if (name != "empty") == holds:
            return (subject,)
        case Compare(op=op, left=left, right=right) if (op != "!=") == holds:
            return (left, right)
        case In(item=item, among=among) if holds:
            return (item, among)
        case Ref() if holds:
            return (expr,)
        case _:
            return ()


def _named(*exprs: Expr) -> Facts:
    paths = (expr.path for expr in exprs if isinstance(expr, Ref))
    return frozenset(path[1] for path in paths if path[0] in {"lead", "deal"} and len(path) > 1)
