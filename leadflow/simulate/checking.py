"""Scenarios against their pipeline: every unknown name and impossible time, in its place, before anything runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from leadflow.engine.calendar import add
from leadflow.engine.clock import CalendarError
from leadflow.engine.moments import MomentError, parse_moment
from leadflow.engine.pipeline import Pipeline, StartPipeline
from leadflow.engine.refs import index
from leadflow.installation import Installation
from leadflow.simulate.differing import NEVER
from leadflow.simulate.instants import absolute
from leadflow.simulate.names import PAYMENTS, STANDARD_REFUSALS, Names, names_of
from leadflow.simulate.people import ADMIN, ROLES, with_people
from leadflow.simulate.schema import Person, Scenario, ScenarioFile, Start, Step
from leadflow.simulate.story import REASONS
from leadflow.spec.problems import Problem
from leadflow.spec.schema.base import BAD_DURATION, BAD_MOMENT, BAD_VALUE, Word
from leadflow.spec.suggest import hint_for_unknown

TWICE, NO_LEAD, BACKWARDS, NO_ANSWER, NOTHING_EXPECTED = "LF703", "LF704", "LF705", "LF706", "LF707"
FIELD, STAGE, TASK, OUTCOME, SIGNAL, PERSON = "LF201", "LF202", "LF203", "LF204", "LF205", "LF207"
TRACK, DOCUMENT, ITEM, SOURCE, MESSAGE, TAKEN = "LF209", "LF210", "LF213", "LF215", "LF501", "LF220"

NOBODY = "nobody"


def check_scenarios(
    file: ScenarioFile, pipeline: Pipeline, home: Installation
) -> tuple[Problem, ...]:
    """All that is wrong with a file's scenarios (their shape is right).

    Args:
        file: as read.
        pipeline: the one it names.
        home: the installation, without the file's own people.
    """
    people = with_people(home, file.people)
    checker = _Checker(pipeline, names_of(pipeline, people))
    found = [*_people(file), *_twice(file.scenarios)]
    for scenario in file.scenarios:
        found += checker.scenario(scenario)
    return tuple(sorted(set(found)))


def _people(file: ScenarioFile) -> Iterator[Problem]:
    for word, entry in file.people.items():
        if word in ROLES and (word != ADMIN or isinstance(entry, Person)):
            hint = (
                "name the person: anna: {supervisor: olga}; of admins a list will do: admin: olga"
            )
            yield word.spot.problem(TAKEN, f"'{word}' is a role, not a person or a team", hint)


def _twice(scenarios: Iterable[Scenario]) -> Iterator[Problem]:
    seen: set[str] = set()
    for scenario in scenarios:
        if scenario.name in seen:
            message = f"a second scenario '{scenario.name}'"
            yield scenario.name.spot.problem(TWICE, message, "rename one of them")
        seen.add(str(scenario.name))


class _Checker:
    def __init__(self, pipeline: Pipeline, names: Names) -> None:
        self.pipeline = pipeline
        self.names = names
        actions = index(pipeline).actions.values()
        self.begun = {a.do.pipeline for a in actions if isinstance(a.do, StartPipeline)} | {
            conversion.pipeline
            for stage in pipeline.stages.values()
            for conversion in stage.convert
        }
        """Pipelines whose leads this one begins: their names in a scenario."""

    def scenario(self, scenario: Scenario) -> Iterator[Problem]:
        leads = {*self.begun}
        now: datetime | None = None
        yield from self._start(scenario.start)
        if scenario.start.at is not None:
            now, found = self._absolute(scenario.start.at, None)
            yield from found
        for step in scenario.steps:
            if step.lead is not None and step.lead not in leads:
                hint = hint_for_unknown("lead", step.lead, leads - {""})
                yield step.lead.spot.problem(NO_LEAD, f"no lead is called '{step.lead}' here", hint)
            elif step.lead is None or step.lead not in self.begun:
                yield from self._step(step)
            now, found = self._time(step, now)
            yield from found
            leads |= {str(step.as_)} if step.as_ else set()
        if not any(step.expect or step.refused is not None for step in scenario.steps):
            hint = "end it with - expect: {stage: …}"
            yield scenario.name.spot.problem(NOTHING_EXPECTED, "nothing is expected here", hint)

    def _time(self, step: Step, now: datetime | None) -> tuple[datetime | None, list[Problem]]:
        """The instant after a step, as far as it can be known; time must not go backwards."""
        at = step.start.at if step.start is not None else step.at or step.until
        if at is not None:
            return self._absolute(at, now)
        if step.wait is not None and now is not None:
            try:
                return add(now, step.wait, self.pipeline.calendar, self.pipeline.timezone), []
            except CalendarError as error:
                return None, [step.spot_of("wait").problem(BAD_DURATION, str(error))]
        return now, []

    def _absolute(self, word: Word, now: datetime | None) -> tuple[datetime | None, list[Problem]]:
        found = absolute(word, self.pipeline)
        if found is None:
            return None, list(self._moment(word))
        if now is not None and found < now:
            hint = "time only moves on: put the step earlier, or write a later moment"
            return now, [word.spot.problem(BACKWARDS, f"'{word}' has passed by then", hint)]
        return found, []

    def _moment(self, word: Word) -> Iterator[Problem]:
        """A text that should be a point in time."""
        if absolute(word, self.pipeline) is not None:
            return
        try:
            moment = parse_moment(word)
        except MomentError as error:
            yield word.spot.problem(BAD_MOMENT, str(error), 'or like "2026-11-23 10:00"')
            return
        if moment.field and moment.field not in self.names.fields:
            hint = 'write it like "2026-11-23 10:00", "2 days" or "3 days before FIELD"'
            yield word.spot.problem(BAD_MOMENT, f"'{word}' is not a point in time", hint)

    def _known(
        self, code: str, kind: str, words: Iterable[Any], known: Iterable[str]
    ) -> Iterator[Problem]:
        listed = list(known)
        for word in words:
            if isinstance(word, Word) and word not in listed:
                hint = hint_for_unknown(kind, word, listed)
                yield word.spot.problem(code, f"unknown {kind} '{word}'", hint)

    def _start(self, start: Start) -> Iterator[Problem]:
        names = self.names
        yield from self._known(FIELD, "field", start.fields, names.fields)
        yield from self._known(STAGE, "stage", _some(start.stage), self.pipeline.stages)
        yield from self._known(PERSON, "user", _some(start.user, start.owner), names.users)
        if self.pipeline.sources:
            yield from self._known(SOURCE, "source", _some(start.source), self.pipeline.sources)
        for step, variant in start.variants.items():
            yield from self._known(BAD_VALUE, "step with variants", [step], names.variants)
            if step in names.variants:
                yield from self._known(BAD_VALUE, "variant", [variant], names.variants[step])

    def _step(self, step: Step) -> Iterator[Problem]:
        names = self.names
        if step.start is not None:
            yield from self._start(step.start)
        yield from self._known(PERSON, "person", _some(step.by), [*names.people, "assignee"])
        yield from self._known(NO_ANSWER, "reason", step.refused or (), self._refusals())
        if step.refused is None:  # what is refused may well be wrong
            yield from self._act(step)
        for word in (step.snooze, *(step.reschedule or {}).values()):
            yield from self._moment(word) if word is not None else ()
        if step.expect is not None:
            yield from self._expect(step)

    def _refusals(self) -> list[str]:
        names = self.names
        return list(dict.fromkeys([*STANDARD_REFUSALS, *names.gates, *names.fields, *names.items]))

    def _act(self, step: Step) -> Iterator[Problem]:
        names = self.names
        yield from self._known(SIGNAL, "signal", _some(step.signal), names.signals)
        tasks = _some(step.task, step.press, *(step.reschedule or ()))
        yield from self._known(TASK, "task", (t for t in tasks if not _settles(t)), names.tasks)
        if step.task in names.outcomes:
            outcomes = names.outcomes[str(step.task)]
            yield from self._known(OUTCOME, "outcome", _some(step.outcome), outcomes)
        yield from self._known(ITEM, "checklist item", step.tick or (), names.items)
        stages = [*_some(step.move), *(word for word in _some(step.reopen) if word != "true")]
        yield from self._known(STAGE, "stage", stages, names.stages)
        yield from self._known(PERSON, "user", _some(step.assign), [*names.users, NOBODY])
        fields = (*step.fields, *(step.set_ or ()), *step.goes_to)
        yield from self._known(FIELD, "field", fields, names.fields)

    def _expect(self, step: Step) -> Iterator[Problem]:
        names, expect = self.names, step.expect
        assert expect is not None  # noqa: S101 - asked by the caller
        yield from self._known(STAGE, "stage", _some(expect.stage), names.stages)
        tracks: Mapping[Word, Word] = expect.tracks or {}
        yield from self._known(TRACK, "track", tracks, names.tracks)
        ends = [*names.stages, "done", "failed"]
        yield from self._known(STAGE, "stage", tracks.values(), ends)
        yield from self._known(PERSON, "user", _some(expect.owner), [*names.users, NOBODY])
        tasks = [*(expect.open_tasks or ()), *(expect.due or ()), *(expect.overdue or ())]
        yield from self._known(TASK, "task", (t for t in tasks if not _settles(t)), names.tasks)
        fields = [*names.fields, *PAYMENTS]
        yield from self._known(FIELD, "field", expect.fields or (), fields)
        items = [*(expect.sent or ()), *(expect.skipped or ())]
        said = _some(*(item.template for item in items))
        yield from self._known(MESSAGE, "message", said, names.messages)
        reasons = _some(*(item.reason for item in expect.skipped or ()))
        yield from self._known(NO_ANSWER, "reason", reasons, REASONS)
        told = [word for item in expect.notified or () for word in item.to]
        people = [*told, *(expect.watched_by or ())]
        yield from self._known(PERSON, "person", people, names.people)
        yield from self._known(NO_ANSWER, "gate", expect.waiting_for or (), self._refusals())
        levels = [expect.funnel] if isinstance(expect.funnel, Word) else expect.funnel or ()
        yield from self._known(STAGE, "level", levels, [*names.levels, *names.stages])
        told_at = _some(*(item.at for item in (*items, *(expect.notified or ()))))
        for word in (*told_at, *(expect.due or {}).values()):
            if word not in NEVER and absolute(word, self.pipeline) is None:
                message = f"'{word}' is not a point in time"
                yield word.spot.problem(BAD_MOMENT, message, 'write it like "2026-11-23 10:00"')
        if isinstance(expect.documents, Mapping | list):
            yield from self._known(DOCUMENT, "document", expect.documents, names.documents)


def _some(*words: Word | None) -> list[Word]:
    return [word for word in words if word is not None]


def _settles(word: Word) -> bool:
    return word.startswith("settle_")
