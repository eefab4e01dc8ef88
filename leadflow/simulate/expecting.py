"""Expected against found: one check a key of ``expect``, each answering with both in plain words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from leadflow.engine.clock import parse_iso
from leadflow.engine.fields import Value
from leadflow.engine.scope import lead
from leadflow.simulate import found, words
from leadflow.simulate.acts import Edge, value_of
from leadflow.simulate.differing import NEVER, Difference, Scene, at, listed, same, whole
from leadflow.simulate.expecting_messages import notified, sent
from leadflow.simulate.instants import absolute
from leadflow.simulate.names import PAYMENTS
from leadflow.simulate.schema import Expect
from leadflow.simulate.world import Life
from leadflow.spec.compile.values import plain
from leadflow.values import BadValue


def differences(expect: Expect, scene: Scene) -> list[Difference]:
    """All that is not as expected, in the order of the reference."""
    return [
        difference
        for key, check in _CHECKS.items()
        if (wanted := getattr(expect, key)) is not None
        for difference in check(key, wanted, scene)
    ]


Check = Callable[[str, Any, Scene], Iterable[Difference]]


def _stage(key: str, wanted: str, scene: Scene) -> Iterator[Difference]:
    return same(key, wanted, scene.life.state.stage)


def _tracks(key: str, wanted: Mapping[str, str], scene: Scene) -> Iterator[Difference]:
    life = scene.life
    stages, ends = found.tracks(life), found.track_ends(life)
    for track, stage in wanted.items():
        has = stages.get(track, "")
        full = f"{track}.{has}"
        yield from same(f"{key}: {track}", stage, has, full, ends.get(track, has))


def _visits(key: str, wanted: str, scene: Scene) -> Iterator[Difference]:
    state = scene.life.state
    return same(key, wanted, str(state.visits.get(state.stage, 0)))


def _owner(key: str, wanted: str, scene: Scene) -> Iterator[Difference]:
    return same(key, wanted or found.NOBODY, scene.life.state.owner or found.NOBODY)


def _open_tasks(key: str, wanted: Iterable[str], scene: Scene) -> Iterator[Difference]:
    return whole(key, wanted, found.tasks_open(scene.life))


def _overdue(key: str, wanted: Iterable[str], scene: Scene) -> Iterator[Difference]:
    return whole(key, wanted, found.overdue(scene.life))


def _due(key: str, wanted: Mapping[str, str], scene: Scene) -> Iterator[Difference]:
    for task, moment in wanted.items():
        yield from at(f"{key}: {task}", moment, found.due(scene.life, task), scene.life)


def _fields(key: str, wanted: Mapping[str, Any], scene: Scene) -> Iterator[Difference]:
    life = scene.life
    paid = {name: lead(life.pipeline, life.state, ("deal", name))[1] for name in PAYMENTS}
    for name, raw in wanted.items():
        yield from _field(f"{key}: {name}", name, raw, paid | life.state.fields, life)


def _field(
    key: str, name: str, raw: Any, values: Mapping[str, Value], life: Life
) -> Iterator[Difference]:
    has = values.get(name)
    given = plain(raw)
    try:
        wanted = value_of(Edge.of(life), (PAYMENTS | life.pipeline.fields)[name], given)
    except (BadValue, KeyError) as error:
        yield Difference(key, f"{words.value(given)} ({error})", words.value(has))
        return
    if wanted in (None, False) and has in (None, False):  # a flag starts false
        return
    if wanted != has:
        yield Difference(key, words.value(wanted), words.value(has))


def _pinned(key: str, wanted: Sequence[str], scene: Scene) -> Iterator[Difference]:
    text, template = found.pinned(scene.life)
    meant = [one for one in wanted if one not in NEVER] or [""]
    for one in meant:
        yield from same(key, one.strip(), text.strip(), template or text.strip())


def _waiting_for(key: str, wanted: Iterable[str], scene: Scene) -> Iterator[Difference]:
    return whole(key, wanted, found.waiting_for(scene.life))


def _next(key: str, wanted: str, scene: Scene) -> Iterator[Difference]:
    life = scene.life
    due, names = found.upcoming(life)
    if wanted in names or (wanted in NEVER and not due):
        return
    meant = absolute(wanted, life.pipeline)
    if meant is None or not due or parse_iso(due) != meant:
        named = f" ({names[-1]})" if names else ""
        yield Difference(key, wanted, f"{found.shown(life, due)}{named}")


def _snoozed(key: str, wanted: str, scene: Scene) -> Iterator[Difference]:
    until = found.snoozed(scene.life)
    if wanted in {"true", "false"}:
        return same(key, wanted, "true" if until else "false")
    return at(key, wanted, until, scene.life)


def _audiences(key: str, wanted: Iterable[str], scene: Scene) -> Iterator[Difference]:
    return whole(key, wanted, scene.life.state.audiences)


def _watched_by(key: str, wanted: Iterable[str], scene: Scene) -> Iterator[Difference]:
    named, users = found.watchers(scene.life)
    if sorted(wanted) != sorted(named):
        yield from whole(key, wanted, users or named)


def _documents(key: str, wanted: Any, scene: Scene) -> Iterator[Difference]:
    has = scene.life.state.documents
    if not isinstance(wanted, Mapping):
        yield from whole(key, [wanted] if isinstance(wanted, str) else wanted, has)
        return
    for document, number in wanted.items():
        yield from same(f"{key}: {document}", number, has.get(document, ""))


def _created(key: str, wanted: Any, scene: Scene) -> Iterator[Difference]:
    life = scene.life
    has = life.state.created_records
    if not isinstance(wanted, Mapping):
        yield from whole(key, [wanted] if isinstance(wanted, str) else wanted, has)
        return
    for record, values in wanted.items():
        if record not in has:
            yield Difference(key, str(record), listed(has))
            continue
        for name, raw in values.items():
            carried = life.converted.get(record, {})
            yield from _field(f"{key}: {record}: {name}", name, raw, carried, life)


def _erased(key: str, wanted: bool, scene: Scene) -> Iterator[Difference]:  # noqa: FBT001 - a check's signature
    said = {True: "true", False: "false"}
    return same(key, said[wanted], said[bool(scene.life.state.erased)])


def _leads(key: str, wanted: str, scene: Scene) -> Iterator[Difference]:
    leads = [life for life in scene.lives if life.state.kind == "lead"]
    return same(key, wanted, str(len(leads)))


def _funnel(key: str, wanted: Any, scene: Scene) -> Iterator[Difference]:
    stages = scene.life.pipeline.stages
    if not isinstance(wanted, Mapping):
        stage = stages[scene.life.state.stage]
        yield from same(key, str(wanted), stage.funnel, stage.id)
        return
    reached = found.funnel(scene.lives, scene.story)
    for name, number in wanted.items():
        level = stages[name].funnel if name in stages else name
        yield from same(f"{key}: {name}", number, str(reached.get(level, 0)))


_CHECKS: dict[str, Check] = {
    "stage": _stage,
    "tracks": _tracks,
    "visits": _visits,
    "owner": _owner,
    "open_tasks": _open_tasks,
    "overdue": _overdue,
    "due": _due,
    "fields": _fields,
    "pinned": _pinned,
    "sent": sent,
    "notified": notified,
    "skipped": sent,
    "waiting_for": _waiting_for,
    "next": _next,
    "snoozed": _snoozed,
    "audiences": _audiences,
    "watched_by": _watched_by,
    "documents": _documents,
    "created": _created,
    "erased": _erased,
    "leads": _leads,
    "funnel": _funnel,
}
