"""What becomes of one lead, as far as people have a say: a plot drawn from the seed, with their pauses and slips."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random

from leadflow.engine.clock import iso
from leadflow.engine.events import (
    Actor,
    AnyEvent,
    Assigned,
    ButtonPressed,
    Created,
    FieldsSet,
    Moved,
    Reopened,
    Signal,
    Snoozed,
    TaskDone,
    TaskPostponed,
    Ticked,
    Woken,
)
from proving.chaos.desk import SUPERVISOR, Desk

LOOK_SECONDS = 1.0
PATIENCE = 110.0
"""Seconds that somebody waits for a stage, and then leaves the lead to its timers."""
NAMES = ("Иван Петров", "Мария Ким", "Олег Сидоров", "Анна-Мария Ли", "Ядвига Ёлкина")


class Left(Exception):
    """Nobody does anything more for this lead: something was refused, or took too long."""


class Story:
    """One lead and whoever works on it."""

    def __init__(self, desk: Desk, number: int, seed: str) -> None:
        self._desk = desk
        self._number = number
        self._random = Random(f"{seed}/{number}")  # noqa: S311 -- no secret
        self._ids = count(1)
        self._lead = ""

    async def begin(self) -> None:
        """The inquiry comes in."""
        self._lead = await self._desk.add(self._number, self._created(), self._random)

    async def go_on(self) -> None:
        """Plays the plot to its end."""
        plots: dict[Callable[[], Awaitable[None]], int] = {
            self._sale: 45,
            self._refusal: 10,
            self._no_answer: 10,
            self._stop: 12,
            self._second_chance: 8,
            self._opt_out: 5,
            self._silence: 7,
            self._nobody: 3,
        }
        (plot,) = self._random.choices(list(plots), list(plots.values()))
        try:
            await self._pause(0.5, 3)
            await self._small_things()
            await plot()
        except Left:
            return

    def _created(self) -> Created:
        number = self._number
        return Created(
            id=self._id("inquiry"),
            fields={
                "name": self._random.choice(NAMES),
                "phone": f"+7916{number:07d}",
                "email": f"client{number}@example.org",
            },
            channel="form",
        )

    async def _sale(self) -> None:
        await self._offered()
        await self._pause(1, 12)
        if self._random.random() < 0.3:  # noqa: PLR2004 -- a share
            await self._fact("replied", channel="email")
            await self._try(TaskDone(id=self._id("answer"), actor=SUPERVISOR, task="answer"))
        await self._decided("agreed", "agreed")
        await self._stage("agreed")
        ticked = Ticked(id=self._id("tick"), actor=await self._owner(), items=("requisites",))
        await self._do(ticked)
        await self._pause(0.2, 2)
        await self._do(Signal(id=self._id("convert"), actor=SUPERVISOR, name="convert"))

    async def _refusal(self) -> None:
        await self._offered()
        await self._pause(1, 6)
        await self._decided("refused", "lost")

    async def _no_answer(self) -> None:
        for _ in range(3):
            done = TaskDone(
                id=self._id("call"), actor=await self._owner(), task="contact", outcome="no_answer"
            )
            await self._do(done)
            await self._pause(2.5, 5)

    async def _stop(self) -> None:
        """The client wants nothing more of it, in the middle of a sequence."""
        await self._offered()
        await self._pause(0, 8)
        await self._do(self._moved())

    async def _second_chance(self) -> None:
        await self._pause(0, 4)
        await self._do(self._moved())
        await self._pause(0.5, 4)
        await self._do(Reopened(id=self._id("reopen"), actor=SUPERVISOR))
        await self._sale()

    async def _opt_out(self) -> None:
        await self._offered()
        await self._pause(0, 4)
        await self._fact("unsubscribed", channel="email")

    async def _silence(self) -> None:
        await self._offered()
        if self._random.random() < 0.5:  # noqa: PLR2004 -- a share
            until = datetime.now(UTC) + timedelta(seconds=self._random.uniform(2, 8))
            asleep = Snoozed(id=self._id("snooze"), actor=await self._owner(), until=iso(until))
            await self._do(asleep)
            if self._random.random() < 0.5:  # noqa: PLR2004 -- a share
                await self._try(Woken(id=self._id("wake"), actor=await self._owner()))

    async def _nobody(self) -> None:
        """Its timers alone."""

    async def _small_things(self) -> None:
        """What happens on any day."""
        acts: list[Callable[[Actor], AnyEvent]] = [
            lambda by: FieldsSet(id=self._id("edit"), actor=by, fields={"price": "1000"}),
            lambda _: Assigned(id=self._id("assign"), actor=SUPERVISOR, to="vera"),
            lambda by: TaskPostponed(
                id=self._id("later"),
                actor=by,
                task="contact",
                due=iso(datetime.now(UTC) + timedelta(seconds=8)),
            ),
        ]
        for act in acts:
            if self._random.random() < 0.2:  # noqa: PLR2004 -- a share
                await self._try(act(await self._owner()))
        if self._random.random() < 0.2:  # noqa: PLR2004 -- a share
            await asyncio.gather(*(self._fact("call_in") for _ in range(3)))

    async def _offered(self) -> None:
        """As far as the offer that went out."""
        by = await self._owner()
        price = str(self._random.randint(1_000, 900_000))
        qualified = Signal(
            id=self._id("qualify"), actor=by, name="qualified", fields={"price": price}
        )
        await self._do(qualified)
        await self._pause(0.2, 3)
        button = self._random.choice(("Почтой", "По SMS"))
        pressed = ButtonPressed(
            id=self._id("press"), actor=await self._owner(), task="offer", button=button
        )
        await self._do(pressed)
        await self._stage("offered")

    async def _decided(self, outcome: str, stage: str) -> None:
        """A task is done; now and then by two people at once who do not agree."""
        acts = [
            TaskDone(
                id=self._id("decide"), actor=await self._owner(), task="discuss", outcome=outcome
            )
        ]
        if self._random.random() < 0.15:  # noqa: PLR2004 -- a share
            other = "refused" if outcome == "agreed" else "agreed"
            acts.append(
                TaskDone(id=self._id("decide"), actor=SUPERVISOR, task="discuss", outcome=other)
            )
        taken = await asyncio.gather(*(self._desk.act(self._lead, act) for act in acts))
        if sum(taken) > 1:
            self._desk.wrong(self._lead, "two people did one task, and both were believed")
        if not taken[0]:
            raise Left(stage)

    async def _stage(self, stage: str) -> None:
        """Waits until the board shows it."""
        end = asyncio.get_running_loop().time() + PATIENCE
        while (row := await self._desk.look(self._lead)).stage != stage:
            if row.closed or asyncio.get_running_loop().time() > end:
                raise Left(stage)
            await asyncio.sleep(LOOK_SECONDS)

    async def _do(self, event: AnyEvent) -> None:
        """A decision without which the story ends."""
        if not await self._desk.act(self._lead, event):
            raise Left(event.id)

    async def _try(self, event: AnyEvent) -> None:
        """A decision that may be refused."""
        await self._desk.act(self._lead, event)

    async def _fact(self, name: str, **data: str) -> None:
        event = Signal(id=self._id(name), name=name, data=dict(data))
        await self._desk.tell(self._lead, event)

    def _moved(self) -> Moved:
        return Moved(
            id=self._id("move"), actor=SUPERVISOR, stage="lost", fields={"lost_reason": "refused"}
        )

    async def _owner(self) -> Actor:
        return await self._desk.owner(self._lead)

    async def _pause(self, least: float, most: float) -> None:
        await asyncio.sleep(self._random.uniform(least, most))

    def _id(self, what: str) -> str:
        return f"{self._number}-{next(self._ids)}-{what}"
