"""The lead begins, ends in a conversion, begins again."""

from __future__ import annotations

from leadflow.engine import owners, tasks, visits
from leadflow.engine.clocks import is_zone
from leadflow.engine.decision import Refusal
from leadflow.engine.draft import PIPELINE, Draft, Place, replace
from leadflow.engine.events import ConvertDone, ConvertFailed, Created
from leadflow.engine.exits import of_pending
from leadflow.engine.gates import missing
from leadflow.engine.react import Reactions
from leadflow.engine.step import follow
from leadflow.engine.write import assign, take


def created(d: Draft, event: Created) -> None:
    """Never refused nor gated: a bad value is left out and noted (Meaning 3)."""
    s = d.s
    s.created, s.creator, s.number, s.title = d.at, event.actor.user, event.number, event.title
    s.channel, s.source, s.form, s.call_user = (
        event.channel,
        event.source,
        event.form,
        event.call_user,
    )
    s.timezone = event.timezone if is_zone(event.timezone) else ""
    s.language, s.consent = event.language, event.consent
    s.variants = event.variants
    take(d, {f.id: f.default for f in d.pipeline.fields.values() if f.default is not None})
    bad = {one.field: one.message for one in take(d, event.fields)}
    d.note("created", source=event.source, left_out={**event.left_out, **bad})
    if event.owner:
        owners.give(d, event.owner, "given")
    else:
        owners.route(d)
    reactions = Reactions(d)
    visits.arm_ways(d, d.index.whole, PIPELINE)
    known = event.stage in d.pipeline.stages and event.stage not in d.index.track_of
    s.visit = 1
    d.visit_changed()
    visits.enter(d, event.stage if known else d.index.first)
    follow(d, reactions)


def reopen(d: Draft, stage: str, *, decision: bool) -> list[Refusal]:
    """A closed lead goes on. A person meets the gates of the stage; a client's answer is never turned away."""
    lacking = missing(d, d.index.stage(stage).enter) if decision else []
    if not lacking:
        reactions = Reactions(d)
        visits.reopen(d, stage)
        follow(d, reactions)
    return lacking


def convert_done(d: Draft, event: ConvertDone) -> None:
    """The rows are there: the way is taken."""
    one = d.s.converting
    if one is None or one.key != event.key:
        d.note("recorded", "convert_done", key=event.key)
        return
    d.s.converting = None
    d.s.conversions += 1
    d.s.created_records = {**d.s.created_records, **event.created}
    created_ids = {record: str(number) for record, number in event.created.items()}
    d.note("converted", ref=one.ref, created=dict(created_ids))
    d.cause = of_pending(one)
    reactions = Reactions(d)
    way = d.index.exit(one.ref)
    assign(d, way.set)
    visits.take(d, way)
    follow(d, reactions)


def convert_failed(d: Draft, event: ConvertFailed) -> None:
    """The commit refused: the lead stays, its exit waits until somebody has seen to it (task ``convert_failed``)."""
    one = d.s.converting
    if one is None or one.key != event.key:
        d.note("recorded", "convert_failed", key=event.key)
        return
    d.s.converting = None
    others = tuple(pending for pending in d.s.pending if pending.ref != one.ref)
    d.s.pending = (*others, replace(one, key="", failed=event.reason))
    place = Place(PIPELINE, d.stage_scope)
    tasks.open_task(
        d, tasks.FAILED_TASK, place, one.ref, about="convert_failed", reason=event.reason
    )
    d.note("convert_failed", ref=one.ref, reason=event.reason)
    follow(d, Reactions(d))


def retry_conversion(d: Draft) -> None:
    """The task ``convert_failed`` is done: what it was about is tried again."""
    d.s.pending = tuple(replace(one, failed="") if one.failed else one for one in d.s.pending)
