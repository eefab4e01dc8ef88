"""A send whose database goes away: what the other side has said is kept, what it has not been given goes later, soon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from leadflow.errors import Unreachable
from proving.sinks.process import Sink
from tests.support.desk import Desk

PATIENT = 12
"""An attempt after many others, which all had their reasons."""


@pytest.fixture
def away(one: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets a step of the ledger fail as often as said, then work."""
    monkeypatch.setattr("activities.send.AWAY", timedelta(milliseconds=1))

    def fail(name: str, times: int, *, done: bool = False) -> None:
        """``done``: it is committed, and the answer is lost."""
        real, left = getattr(one.ledger, name), times

        def step(*args: Any, **named: Any) -> Any:
            nonlocal left
            if not left:
                return real(*args, **named)
            left -= 1
            if done:
                real(*args, **named)
            message = "the database does not answer"
            raise Unreachable(message)

        monkeypatch.setattr(one.ledger, name, step)

    return fail


def attempt(one: Desk, number: int) -> None:
    one.environment.info = replace(one.environment.info, attempt=number)


async def pause(one: Desk, key: str) -> float:
    """An attempt that comes to nothing; the seconds until the next one."""
    with pytest.raises(ApplicationError) as caught:
        await one.send(key)
    assert caught.value.next_retry_delay is not None
    return caught.value.next_retry_delay.total_seconds()


async def test_the_answer_is_written_when_the_database_is_back(
    one: Desk, key: str, smtp: Sink, away: Callable[..., None]
) -> None:
    """D3: the mail server has said yes, and the database is gone for a while: nobody has to be asked."""
    away("finish", 3)
    assert (await one.send(key)).result == "accepted"
    assert (one.row(key).state, smtp.count()) == ("accepted", 1)


async def test_a_refusal_is_written_when_the_database_is_back(
    one: Desk, key: str, smtp: Sink, away: Callable[..., None]
) -> None:
    """D3: the same of a refusal for now: the next attempt sends."""
    smtp.script({"at": "dot", "reply": "451 4.3.0 busy", "times": 1})
    away("release", 3)
    assert await pause(one, key) == 2
    assert one.row(key).state == "planned"
    assert (await one.send(key)).result == "accepted"
    assert smtp.count() == 1


@pytest.mark.parametrize("done", [False, True], ids=["lost", "committed"])
async def test_without_a_last_look_nothing_leaves(
    one: Desk, key: str, smtp: Sink, away: Callable[..., None], done: bool
) -> None:
    """D3: the last look fails, whether or not it was committed: no byte goes, nothing is in doubt, the next attempt sends."""
    away("hand_over", 1, done=done)
    await pause(one, key)
    assert (one.row(key).state, smtp.count()) == ("planned", 0)
    assert (await one.send(key)).result == "accepted"
    assert smtp.count() == 1


async def test_trouble_of_our_own_does_not_add_up(
    one: Desk, key: str, away: Callable[..., None]
) -> None:
    """Many attempts had to wait for something; the database's absence is waited for as after the first."""
    away("claim", 1)
    attempt(one, PATIENT)
    assert await pause(one, key) < 1


@pytest.mark.parametrize(("number", "seconds"), [(1, 2), (2, 4), (PATIENT, 600), (10_000, 600)])
async def test_a_refusal_for_now_is_given_more_and_more_time(
    one: Desk, key: str, smtp: Sink, number: int, seconds: int
) -> None:
    """M1: a mail server that is busy is not asked every second, nor less than every ten minutes."""
    smtp.script({"at": "rcpt", "reply": "450 4.2.0 later", "times": 1})
    attempt(one, number)
    assert await pause(one, key) == seconds
