"""Step (b): reactions, which stay in their stage (language.md, Meaning 1)."""

from __future__ import annotations

from leadflow.engine.decision import Refusal
from leadflow.engine.draft import Draft, Place
from leadflow.engine.levels import keys, levels, meant, stands, true, visit_of
from leadflow.engine.people import may, not_allowed
from leadflow.engine.perform import perform
from leadflow.engine.pipeline import When
from leadflow.engine.refs import AUTO, Level
from leadflow.engine.sends import Origin


class Reactions:
    """The reactions of one step: each runs once a visit, and what the cause meets is looked at once."""

    __slots__ = ("looked", "ran", "stood")

    def __init__(self, d: Draft) -> None:
        self.stood = levels(d)
        """Visits that the cause and the changes met; one that the step begins hears of neither."""
        self.ran: set[tuple[str, str]] = set()
        self.looked: set[str] = set()

    def run(self, d: Draft) -> list[Refusal]:
        """All that match, in file order; after each, those that wait for a change or for their `if` are asked again."""
        while (found := self._next(d)) is not None:
            when, scope = found
            by_hand = when.trigger.kind == "signal" and d.cause.decision
            if by_hand and not may(when.by, d.cause.actor, d.s):
                return [not_allowed(when.by, f"'{when.label or d.cause.name}'")]
            self.ran.add((when.ref, scope))
            origin = Origin(manual=by_hand and when.label != "")
            perform(d, when.do, Place(scope, visit_of(d, scope)), origin)
        return []

    def _next(self, d: Draft) -> tuple[When, str] | None:
        wanted = (*keys(d), AUTO) if d.index.waits_for_truth else keys(d)
        for level, scope in levels(d) if wanted else ():
            for when in level.whens.find(wanted):
                if (
                    (when.ref, scope) not in self.ran
                    and self._asked(d, when, level, scope)
                    and stands(d, when)
                    and true(d, when.condition)
                ):
                    return when, scope
        return None

    def _asked(self, d: Draft, when: When, level: Level, scope: str) -> bool:
        kind = when.trigger.kind
        if kind == "auto":
            return when.ref not in d.s.holding
        if (level, scope) not in self.stood:
            return False
        if kind == "changed":
            return True
        first = when.ref not in self.looked
        self.looked.add(when.ref)
        return first and meant(d, when)


def holding(d: Draft) -> tuple[str, ...]:
    """Reactions without trigger whose condition holds at the end of a step: they run when it turns true again."""
    if not d.index.waits_for_truth:
        return ()
    return tuple(
        when.ref
        for level, _ in levels(d)
        for when in level.auto_whens
        if stands(d, when) and true(d, when.condition)
    )
