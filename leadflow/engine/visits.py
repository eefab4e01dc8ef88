"""Visits: a stage is entered and left, with all that belongs to the visit (language.md, Meaning 4 and 5)."""

from __future__ import annotations

from leadflow.engine import programs, tasks
from leadflow.engine.clock import iso, parse_iso
from leadflow.engine.clocks import arm, arm_moment, disarm, disarm_scope, plus, wake
from leadflow.engine.draft import PIPELINE, Draft, Place, replace, track_scope
from leadflow.engine.durations import Duration
from leadflow.engine.effects import WatchChanged
from leadflow.engine.perform import perform
from leadflow.engine.pipeline import Exit, People, Stage, When
from leadflow.engine.recall import messages, recall
from leadflow.engine.refs import Level
from leadflow.engine.state import Deadline, TrackRun
from leadflow.errors import EngineError

MOST_EXITS = 50
"""In one event; more is a loop without a wait, and quarantines the lead (Meaning 1)."""


def enter(d: Draft, stage: str) -> None:
    """Begins the visit that `end_visit` has made room for."""
    node = d.index.stage(stage)
    s = d.s
    s.stage, s.entered = stage, d.at
    d.visit_changed()
    s.visits = {**s.visits, stage: s.visits.get(stage, 0) + 1}
    scope = d.stage_scope
    d.note("entered", stage, pos=node.pos, visit=s.visits[stage])
    if node.final:
        _close(d, node)
    else:
        _begin(d, node, scope)
    perform(d, node.on_enter, Place(scope, scope))
    for track in () if node.final else node.tracks:
        enter_track(d, track.id, track.stages[0])


def enter_track(d: Draft, track: str, stage: str) -> None:
    """Begins a visit within a track; a final stage ends the track."""
    s = d.s
    visit = s.track_visits.get(track, 0) + 1
    node = d.index.stage(stage)
    run = TrackRun(stage=stage, visit=visit, entered=d.at, done=node.final)
    s.track_visits = {**s.track_visits, track: visit}
    s.tracks = {**s.tracks, track: run}
    s.visits = {**s.visits, stage: s.visits.get(stage, 0) + 1}
    d.visit_changed()
    scope = track_scope(track, visit)
    d.note("entered", stage, pos=node.pos, track=track)
    if not node.final:
        _begin(d, node, scope)
    perform(d, node.on_enter, Place(scope, scope))


def _begin(d: Draft, node: Stage, scope: str) -> None:
    arm_ways(d, d.index.level(node.id), scope)
    for program in node.programs:
        if program.kind in {"sequence", "sla"}:
            programs.start(d, program, scope, d.s.resumes.get(program.ref, 0))


def arm_ways(d: Draft, level: Level, scope: str) -> None:
    """Arms what waits for its time; the pipeline's ``after`` counts from creation, be the lead new or reopened."""
    for way in level.timed:
        arm_way(d, way, scope)


def arm_way(d: Draft, way: When | Exit, scope: str) -> None:
    """One of them."""
    trigger = way.trigger
    unit = trigger.after or Duration()
    deadline = Deadline(
        due="",
        kind="exit" if isinstance(way, Exit) else "when",
        ref=way.ref,
        scope=scope,
        unit=unit,
        pos=way.pos,
    )
    if trigger.at is not None:
        arm_moment(d, way.ref, trigger.at, deadline)
        return
    since = parse_iso(d.s.created) if scope == PIPELINE else d.now
    arm(d, way.ref, replace(deadline, due=iso(plus(d, since, unit))))


def reopen(d: Draft, stage: str) -> None:
    """A closed lead goes on in a stage, as a new visit; what has passed meanwhile does not fire (**when**)."""
    s = d.s
    d.note("reopened", stage)
    s.closed, s.closed_at = "", ""
    end_visit(d)
    arm_ways(d, d.index.whole, PIPELINE)
    for key, one in list(s.deadlines.items()):
        if one.scope == PIPELINE and (one.due <= d.at or one.kind == "erase"):
            disarm(d, key)
    enter(d, stage)


def _close(d: Draft, node: Stage) -> None:
    """The lead ends: nothing stays armed but what is to be sent, and the day its data go."""
    s = d.s
    s.closed, s.closed_at = node.final, d.at
    for key in [key for key, one in s.deadlines.items() if one.kind != "send"]:
        disarm(d, key)
    recall(d, messages(d, PIPELINE), "left")
    d.note("closed", node.id, pos=node.pos, outcome=node.final)
    if node.erase_after is not None:
        due = iso(plus(d, d.now, node.erase_after))
        arm(d, "erase", Deadline(due=due, kind="erase", ref="erase", scope=PIPELINE))


def end_visit(d: Draft) -> None:
    """Ends the present visit with its tracks; from here on everything belongs to the next one."""
    s = d.s
    for track, run in s.tracks.items():
        _end_scope(d, track_scope(track, run.visit), run.stage)
    left = s.tracks
    s.tracks = {}
    _end_scope(d, d.stage_scope, s.stage)
    wake(d)
    s.visit += 1
    d.visit_changed()
    scope = d.stage_scope
    for run in left.values():
        perform(d, d.index.stage(run.stage).on_leave, Place(scope, scope))
    perform(d, d.index.stage(s.stage).on_leave, Place(scope, scope))


def _end_scope(d: Draft, scope: str, stage: str) -> None:
    s = d.s
    d.note("left", stage)
    recall(d, messages(d, scope), "left")
    programs.end_scope(d, scope)
    for run in tasks.open_tasks(s):
        if run.scope == scope:
            tasks.cancel(d, run.id)
    disarm_scope(d, scope)
    s.pending = tuple(one for one in s.pending if one.scope != scope)
    _unwatch(d, scope)
    if s.holding:
        over = {when.ref for when in d.index.level(stage).auto_whens}
        s.holding = tuple(ref for ref in s.holding if ref not in over)
    ended = f"{scope}/"
    s.occurrences = {k: n for k, n in s.occurrences.items() if not k.startswith(ended)}


def _unwatch(d: Draft, scope: str) -> None:
    gone = tuple(name for name, since in d.s.watchers.items() if since == scope)
    if gone:
        key = d.key(PIPELINE, "unwatch")
        d.effects.append(WatchChanged(key=key, to=People(names=gone), scope=scope, on=False))
        d.s.watchers = {k: v for k, v in d.s.watchers.items() if v != scope}


def take(d: Draft, way: Exit) -> None:
    """Takes a way whose ``set`` is written and whose gates hold (Meaning 4)."""
    d.exits += 1
    if d.exits > MOST_EXITS:
        message = (
            f"more than {MOST_EXITS} exits in one step, the last '{way.ref}': a loop without a wait"
        )
        raise EngineError(
            message, "give the loop a wait, publish, `leadflow migrate`, then release the lead"
        )
    d.note("exit", way.goto, way.ref, way.pos)
    _, track = d.index.track_of.get(way.goto, ("", ""))
    if not track:
        end_visit(d)
        _do(d, way, d.stage_scope)
        enter(d, way.goto)
        return
    run = d.s.tracks[track]
    _end_scope(d, track_scope(track, run.visit), run.stage)
    scope = track_scope(track, run.visit + 1)
    d.s.tracks = {**d.s.tracks, track: replace(run, visit=run.visit + 1)}
    perform(d, d.index.stage(run.stage).on_leave, Place(scope, scope))
    _do(d, way, scope)
    enter_track(d, track, way.goto)


def _do(d: Draft, way: Exit, scope: str) -> None:
    keys = PIPELINE if way.ref in d.index.whole_refs else scope
    perform(d, way.do, Place(keys, scope))
