"""Fields, documents, tasks and stages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from leadflow.engine import pipeline as ir
from leadflow.engine.fields import Field, FieldType
from leadflow.spec.compile.actions import actions, carried
from leadflow.spec.compile.draft import DUPLICATE_ID, TAKEN, Draft
from leadflow.spec.compile.lower import Tries, overdue, sequence, sla, tries
from leadflow.spec.compile.people import ROLES, assignee, by
from leadflow.spec.compile.text import text, text_or_template
from leadflow.spec.compile.values import literal
from leadflow.spec.compile.ways import gates, reactions, ticked, ways
from leadflow.spec.positions import Position
from leadflow.spec.schema import fields as fields_of_schema, stages as source
from leadflow.spec.schema.actions import Task
from leadflow.spec.schema.base import Word

ITEM_IS_FIELD = "LF222"

_RENAME = "give the field another id; its label is free"

BUILT_IN = frozenset(
    {
        "id", "number", "title", "source", "channel", "form", "call", "created", "creator", "owner", "stage",
        "visits", "language", "timezone", "consent", "paid", "unpaid",
    }
)  # fmt: skip
"""Ids that conditions and texts know without a declaration."""

_PERSONAL = frozenset({"person", "phone", "email", "address"})
_GOES_TO: Mapping[FieldType, tuple[str, ...]] = {
    "person": ("contact",),
    "phone": ("contact",),
    "email": ("contact",),
    "address": ("company",),
    "inn": ("company",),
    "url": ("company",),
}
"""Where conversion copies a field that says nothing itself; all else goes to the deal."""


def fields(draft: Draft) -> None:
    """Compiles the fields into ``draft.fields``: everything else needs their types."""
    for word, part in draft.model.fields.items():
        if word in BUILT_IN:
            draft.problem(
                word.spot, TAKEN, f"every {draft.model.kind} has '{word}' already", _RENAME
            )
        field = Field(
            id=str(word),
            type=part.type,
            label=str(part.label or word),
            options={str(option): str(label) for option, label in (part.options or {}).items()},
            currency=_currency(draft, part),
            pii=part.type in _PERSONAL if part.pii is None else part.pii,
            many=part.many,
            goes_to=tuple(part.goes_to) if part.goes_to else _GOES_TO.get(part.type, ("deal",)),
            fills={draft.name("field", ours): attribute for ours, attribute in part.fills.items()},
            pos=draft.node(f"field.{word}", word.spot),
        )
        if part.default is not None:
            field = msgspec.structs.replace(field, default=literal(draft, field, part.default))
        elif part.type == "flag":
            field = msgspec.structs.replace(field, default=False)
        draft.fields[field.id] = field


def _currency(draft: Draft, part: fields_of_schema.Field) -> str:
    if part.type != "money":
        return ""
    return str(part.currency or draft.installation.currency)


def checklists(draft: Draft) -> None:
    """Gathers all checklist items: gates need to know a field from an item."""
    for stage in _all_stages(draft.model.stages):
        for word, said in (*stage.enter_checklist.items(), *stage.checklist.items()):
            _item(draft, word, said)


def _item(draft: Draft, word: Word, said: Word) -> None:
    if word in draft.fields:
        hint = "fields and checklist items share their names: rename one"
        draft.problem(word.spot, ITEM_IS_FIELD, f"'{word}' is a field already", hint)
    elif word in draft.items:
        hint = f"to ask for the same tick again write requires: [{word}]"
        draft.problem(word.spot, DUPLICATE_ID, f"a second checklist item '{word}'", hint)
    draft.items.setdefault(str(word), str(said))


def _all_stages(stages: Mapping[Word, source.Stage]) -> Iterator[source.Stage]:
    for stage in stages.values():
        yield stage
        for track in stage.tracks.values():
            yield from track.stages.values()


def stages(
    draft: Draft, parts: Mapping[Word, source.Stage], parent: str = ""
) -> Iterator[ir.Stage]:
    """Stages in order, those of tracks after the stage they belong to."""
    for word, part in parts.items():
        stage = _stage(draft, word, part, parent)
        yield stage
        for name, track in part.tracks.items():
            if f"track.{name}" in draft.view.spots:
                draft.problem(
                    name.spot, DUPLICATE_ID, f"a second track '{name}'", "give it another id"
                )
            draft.node(f"track.{name}", name.spot)
            draft.track = str(name)
            yield from stages(draft, track.stages, stage.id)
            draft.track = ""


def _stage(draft: Draft, word: Word, part: source.Stage, parent: str) -> ir.Stage:
    name = f"{draft.track}.{word}" if draft.track else str(word)
    title = str(part.title or word)
    again = tries(draft, part.attempts, name) if part.attempts else Tries([], [], [])
    whens = reactions(draft, part.when, f"{name}/when")
    exits = ways(draft, part.exits, f"{name}/exits")
    programs = list(again.programs)
    if part.sequence:
        programs.append(sequence(draft, part.sequence, name))
    if part.sla:
        programs.append(sla(draft, part.sla, name))
    before = part.attempts is not None and _stands(part, "attempts") < _stands(part, "exits")
    before_when = part.attempts is not None and _stands(part, "attempts") < _stands(part, "when")
    return ir.Stage(
        id=name,
        title=title,
        funnel=str(part.funnel or title),
        track=draft.track,
        parent=parent,
        enter=(
            *gates(draft, part.enter_requires, f"{name}/enter_requires"),
            *ticked(draft, part.enter_checklist, f"{name}/enter_checklist"),
        ),
        leave=_leave(draft, part, name),
        checklist={
            str(item): str(said) for item, said in (part.enter_checklist | part.checklist).items()
        },
        on_enter=actions(draft, part.on_enter, f"{name}/on_enter"),
        on_leave=actions(draft, part.on_leave, f"{name}/on_leave"),
        whens=tuple((*again.whens, *whens) if before_when else (*whens, *again.whens)),
        exits=tuple((*again.exits, *exits) if before else (*exits, *again.exits)),
        programs=tuple(programs),
        tracks=tuple(
            ir.Track(
                id=str(track),
                title=str(of.title or track),
                stages=tuple(f"{track}.{s}" for s in of.stages),
            )
            for track, of in part.tracks.items()
        ),
        always=part.always,
        final=part.final or "",
        convert=tuple(
            _conversion(draft, conversion, f"{name}/convert/{index}")
            for index, conversion in enumerate(part.convert)
        ),
        reopen=draft.stage(part.reopen) if part.reopen else "",
        erase_after=part.erase_after,
        pos=draft.node(f"stage.{name}", word.spot),
    )


def _leave(draft: Draft, part: source.Stage, name: str) -> tuple[ir.Gate, ...]:
    asked = gates(draft, part.requires, f"{name}/requires")
    twice = {gate.item for gate in asked if gate.condition is None}
    items = ticked(draft, part.checklist, f"{name}/checklist")
    return (*asked, *(gate for gate in items if gate.item not in twice))


def _stands(part: source.Stage, key: str) -> Position:
    """Where a key stands in the stage; one that is not written stands first."""
    return part.spot_of(key).position()


def _conversion(draft: Draft, part: source.Conversion, ref: str) -> ir.Conversion:
    pipeline = draft.name("pipeline", part.pipeline) if part.pipeline else ""
    return ir.Conversion(
        create=tuple(part.create),
        condition=draft.condition(part.if_, ref),
        pipeline=pipeline,
        requires=gates(draft, part.requires, f"{ref}/requires"),
        map=carried(draft, part.map, pipeline),
        pos=draft.node(ref, part.spot),
    )


def tasks(draft: Draft) -> None:
    """Compiles the tasks met so far, and those that their buttons and steps bring along."""
    while draft.waiting:
        part, draft.signals = draft.waiting.pop(0)
        draft.tasks[str(part.id)] = _task(draft, part)
    draft.signals = ()
    in_order = sorted(draft.tasks.items(), key=lambda item: draft.met[item[0]].spot.position())
    draft.tasks = dict(in_order)


def _task(draft: Draft, part: Task) -> ir.Task:
    ref = f"task.{part.id}"
    return ir.Task(
        id=str(part.id),
        title=text(draft, part.title, ref),
        body=text_or_template(draft, part.body, "task", ref) if part.body else None,
        video=str(part.video or ""),
        due=draft.moment(part.due),
        assign=assignee(draft, part.assign, ref),
        outcomes={str(outcome): str(label) for outcome, label in part.outcomes.items()},
        by=by(draft, part.by, ref, ("assignee", *ROLES[2:])),
        buttons=tuple(
            ir.Button(
                label=str(button.label),
                do=actions(draft, button.do, f"{ref}/buttons/{index}/do"),
                outcome=draft.name("outcome", button.outcome, str(part.id))
                if button.outcome
                else "",
                pos=draft.node(f"{ref}/buttons/{index}", button.spot),
            )
            for index, button in enumerate(part.buttons)
        ),
        overdue=overdue(draft, part.overdue, f"{ref}/overdue", part.spot_of("overdue")),
        remind=part.remind,
        fixed_due=part.fixed_due,
        keep=part.keep,
        pos=draft.node(ref, part.spot),
    )


def documents(draft: Draft) -> dict[str, ir.Document]:
    """Numbered documents."""
    return {
        str(word): ir.Document(
            id=str(word),
            title=str(part.title or word),
            number=str(part.number or ""),
            restart=part.restart,
        )
        for word, part in draft.model.documents.items()
    }
