"""Gates, reactions and ways out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from msgspec.structs import asdict

from leadflow.engine import pipeline as ir
from leadflow.spec.compile.actions import actions
from leadflow.spec.compile.draft import DUPLICATE_ID, Draft, NameKind
from leadflow.spec.compile.people import by
from leadflow.spec.compile.values import assigns
from leadflow.spec.schema import ways as source
from leadflow.spec.schema.base import CONFLICT, Word

DECIDERS = ("owner", "supervisor", "admin")


def gates(draft: Draft, parts: Sequence[source.Gate], ref: str) -> tuple[ir.Gate, ...]:
    """``requires``."""
    return tuple(_gate(draft, part, f"{ref}/{index}") for index, part in enumerate(parts))


def _gate(draft: Draft, part: source.Gate, ref: str) -> ir.Gate:
    condition, pos = draft.condition(part.if_, ref), draft.node(ref, part.spot)
    if part.check is not None:
        check = draft.condition(part.check, ref, "check")
        return ir.Gate(
            id=str(part.id), check=check, say=str(part.say), condition=condition, pos=pos
        )
    if part.any:
        names = draft.name_all("field", part.any)
        return ir.Gate(id="|".join(names), fields=names, condition=condition, pos=pos)
    name = draft.name("gate", part.field or Word())
    if name in draft.items:
        return ir.Gate(id=name, item=name, condition=condition, pos=pos)
    return ir.Gate(id=name, fields=(name,), condition=condition, pos=pos)


def ticked(draft: Draft, checklist: dict[Word, Word], ref: str) -> tuple[ir.Gate, ...]:
    """A gate for every item of a checklist."""
    return tuple(
        ir.Gate(id=str(item), item=str(item), pos=draft.node(f"{ref}/{item}", item.spot))
        for item in checklist
    )


def trigger(draft: Draft, part: source.Triggered) -> ir.Trigger:
    """What sets a way in motion."""
    if part.task:
        names = draft.name_all("task", part.task)
        outcomes = draft.name_all("outcome", part.outcome, "|".join(names))
        return ir.Trigger(kind="task", names=names, outcomes=outcomes)
    if part.after is not None:
        return ir.Trigger(kind="after", after=part.after)
    if part.at is not None:
        return ir.Trigger(kind="at", at=draft.moment(part.at))
    named: tuple[tuple[ir.TriggerKind, NameKind, list[Word]], ...] = (
        ("signal", "signal", part.signal),
        ("sent", "sent", part.sent),
        ("changed", "field", part.changed),
    )
    for kind, meant, words in named:
        if words:
            return ir.Trigger(kind=kind, names=draft.name_all(meant, words))
    return ir.Trigger()


@contextmanager
def _hearing(draft: Draft, part: source.Triggered) -> Iterator[None]:
    """Inside, conditions and texts may name the data of the trigger's signals."""
    before = draft.signals
    draft.signals = tuple(map(str, part.signal)) or before
    yield
    draft.signals = before


def ways(draft: Draft, parts: Sequence[source.Exit], ref: str) -> list[ir.Exit]:
    """``exits``, in order."""
    _unique_ids(draft, parts)
    return [way(draft, part, f"{ref}/{part.id or index}") for index, part in enumerate(parts)]


def way(draft: Draft, part: source.Exit, ref: str) -> ir.Exit:
    """A way out: a reaction that leads somewhere."""
    with _hearing(draft, part):
        return ir.Exit(
            **asdict(_reaction(draft, part, ref)),
            goto=draft.stage(part.goto),
            requires=gates(draft, part.requires, f"{ref}/requires"),
            set=assigns(draft, part.set, ref),
        )


def way_at_end(draft: Draft, part: source.Exit, ref: str) -> ir.Exit:
    """The way out at the end of a stage feature, which sets it in motion itself."""
    for key in ("signal", "task", "sent", "changed", "after", "at", "label", "by"):
        if getattr(part, key):
            feature = ref.rpartition("/")[2]
            hint = "write it as one of the stage's exits"
            draft.problem(
                part.spot_of(key), CONFLICT, f"{feature} is a way out without {key}", hint
            )
    return way(draft, part, ref)


def reactions(draft: Draft, parts: Sequence[source.When], ref: str) -> list[ir.When]:
    """``when``, in order."""
    _unique_ids(draft, parts)
    return [_reaction(draft, part, f"{ref}/{part.id or index}") for index, part in enumerate(parts)]


def _reaction(draft: Draft, part: source.When | source.Exit, ref: str) -> ir.When:
    with _hearing(draft, part):
        return ir.When(
            ref=ref,
            id=str(part.id or ref),
            trigger=trigger(draft, part),
            condition=draft.condition(part.if_, ref),
            label=str(part.label or ""),
            by=by(draft, part.by, ref, DECIDERS),
            do=actions(draft, part.do, f"{ref}/do"),
            stages=_stages(draft, part),
            pos=draft.node(ref, part.spot),
        )


def _stages(draft: Draft, part: source.Triggered) -> tuple[str, ...]:
    if isinstance(part, source.AnyExit | source.AnyWhen):
        return draft.name_all("stage", part.stages)
    return ()


def _unique_ids(draft: Draft, parts: Sequence[source.Triggered]) -> None:
    seen: set[str] = set()
    for part in parts:
        if part.id is not None and part.id in seen:
            draft.problem(
                part.id.spot,
                DUPLICATE_ID,
                f"a second '{part.id}' in this list",
                "give it another id",
            )
        seen.add(str(part.id))
