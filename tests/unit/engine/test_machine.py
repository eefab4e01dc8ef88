"""The laws of the engine over random pipelines, random leads, random events in any order (Hypothesis).

`Lead` checks them at every event: total, deterministic, refused means unchanged, one version more, new effect keys,
JSON round trip, nothing armed for an ended visit, a tick leaves nothing due. What may still go wrong in a random
pipeline is a loop without a wait: an `EngineError`, after which the lead is parked and released.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from leadflow.engine import events as ev
from leadflow.engine.actions import actions_open
from leadflow.engine.clock import iso
from leadflow.engine.decide import decide, next_deadline, quarantine
from leadflow.engine.pipeline import Pipeline
from leadflow.engine.views import expected_signals, open_tasks, overdue
from leadflow.errors import EngineError
from tests.support import happenings, pipelines
from tests.support.lead import ANNA, MONDAY, Lead

LOOPS = ("a loop without a wait", "do not come to an end")
"""What the checker refuses in a pipeline, and a random one may have."""


def looped(error: EngineError) -> None:
    """Nothing else may break the engine."""
    if not any(loop in str(error) for loop in LOOPS):
        raise error


class Machine(RuleBasedStateMachine):
    """One lead in one pipeline."""

    lead: Lead

    @initialize(
        spec=pipelines.pipelines(),
        fields=happenings.wild_fields,
        stage=st.sampled_from(["", "b", "t.x"]),
        consent=st.sampled_from([("all",), ()]),
        bare=st.booleans(),
        night=st.booleans(),
    )
    def born(
        self,
        spec: Pipeline,
        fields: dict[str, Any],
        stage: str,
        consent: tuple[str, ...],
        bare: bool,
        night: bool,
    ) -> None:
        self.lead = Lead(spec, MONDAY + timedelta(hours=12 * night))
        assert self.lead.signal("go") == ["not_expected"]
        if not bare:
            fields = {"email": "a@example.com", **fields}
        created = ev.Created(id="c", actor=ANNA, fields=fields, stage=stage, consent=consent)
        self.tell(created)

    def tell(self, event: ev.AnyEvent) -> None:
        lead = self.lead
        before = lead.state
        try:
            decision = lead.tell(event)
        except EngineError as error:
            looped(error)
            if before.created:
                lead.state = quarantine(before, str(error), event)
            return
        again = decide(lead.pipeline, before, event, lead.now)
        assert msgspec.json.encode(again) == msgspec.json.encode(decision), "the same twice"

    @rule(event=happenings.events)
    def event(self, event: ev.AnyEvent) -> None:
        self.tell(event)

    @rule(hours=st.sampled_from([0, 1, 12, 40, 500]))
    def time_passes(self, hours: int) -> None:
        lead = self.lead
        target = lead.now + timedelta(hours=hours, microseconds=7)
        for _ in range(60):
            due = next_deadline(lead.state)
            if due is None or due > target:
                break
            lead.now = max(lead.now, due)
            self.tell(ev.Timer(id="t", due=iso(due)))
        lead.now = target

    @precondition(lambda self: self.lead.state.sends)
    @rule(
        pick=st.integers(0, 9), result=st.sampled_from(happenings.RESULTS), at=happenings.instants
    )
    def result(self, pick: int, result: Any, at: str) -> None:
        keys = list(self.lead.state.sends)
        key = keys[pick % len(keys)]
        self.tell(ev.EffectDone(id="d", key=key, result=result, at=at))

    @precondition(lambda self: self.lead.state.finding)
    @rule(owner=st.sampled_from(["anna", "boris", "carl", ""]))
    def found(self, owner: str) -> None:
        self.tell(ev.OwnerFound(id="o", key=self.lead.state.finding, owner=owner))

    @precondition(lambda self: self.lead.state.converting)
    @rule(well=st.booleans())
    def converted(self, well: bool) -> None:
        assert self.lead.state.converting is not None
        key = self.lead.state.converting.key
        if well:
            self.tell(ev.ConvertDone(id="c", key=key, created={"deal": "D"}))
        else:
            self.tell(ev.ConvertFailed(id="f", key=key, reason="no"))

    @precondition(lambda self: bool(open_tasks(self.lead.state)))
    @rule(
        pick=st.integers(0, 9), outcome=st.sampled_from(["", "good", "sent"]), press=st.booleans()
    )
    def worked(self, pick: int, outcome: str, press: bool) -> None:
        """Somebody who may do anything does one of the tasks."""
        tasks = open_tasks(self.lead.state)
        task = tasks[pick % len(tasks)].id
        if press:
            self.tell(ev.ButtonPressed(id="b", task=task, button="Send", actor=happenings.ROOT))
        else:
            self.tell(ev.TaskDone(id="d", task=task, outcome=outcome, actor=happenings.ROOT))

    @precondition(lambda self: bool(self.heard()))
    @rule(pick=st.integers(0, 9), fields=happenings.fields)
    def heeded(self, pick: int, fields: dict[str, Any]) -> None:
        """Somebody who may do anything gives a signal that means something here."""
        names = self.heard()
        name = names[pick % len(names)]
        self.tell(ev.Signal(id="s", name=name, actor=happenings.ROOT, fields=fields))

    def heard(self) -> list[str]:
        return sorted(expected_signals(self.lead.pipeline, self.lead.state))

    @precondition(lambda self: self.lead.state.quarantined)
    @rule()
    def released(self) -> None:
        self.tell(ev.Released(id="r"))

    @rule(pick=st.integers(0, 9))
    def offered(self, pick: int) -> None:
        """What is offered and not blocked can be done: one door, one verdict (X04)."""
        lead = self.lead
        try:
            offers = actions_open(lead.pipeline, lead.state, ANNA, lead.now)
        except EngineError as error:
            looped(error)
            return
        for offer in offers[pick : pick + 1]:
            if offer.kind == "signal":
                self.tell(ev.Signal(id="s", name=offer.name, actor=ANNA))
                assert [one.id for one in offer.blocked] == lead.refused

    @invariant()
    def views(self) -> None:
        if hasattr(self, "lead"):
            expected_signals(self.lead.pipeline, self.lead.state)
            overdue(self.lead.pipeline, self.lead.state)
            if self.lead.state.quarantined:
                assert next_deadline(self.lead.state) is None


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
