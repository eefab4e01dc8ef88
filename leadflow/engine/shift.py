"""How far a deadline moves when a new version of the pipeline says another duration, or has another calendar."""

from __future__ import annotations

from datetime import datetime

from leadflow.engine.calendar import add, left
from leadflow.engine.clock import iso, parse_iso
from leadflow.engine.clocks import arm, plus
from leadflow.engine.draft import Draft, replace
from leadflow.engine.durations import Duration
from leadflow.engine.pipeline import Pipeline
from leadflow.engine.state import Deadline


class Shift:
    """For one lead: ``d`` is its draft under the new version, ``old`` the version it comes from."""

    def __init__(self, d: Draft, old: Pipeline) -> None:
        self.d = d
        self.old = old
        new = d.pipeline
        self.clock_changed = (old.calendar, old.timezone) != (new.calendar, new.timezone)
        """Whether even equal durations may end at another time."""

    def unless_same(self, key: str, since: datetime, was: Duration, now: Duration) -> None:
        """`by`, where the deadline is armed and anything has changed."""
        if key in self.d.s.deadlines and (was != now or self.clock_changed):
            self.by(key, since, was, now)

    def by(self, key: str, since: datetime, was: Duration, now: Duration) -> None:
        """Moves a deadline by the difference of two durations counted from ``since``."""
        d = self.d
        one = replace(d.s.deadlines[key], unit=now)
        due = self.stands(key) + (plus(d, since, now) - self.before(since, was))
        due = max(due, d.now)
        if key in d.s.paused:  # it stands still, with so much more or less left
            p = d.pipeline
            d.s.deadlines[key] = one
            rest = left(d.now, due, now, p.calendar, p.timezone)
            d.s.paused = {**d.s.paused, key: rest}
        else:
            arm(d, key, replace(one, due=iso(due)))

    def stands(self, key: str) -> datetime:
        """When it is due; of a stopped one: when it would be if it went on now, as the old version counts."""
        s = self.d.s
        one: Deadline = s.deadlines[key]
        if one.due:
            return parse_iso(one.due)
        asleep = s.sleep.left if s.sleep is not None else {}
        return self.before(self.d.now, s.paused.get(key) or asleep.get(key) or Duration())

    def before(self, since: datetime, duration: Duration) -> datetime:
        """So long after an instant, as the old version counts."""
        return add(since, duration, self.old.calendar, self.old.timezone)
