"""One lead, written by hand: new → qualified → agreed → won."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy, SearchAttributeKey
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from bench.baseline.activities import Activities
    from bench.baseline.shapes import Inquiry, Mail, Move, Overdue, Task

STAGE = SearchAttributeKey.for_keyword("LeadStage")
STAGES = ("new", "qualified", "agreed", "won")
FOLLOW_UPS = {"reminder": timedelta(days=2), "last": timedelta(days=9)}
"""Template → how long after the offer, unless the client has decided."""
TASK_DUE = timedelta(days=1)
"""Then the supervisor hears of a stage's task, unless the lead has moved on."""
RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=200))


@workflow.defn(name="BenchLead")
class BenchLead:
    """Managers decide through updates, which are refused where they do not fit."""

    @workflow.init
    def __init__(self, inquiry: Inquiry) -> None:
        self._inquiry = inquiry
        self._price = ""
        self._decided = 0
        """Index of the stage that was decided last; `run` follows."""
        self._timers: list[asyncio.Task[None]] = []
        """What is due in this stage if nobody decides."""

    @workflow.update
    def qualify(self, price: str) -> str:
        """The client fits, and agrees to a price for now."""
        self._price = price
        return self._decide("qualified")

    @qualify.validator
    def _may_qualify(self, price: str) -> None:
        self._must_be_in("new")
        if not price:
            raise ApplicationError("the price is missing", type="Refused")

    @workflow.update
    def consent(self) -> str:
        """The client takes the offer."""
        return self._decide("agreed")

    @consent.validator
    def _may_consent(self) -> None:
        self._must_be_in("qualified")

    @workflow.update
    def convert(self) -> str:
        """The lead becomes a deal."""
        return self._decide("won")

    @convert.validator
    def _may_convert(self) -> None:
        self._must_be_in("agreed")

    @workflow.query
    def stage(self) -> str:
        """Where the lead stands."""
        return STAGES[self._decided]

    @workflow.run
    async def run(self, inquiry: Inquiry) -> str:
        """From stage to stage, each as soon as it is decided."""
        lead = inquiry.lead
        workflow.upsert_search_attributes([STAGE.value_set("new")])
        await self._enter(
            "new",
            _do(Activities.assign, inquiry),
            _do(Activities.create_task, Task(lead, "new", f"Связаться: {inquiry.phone}")),
        )
        await self._until("qualified")
        self._arm(self._follow_up(template, after) for template, after in FOLLOW_UPS.items())
        await self._enter(
            "qualified",
            _do(Activities.move, Move(lead, "qualified", self._price)),
            _do(Activities.send_mail, self._mail("offer")),
            _do(Activities.create_task, Task(lead, "qualified", f"Решение: {inquiry.name}")),
        )
        await self._until("agreed")
        await self._enter(
            "agreed",
            _do(Activities.move, Move(lead, "agreed", self._price)),
            _do(Activities.create_task, Task(lead, "agreed", f"Реквизиты: {inquiry.name}")),
        )
        await self._until("won")
        await _do(Activities.convert, Move(lead, "won", self._price))
        return "won"

    def _must_be_in(self, stage: str) -> None:
        if STAGES[self._decided] != stage:
            said = f"the lead is in stage {STAGES[self._decided]}, not in {stage}"
            raise ApplicationError(said, type="Refused")

    def _decide(self, stage: str) -> str:
        self._decided = STAGES.index(stage)
        return stage

    async def _until(self, stage: str) -> None:
        """Waits for a decision; what was due in the stage left is due no more."""
        await workflow.wait_condition(lambda: self._decided >= STAGES.index(stage))
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        workflow.upsert_search_attributes([STAGE.value_set(stage)])

    async def _enter(self, stage: str, *actions: asyncio.Future[Any]) -> None:
        self._arm([self._overdue(stage)])
        await asyncio.gather(*actions)

    def _arm(self, timers: Iterable[Coroutine[Any, Any, None]]) -> None:
        self._timers += [asyncio.create_task(timer) for timer in timers]

    async def _follow_up(self, template: str, after: timedelta) -> None:
        await asyncio.sleep(after.total_seconds())
        await _do(Activities.send_mail, self._mail(template))

    async def _overdue(self, stage: str) -> None:
        await asyncio.sleep(TASK_DUE.total_seconds())
        await _do(Activities.tell_supervisor, Overdue(self._inquiry.lead, stage))

    def _mail(self, template: str) -> Mail:
        to = self._inquiry
        return Mail(to.lead, template, to.name, to.email, self._price)


def _do(action: Callable[..., Any], argument: Any) -> asyncio.Future[Any]:
    """Begins an activity."""
    return workflow.start_activity_method(
        action, argument, start_to_close_timeout=timedelta(seconds=30), retry_policy=RETRY
    )
