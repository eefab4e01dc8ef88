"""The durable shell around the pure machine: one workflow a lead.

The shape, and why (it was put under killed workers, tiny caches and constant renewal before it was taken):

* `_apply` is synchronous. Every door (update, signal, timer, commit's answer, finished send) calls it and nothing else
  changes the state. Nothing runs between an update's validator and its handler: what was allowed is what is applied.
* Four kinds of coroutine: the loop (commit, then hand out sends), timekeeper (the one timer), marker, one per send.
* An update answers when decided: answer and decision become durable in the same workflow task.
* Continue-as-new only with nothing to commit, no send in flight and no handler open, tested without an ``await`` between.
* An error in the engine parks the lead: it refuses decisions and keeps facts until it is released. It never fails a
  workflow task, which would be retried for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Container, Sequence
from datetime import datetime, timedelta

from msgspec import structs
from temporalio import workflow
from temporalio.exceptions import ApplicationError

from leadflow.engine.clock import parse_iso
from leadflow.engine.decide import decide, is_decision
from leadflow.engine.decision import Decision, Refusal
from leadflow.engine.events import AnyEvent, Released, Timer
from leadflow.engine.packed import unpack
from leadflow.engine.state import State
from leadflow.ports import Committed, Planned
from workflows import asking, names, steps, words
from workflows.pending import Pending
from workflows.shapes import RING, Acted, Asked, Looked, Migrated, Start, Told


@workflow.defn(name=names.LEAD_WORKFLOW)
class LeadWorkflow:
    """One lead, from its first inquiry to its closing; renewed and reopened under the same workflow id."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        self._start = start
        self._use(start.pipeline)
        self._state = start.state
        self._seen = dict(start.seen)
        self._pending = Pending(start.state.version)
        self._dirty = False  # the store has to hear of it now
        self._unmarked = False  # a result or tick was applied, and no command has followed yet
        self._in_flight: dict[str, asyncio.Task[None]] = {}  # sends under way, by ledger key
        # Here, not in run(): an update that comes with the start must find a living lead.
        for event in start.events:
            self._apply_quietly(event)

    # ---- doors ------------------------------------------------------------------------------------------------------

    @workflow.update
    def act(self, asked: AnyEvent | Asked) -> Acted:
        """A decision. A plain function: accepted and completed in one workflow task, nothing to drain."""
        event = steps.event_of(asked)
        busy, new, before = self._dirty, event.id not in self._seen, self._state.version
        acted = self._apply(event)
        if self._state.quarantined and (is_decision(event) or isinstance(event, Released)):
            message = f"the lead is quarantined: {self._state.quarantined}"
            raise steps.refused((Refusal("not_now", message),))
        if busy or not isinstance(asked, Asked) or asked.stored > before:
            return acted  # the store is ahead: an operator has reset the run
        return self._left(acted, asked.stored, new=new)

    @act.validator
    def _may_act(self, asked: AnyEvent | Asked) -> None:
        """A refusal here leaves no history; its details are the refusals, one each."""
        if not self._pending.stored:  # a door may have stored another beginning, with another owner
            raise steps.not_yet()
        event = steps.event_of(asked)
        if event.id in self._seen:
            return
        try:
            refusals = self._decide(event).refusals
        except Exception:  # noqa: BLE001 -- an engine bug: let the update in, `_apply` parks the lead
            return
        if refusals:
            raise steps.refused(refusals)

    @workflow.update
    def migrate(self, order: Migrated) -> Acted:
        """Another version of the pipeline. The history keeps it, so does every renewal: no registry is asked, ever."""
        return self._apply(order)

    @migrate.validator
    def _may_migrate(self, order: Migrated) -> None:
        """Whatever goes wrong with it is a refusal: the lead stays on its version."""
        if order.id not in self._seen and (refusals := self._decide(order).refusals):
            raise steps.refused(refusals)

    @workflow.signal
    def tell(self, event: AnyEvent) -> None:
        """A fact from the world."""
        self._apply_quietly(event)

    @workflow.signal
    def mend(self, sends: tuple[Planned, ...]) -> None:
        """Runs sends that no run runs any more, and looks at the store, which may be ahead or behind."""
        self._hand_out(sends)
        self._dirty = True

    @workflow.update
    def look(self) -> None:
        """Is always refused, and the refusal is the answer: it leaves no history, and is no query (decision 0020)."""

    @look.validator
    def _looked(self) -> None:
        pending = self._pending
        raise steps.looked(
            Looked(self._state, pending.stored, tuple(self._in_flight), pending.ids())
        )

    # ---- the only place that changes state --------------------------------------------------------------------------

    def _decide(self, event: Told, now: datetime | None = None) -> Decision:
        pipeline, state, now = self._pipeline, self._state, now or workflow.now()
        if isinstance(event, Migrated):
            pending = self._pending.batch(state).happened
            return steps.migrated(pipeline, state, event, pending, now)
        return decide(pipeline, state, event, now)

    def _use(self, packed: bytes) -> None:
        self._packed, self._pipeline = packed, unpack(packed)

    def _apply(self, event: Told, now: datetime | None = None) -> Acted:
        """Never awaits; raises nothing but a refusal."""
        before = self._state
        if event.id in self._seen:  # a second click, a redelivered webhook, a retry after a renewal
            version = self._seen[event.id]
            return Acted(
                version, before.stage, before.closed, settles=version > self._pending.stored
            )
        try:
            decision = self._decide(event, now)
            if isinstance(event, Timer):
                steps.check_progress(event, decision.state)
        except Exception as error:  # noqa: BLE001 -- whatever an engine bug raises
            decision = steps.parked(before, event, error)
        if decision.refusals:
            raise steps.refused(decision.refusals)
        after = self._state = decision.state
        if isinstance(event, Migrated):
            self._use(event.pipeline)
            self._show()
            self._pending.is_stored(event.stored)
        self._pending.add(event, steps.happened(event, decision, now or workflow.now()))
        self._dirty |= steps.is_news(event, before, decision)
        self._seen[event.id] = after.version
        while len(self._seen) > RING:
            del self._seen[next(iter(self._seen))]
        workflow.set_current_details(words.details(self._pipeline, after))
        return Acted(after.version, after.stage, after.closed, settles=steps.settles(before, after))

    def _left(self, acted: Acted, stored: int, *, new: bool) -> Acted:
        """The answer with all that has to be stored, if it may be left to who asked; else the loop commits it."""
        self._pending.is_stored(stored)
        batch = self._pending.batch(self._state)
        if not batch.happened or not steps.may_be_left(batch.state, batch.happened):
            return acted
        self._dirty = False
        if new:
            sends = (steps.planned(effect) for effect in batch.happened[-1].effects)
            self._hand_out([one for each in sends for one in each], early=True)
        return structs.replace(acted, batch=batch)

    def _apply_quietly(self, event: Told) -> None:
        try:
            self._apply(event)
        except ApplicationError:  # a result or tick that came too late: it changed nothing
            workflow.logger.info("ignored %s %s", type(event).__name__, event.id)

    # ---- the loop ---------------------------------------------------------------------------------------------------

    @workflow.run
    async def run(self, start: Start) -> None:
        """Commits what was decided, hands out what may leave the house, renews itself, ends when the lead is closed."""
        beside = [asyncio.create_task(one) for one in (self._timekeeper(), self._marker())]
        workflow.set_current_details(words.details(self._pipeline, self._state))
        self._show()
        self._hand_out(start.sends)
        while True:
            if self._must_flush():
                await self._flush()
            elif self._over():
                for task in beside:
                    task.cancel()
                return
            elif self._may_renew():
                workflow.continue_as_new(
                    Start(self._packed, self._state, (), self._seen, self._start.renew_at)
                )
            else:
                await workflow.wait_condition(
                    lambda: self._must_flush() or self._over() or self._may_renew()
                )

    def _must_flush(self) -> bool:
        return self._dirty or bool(self._pending and (self._over() or self._may_renew()))

    def _idle(self) -> bool:
        return not self._in_flight and workflow.all_handlers_finished()

    def _over(self) -> bool:
        """Closed for good: what the last stage sends is gone, only ``erase_after`` may still be armed (a sweep's)."""
        return self._idle() and steps.rests(self._state, workflow.now())

    def _may_renew(self) -> bool:
        info = workflow.info()
        long = info.get_current_history_length() > self._start.renew_at
        return (long or info.is_continue_as_new_suggested()) and self._idle()

    async def _flush(self) -> None:
        """What one or more events changed is stored together; what arrives meanwhile waits for the next round."""
        batch = self._pending.batch(self._state)
        self._dirty = self._unmarked = False
        answer = await asking.commit(batch)
        self._unmarked = True
        if answer.concluded and answer.ahead is None and self._state is batch.state:
            self._conclude(answer)
        elif answer.ahead is None:
            self._pending.is_stored(batch.state.version)
        elif self._seen.get(answer.last) == answer.ahead.version:  # stored by a door since
            self._pending.is_stored(answer.ahead.version)
        else:
            self._use(answer.pipeline or self._packed)
            self._show()
            self._go_on_from(answer.ahead, answer.known)
        for fact in () if answer.concluded else answer.facts:
            self._apply_quietly(fact)
        self._hand_out(answer.sends)

    def _conclude(self, answer: Committed) -> None:
        """The commit has applied its facts; here they lead to the same, as of the same instant."""
        for fact in answer.facts:
            self._apply(fact, parse_iso(answer.concluded))
        self._pending.is_stored(self._state.version)
        self._dirty = False

    def _hand_out(self, sends: Sequence[Planned], *, early: bool = False) -> None:
        """``early``: whoever stores the step is still to plan them; else their rows are in the ledger."""
        for planned in sends:
            if planned.key not in self._in_flight:
                self._unmarked = False
                self._in_flight[planned.key] = asyncio.create_task(self._send(planned, early=early))

    def _go_on_from(self, stored: State, known: Container[str]) -> None:
        """After an operator's reset the store is ahead: what came since the reset is applied to what it holds."""
        self._state = stored
        for event in self._pending.begin_again(stored.version, known):
            del self._seen[event.id]
            self._apply_quietly(event)

    async def _send(self, planned: Planned, *, early: bool) -> None:
        done = await asking.send(planned, early=early)
        del self._in_flight[planned.key]
        self._apply_quietly(steps.result(done, planned.key, self._state.version, workflow.now()))
        self._unmarked = True

    async def _timekeeper(self) -> None:
        """The one timer: armed again only when the nearest deadline changes, never by an unrelated event."""
        while True:
            due = steps.due(self._state)
            left = max(parse_iso(due) - workflow.now(), timedelta(0)) if due else None
            try:
                await workflow.wait_condition(
                    lambda due=due: self._is_new(due),  # type: ignore[misc]  # mypy 9176: no type for `due`
                    timeout=left,
                )
            except TimeoutError:
                self._unmarked = True
                if steps.due(self._state) == due:
                    self._apply_quietly(Timer(id=f"timer/{due}/{self._state.version}", due=due))

    async def _marker(self) -> None:
        """No task that heard a result or timer stays without a command, whatever the loop waits for (decision 0018)."""
        while True:
            await workflow.wait_condition(lambda: self._unmarked)
            await asyncio.sleep(0)  # the loop first: it may have a command, or the end
            heard, self._unmarked = self._unmarked, False
            if heard:
                await asking.mark()

    def _is_new(self, due: str) -> bool:
        """Whether the timer must be armed anew; of a run that is about to end it need not even be cancelled."""
        now = steps.due(self._state)
        return now != due and bool(now or not self._state.closed)

    def _show(self) -> None:
        """Nothing to do, if whoever began the run has given it its search attributes."""
        if changed := words.updates(workflow.info().typed_search_attributes, self._pipeline):
            workflow.upsert_search_attributes(changed)
