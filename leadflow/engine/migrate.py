"""Another version under a running lead: it goes on where it stands, by the rules of the new version.

Kept are the visit, everything counted, the field values that still fit, the tasks, programs and messages that are still
there. What the new version does not know is ended with a note, as at the end of a visit. Armed deadlines move by as much
as the new version says otherwise, counted from the same beginning (`leadflow.engine.rearm`). No entry action runs, no
sequence begins, nothing that was done is done again. Then the lead settles like after any step: an exit whose `if` holds
goes, one whose gates hold now, too.

Refused, with every reason, is what would be a guess: the stage, a track or the step under way is gone, steps already
done would come again, a message is on its way of which the new version does not know what follows from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from leadflow.engine.clock import CalendarError
from leadflow.engine.decision import Decision, Refusal
from leadflow.engine.draft import NOTHING, Draft
from leadflow.engine.levels import true
from leadflow.engine.lineage import Lineage, lineage
from leadflow.engine.outlived import MIGRATED, end, renamed, stuck
from leadflow.engine.pipeline import Pipeline
from leadflow.engine.rearm import rearm
from leadflow.engine.state import State
from leadflow.engine.step import facts, step
from leadflow.engine.write import fits
from leadflow.errors import EngineError

DIGITS = 12
"""Of a version's hash, in notes and messages."""


def migrate(old: Pipeline, new: Pipeline, state: State, now: datetime) -> Decision:
    """The lead on a new version of its pipeline, or every reason why it stays on its own.

    Args:
        old: the version that the lead runs on.
        new: the one it is to run on.
        state: the lead; only an open one moves, a quarantined one too.
        now: the instant.
    """
    refusals = (*_not_now(state), *_elsewhere(old, new, state), *_tracks(new, state))
    if refusals:
        return Decision(state, refusals=refusals)
    try:
        return _migrate(old, new, state, now)
    except (EngineError, CalendarError) as error:
        message = f"the new version cannot go on from here: {error}"
        return Decision(state, refusals=(Refusal("not_expected", message),))


def _migrate(old: Pipeline, new: Pipeline, state: State, now: datetime) -> Decision:
    same = lineage(old, new)
    before = Draft(old, state, now)
    before.note("migrated", new.hash[:DIGITS], **{"from": old.hash[:DIGITS]})
    end(before, new, same)
    refusals = tuple(stuck(before, new, same))
    if refusals:
        return Decision(state, refusals=refusals)
    d = Draft(new, renamed(before, new, same), now)
    d.effects, d.notes, d.queue = before.effects, before.notes, before.queue
    d.s.pipeline, d.s.hash = new.id, new.hash
    _values(d, old)
    _pending(d, before, same)
    rearm(d, before.index, same)
    if not d.s.quarantined:
        d.next_step()
        step(d, NOTHING)
        facts(d)
    d.s.version = state.version + 1
    return Decision(d.s, tuple(d.effects), (), tuple(d.notes))


def _not_now(state: State) -> Iterator[Refusal]:
    if state.closed:
        yield Refusal("closed", "the lead is closed: it keeps its version")
    elif not state.created:
        yield Refusal("not_now", "the lead has not begun yet")
    elif state.converting is not None:
        yield Refusal("not_now", "the lead is just being converted")


def _elsewhere(old: Pipeline, new: Pipeline, state: State) -> Iterator[Refusal]:
    if (old.id, old.kind) != (new.id, new.kind):
        yield Refusal("not_expected", f"'{new.id}' is another pipeline")
    stage = new.stages.get(state.stage)
    if state.stage and (stage is None or stage.track):
        yield Refusal("not_expected", f"the new version has no stage '{state.stage}'")
    elif stage is not None and stage.final and not state.closed:
        yield Refusal("not_expected", f"in the new version the stage '{state.stage}' is final")


def _tracks(new: Pipeline, state: State) -> Iterator[Refusal]:
    stage = new.stages.get(state.stage)
    known = {track.id: track.stages for track in stage.tracks} if stage is not None else {}
    for name, run in state.tracks.items():
        if name not in known:
            yield Refusal("not_expected", f"the new version has no track '{name}' in this stage")
        elif run.stage not in known[name]:
            yield Refusal("not_expected", f"the new version has no stage '{run.stage}'")
        elif new.stages[run.stage].final and not run.done:
            yield Refusal("not_expected", f"in the new version the stage '{run.stage}' is final")
    for name in known:
        if name not in state.tracks:
            yield Refusal(
                "not_expected", f"the new version has a track '{name}' here that has not begun"
            )


def _pending(d: Draft, before: Draft, same: Lineage) -> None:
    """Exits that hang on their gates: one with another `if` goes on waiting only if that holds (it is judged once)."""
    was = {after: ref for ref, after in same.items()}
    for one in d.s.pending:
        way = d.index.exit(one.ref)
        same_if = before.index.exit(was[one.ref]).condition == way.condition
        if not (same_if or true(d, way.condition)):
            d.s.pending = tuple(other for other in d.s.pending if other is not one)
            d.note("stopped", one.ref, one.ref, way.pos, reason=MIGRATED)


def _values(d: Draft, old: Pipeline) -> None:
    """Values that fit the new fields stay; the others, and ticks of items that are gone, into the note."""
    s, fields = d.s, d.pipeline.fields
    lost = {f: v for f, v in s.fields.items() if f not in fields or not fits(fields[f], v)}
    s.fields = {f: v for f, v in s.fields.items() if f not in lost}
    items = {item for stage in d.pipeline.stages.values() for item in stage.checklist}
    gone = [item for item in s.ticks if item not in items]
    s.ticks = tuple(item for item in s.ticks if item in items)
    for field in fields.values():
        if field.id not in old.fields and field.default is not None:
            s.fields[field.id] = field.default
    if lost or gone:
        d.note("left_behind", fields=dict(lost), ticks=list(gone))
