"""The laws of migration, over random pipelines, their random later versions, and leads in any situation (Hypothesis).

A lead of the state machine lives on after each migration, under the new version, and all laws of the engine go on to hold
for it: new effect keys, nothing armed for an ended visit, no reference to a node that is not there.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import initialize, precondition, rule

from leadflow.engine.migrate import migrate
from leadflow.engine.pipeline import Pipeline, Send
from leadflow.engine.refs import index
from leadflow.engine.state import State
from tests.support import pipelines, versions
from tests.support.lead import REPEATABLE, nothing_left
from tests.unit.engine.test_machine import LOOPS, Machine

BROKEN = "cannot go on from here"


class Migrating(Machine):
    """One lead under one version after another."""

    spare: Pipeline

    @initialize(spare=pipelines.pipelines())
    def supplied(self, spare: Pipeline) -> None:
        self.spare = spare

    @precondition(lambda self: self.lead.state.created)
    @rule(seed=st.integers(0, 2**32))
    def migrated(self, seed: int) -> None:
        lead = self.lead
        new = versions.later(lead.pipeline, self.spare, seed)
        written = msgspec.json.encode(lead.state)
        decision = migrate(lead.pipeline, new, lead.state, lead.now)
        assert msgspec.json.encode(lead.state) == written, "the state given is never written to"
        if decision.refusals:
            assert decision.state is lead.state
            assert not decision.effects
            assert not decision.notes
            for one in decision.refusals:
                assert BROKEN not in one.message or any(loop in one.message for loop in LOOPS)
            return
        keys = [e.key for e in decision.effects if not isinstance(e, REPEATABLE)]
        waited = set(lead.waiting)
        used = {effect.key for effect in lead.effects} - waited
        assert not used & set(keys), "an effect comes a second time"
        assert len(keys) == len(set(keys))
        assert decision.state.version == lead.state.version + 1
        assert (decision.state.hash, decision.state.pipeline) == (new.hash, new.id)
        lead.pipeline, lead.state = new, decision.state
        lead.effects.extend(decision.effects)
        known(new, decision.state)
        nothing_left(new, decision.state)

    @precondition(lambda self: self.lead.state.created and not self.lead.state.closed)
    @rule()
    def to_the_same(self) -> None:
        """The same version, compiled again, changes nothing but what a tick of nothing would."""
        lead = self.lead
        settled = self.settled()
        if settled is None:
            return
        twin: Pipeline = msgspec.structs.replace(lead.pipeline, hash="twin")
        there = migrate(lead.pipeline, twin, settled, lead.now)
        assert (there.refusals, there.effects) == ((), ())
        assert same(there.state, settled)
        assert [note.kind for note in there.notes] == ["migrated"]

    @precondition(lambda self: self.lead.state.created and not self.lead.state.closed)
    @rule()
    def to_the_same_elsewhere(self) -> None:
        """The same version with every line in another place: nothing is sent, ended or moved, and so it is on the way back."""
        lead = self.lead
        settled = self.settled()
        if settled is None:
            return
        other = versions.renumbered(lead.pipeline)
        there = migrate(lead.pipeline, other, settled, lead.now)
        assert (there.refusals, there.effects) == ((), ())
        assert [note.kind for note in there.notes] == ["migrated"]
        back = migrate(other, lead.pipeline, there.state, lead.now)
        assert (back.refusals, back.effects) == ((), ())
        assert same(back.state, settled)

    def settled(self) -> State | None:
        """The lead after a step about nothing: what time alone has made true is done. None: it cannot migrate now."""
        lead = self.lead
        twin: Pipeline = msgspec.structs.replace(lead.pipeline, hash="settled")
        there = migrate(lead.pipeline, twin, lead.state, lead.now)
        if there.refusals:
            assert {one.id for one in there.refusals} == {"not_now"}
            return None
        return None if there.state.closed or there.state.converting else there.state


def same(one: State, other: State) -> bool:
    """Whether two states differ in their version alone."""
    first, second = msgspec.to_builtins(one), msgspec.to_builtins(other)
    return {**first, "version": 0, "hash": ""} == {**second, "version": 0, "hash": ""}


def known(spec: Pipeline, s: State) -> None:
    """Everything armed or under way is a node of this version."""
    nodes = index(spec)
    timed = {way.ref for way in nodes.exits.values() if way.trigger.kind in {"after", "at"}}
    timed |= {way.ref for way in nodes.whens.values() if way.trigger.kind in {"after", "at"}}
    there: dict[str, Collection[str]] = {
        "exit": timed,
        "when": timed,
        "step": nodes.steps,
        "sla": nodes.programs,
        "due": spec.tasks,
        "remind": spec.tasks,
        "send": [ref for ref, action in nodes.actions.items() if isinstance(action.do, Send)],
        "reassign": ["reassign"] if spec.reassign is not None else [],
        "snooze": ["snooze"],
        "erase": ["erase"],
    }
    for one in s.deadlines.values():
        assert one.ref in there[one.kind]
    assert {key for key, one in s.deadlines.items() if one.kind == "step"} <= set(nodes.programs)
    assert set(s.programs) <= set(nodes.programs)
    assert all(run.ref in nodes.actions for run in s.sends.values())
    assert all(one.ref in nodes.exits for one in s.pending)
    assert set(s.holding) <= set(nodes.whens)
    assert s.stage in spec.stages
    built_in = ("settle", "convert_failed")
    for run in s.tasks.values():
        assert run.status != "open" or run.id in spec.tasks or run.id.startswith(built_in)
    assert set(s.fields) <= set(spec.fields)


TestMigrating = Migrating.TestCase
TestMigrating.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
